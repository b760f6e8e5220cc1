"""Time to an event: the hazard ratio, the log-rank test, and how many were still without it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import polars as pl
import scipy

from attunement.impact.coefficients import coefficients
from attunement.impact.design import independent
from attunement.impact.edge import Floats, Labels, Rows, arms, numbers, once_each, rows
from attunement.impact.errors import ImpactError
from attunement.impact.estimate import Estimate, Fit
from attunement.impact.failing import Unfit, answers_failure, failed
from attunement.impact.flags import Flag, Flagged
from attunement.impact.glm import spread
from attunement.impact.hazards import Whole, log_rank, partial_likelihood, product_limit
from attunement.impact.newton import maximise
from attunement.impact.regressors import Design, design


@dataclass(frozen=True)
class Survival(Fit):
    """A Fit with `curves`, the frame that `kaplan_meier` gives for the families analysed."""

    curves: pl.DataFrame = field(default_factory=pl.DataFrame, compare=False)

    def to_dict(self) -> dict[str, Any]:
        return super().to_dict() | {"curves": self.curves.to_dicts()}


METHOD = "Cox regression, Efron's ties, observed information, normal interval"


@answers_failure
def time_to_event(
    data: pl.DataFrame, *, time: str, event: str, arm: str, covariates: Sequence[str] = (), strata: str | None = None,
    labels: Labels | None = None, family: str | None = None,
) -> Fit:  # fmt: skip
    """Log hazard ratio of arm 1 with a baseline hazard a stratum, on the complete cases.

    `time` (any unit) ends with the event (`event` 1) or unobserved (0). `effect` is the arm's coefficient (a natural
    log; the ratio in `extras`); `estimates` holds all coefficients and the log-rank tests `log_rank` and
    `log_rank_stratified` (chi-square on 1 df, with p). `diagnostics`: log likelihoods and events. `curves` is as from
    `kaplan_meier`. Failures are flagged: CONSTANT (no event), and, with the tests and the curves still given, COLLINEAR,
    SEPARATION (all events in one arm), SMALL_CELL.
    Sources: Cox 1972, JRSS B 34:187; Efron 1977, JASA 72:557; Mantel 1966, Cancer Chemotherapy Reports 50:163.
    """
    used = rows(
        data, outcome=time, arm=arm, covariates=covariates, site=strata, labels=labels, family=family, also=[event]
    )
    had_event = used.also[event]
    _check(used.outcome, time, had_event, event)
    if not had_event.any():
        raise Unfit(Flag.CONSTANT, f"no family had '{event}'", used.by_arm, used.missing)
    stratum = np.zeros(used.arm.size, dtype=np.int64)
    if used.site is not None:
        stratum = np.unique(used.site, return_inverse=True)[1].astype(np.int64)
    tests = _tests(used, had_event, stratum, arm)
    known = pl.DataFrame({time: used.outcome, event: had_event, arm: used.arm})
    curves = kaplan_meier(known, time=time, event=event, arm=arm)
    try:
        fit = _cox(used, had_event, stratum, arm, covariates, event)
    except Unfit as fault:
        fit = failed(fault, term=arm, estimand=f"log hazard ratio of {event}", method=METHOD)
    estimates, flagged = (*fit.estimates, *tests), (*fit.flagged, *_one_armed(used, had_event))
    return Survival(fit.effect, estimates, fit.vcov, {}, fit.diagnostics, flagged, curves)


def _cox(
    used: Rows, event: Floats, stratum: Whole, arm: str, covariates: Sequence[str], name: str
) -> Fit:  # fmt: skip
    # the strata carry the levels, so the model has no site columns
    had = _told_apart(design(replace(used, site=None), arm, covariates, level=False), used, stratum)
    centred = had.matrix - had.matrix.mean(axis=0)
    likelihood = partial_likelihood(centred, used.outcome, event, stratum)
    start = np.zeros(centred.shape[1])
    if len(independent(likelihood(start)[2])[0]) < start.size:
        reason = f"the families at risk at the moments of '{name}' do not differ enough"
        raise Unfit(Flag.SMALL_CELL, reason, used.by_arm, used.missing)
    found = maximise(likelihood, start, spread(centred))
    return coefficients(
        had, found, used, slice(0, None), estimand=f"log hazard ratio of {name}", method=METHOD,
        diagnostics={"missing": used.missing, "events": int(event.sum()), "loglik": found.loglik,
                     "loglik_null": likelihood(start)[0]},
    )  # fmt: skip


def _told_apart(had: Design, used: Rows, stratum: Whole) -> Design:
    """Without the columns that do not vary within strata; Unfit where that is the arm's."""
    sizes = np.bincount(stratum)[:, None]
    means = np.stack([np.bincount(stratum, column) for column in had.matrix.T], axis=1) / sizes
    within = had.matrix - means[stratum]
    within[np.abs(within) < 1e-12 * np.abs(had.matrix).max(axis=0)] = 0.0
    kept, aliased = independent(within)
    if had.matrix.shape[1] - 1 in aliased:
        reason = f"'{had.names[-1]}' follows from the strata or covariates, so its effect cannot be told from theirs"
        raise Unfit(Flag.COLLINEAR, reason, used.by_arm, used.missing)
    told = tuple(Flagged(Flag.COLLINEAR, f"'{had.names[at]}' follows from the strata and was left out") for at in aliased)
    names = tuple(had.names[at] for at in kept)
    return Design(names, had.matrix[:, kept], np.eye(len(kept)), (*had.flagged, *told))


def kaplan_meier(
    data: pl.DataFrame, *, time: str, event: str, arm: str, labels: Labels | None = None
) -> pl.DataFrame:  # fmt: skip
    """The share still without the event, one row an arm and distinct time, from time 0.

    Columns: arm (0/1), time, at_risk, events, censored, survival, se (Greenwood's, of the share), low, high (95 %, on
    the log(-log) scale; null where the share is 0 or 1). Sources: Kaplan and Meier 1958, JASA 53:457; Greenwood 1926.
    """
    times, events, arm_of = numbers(data, time), numbers(data, event), arms(data, arm, labels)
    once_each(data, [time, event, arm])
    known = ~np.isnan(times) & ~np.isnan(events)
    _check(times[known], time, events[known], event)
    parts = []
    for value in (0, 1):
        had = known & (arm_of == value)
        if had.any():
            curve = product_limit(times[had], events[had])
            start = pl.DataFrame({"time": [0.0], "at_risk": [int(had.sum())], "events": [0], "censored": [0],
                                  "survival": [1.0], "se": [0.0]})  # fmt: skip
            rest = pl.DataFrame({name: getattr(curve, name) for name in start.columns}, schema=start.schema)
            parts.append(pl.concat([start, rest] if curve.time[0] > 0 else [rest]).insert_column(
                0, pl.Series("arm", [value] * (rest.height + (curve.time[0] > 0)))))  # fmt: skip
    if not parts:
        raise ImpactError(f"No family has '{time}' and '{event}' known.", Flag.MISSING)
    inner = pl.col("survival").is_between(0, 1, closed="none")
    width = 1.959963984540054 * pl.col("se") / (pl.col("survival") * pl.col("survival").log())
    bent = (-pl.col("survival").log()).log()
    return pl.concat(parts).with_columns(
        low=pl.when(inner).then((-(bent - width).exp()).exp()), high=pl.when(inner).then((-(bent + width).exp()).exp())
    )


def _check(times: Floats, time: str, events: Floats, event: str) -> None:
    if not np.isin(events, (0.0, 1.0)).all():
        raise ImpactError(f"Column '{event}' holds other values than 0 and 1.")
    if (times < 0).any():
        raise ImpactError(f"Column '{time}' holds a negative time.", Flag.EXPOSURE)


def _tests(used: Rows, event: Floats, stratum: Whole, arm: str) -> tuple[Estimate, ...]:
    made = []
    for term, groups in (("log_rank", np.zeros_like(stratum)), ("log_rank_stratified", stratum)):
        chi = log_rank(used.outcome, event, used.arm, groups)
        p = None if chi is None else float(scipy.special.chdtrc(1, chi))
        words = f"chi-square of equal hazards by {arm}" + (", within strata" if term.endswith("stratified") else "")
        made.append(Estimate(term, words, chi, None, 1.0, None, None, p, "log-rank test", used.arm.size, used.by_arm))
    return tuple(made[: 1 if used.site is None else 2])


def _one_armed(used: Rows, event: Floats) -> tuple[Flagged, ...]:
    few = [a for a in (0, 1) if event[used.arm == a].sum() < 5]
    return tuple(Flagged(Flag.SMALL_CELL, f"arm {a} has fewer than five events") for a in few)
