"""Risks: of each arm, their difference and their ratios, crude and adjusted."""

from __future__ import annotations

from collections.abc import Sequence
from math import exp, inf, log, sqrt
from typing import Literal

import numpy as np
import polars as pl
import scipy

from attunement.impact import glm
from attunement.impact.asked import names, option
from attunement.impact.curves import NORMAL_975, normal_p
from attunement.impact.edge import Floats, Labels, Rows, rows
from attunement.impact.errors import ImpactError
from attunement.impact.estimate import Estimate, Fit
from attunement.impact.failing import Unfit, answers_failure
from attunement.impact.flags import Flag, Flagged
from attunement.impact.regressors import design

Errors = Literal["model", "hc0", "hc1"]
ADJUSTED = "logistic regression, g-computation over all rows, delta method"


@answers_failure
def risk(
    data: pl.DataFrame, *, outcome: str, arm: str, covariates: Sequence[str] = (), site: str | None = None,
    se: Errors = "model", labels: Labels | None = None, family: str | None = None,
) -> Fit:  # fmt: skip
    """Risks of `outcome` (0/1 or false/true) by arm, their difference and ratios, on the complete cases.

    Crude terms: `risk_0`, `risk_1` (Wilson's intervals), `risk_difference` (Newcombe's), `log_risk_ratio`,
    `log_odds_ratio` (Woolf's errors). With covariates or a site also `adjusted_...`: everybody predicted under arm 1
    and under arm 0 by a logistic regression, averaged; the odds ratio is the regression's own, conditional. `effect`
    is the adjusted difference, or the crude one where nothing is adjusted for or the adjusted one does not exist.
    Errors come from the model's covariance (`se="model"`) or the sandwich ("hc0"; "hc1" is times n / (n - p)); the
    others stand in `extras`. Ratios are natural logs, with the ratio and its limits in `extras`; a ratio to or of a
    risk of 0 or 1 has no value. Flags: SEPARATION, SMALL_CELL (an empty cell), CONSTANT, COLLINEAR.
    Sources: Newcombe 1998, Statistics in Medicine 17:873, method 10; Wilson 1927, JASA 22:209; Woolf 1955, Annals of
    Human Genetics 19:251; Moore and van der Laan 2009, Statistics in Medicine 28:39, eq. 3.
    """
    option(se, ("model", "hc0", "hc1"), "se")
    covariates = names(covariates)
    used = rows(data, outcome=outcome, arm=arm, covariates=covariates, site=site, labels=labels, family=family)
    if not np.isin(used.outcome, (0.0, 1.0)).all():
        raise ImpactError(f"Column '{outcome}' holds other values than 0 and 1.")
    crude, flagged = _crude(used, outcome), _cells(used, outcome)
    if (covariates or site is not None) and not any(item.flag is Flag.CONSTANT for item in flagged):
        adjusted, more = _adjusted(used, outcome, arm, covariates, se)
    else:
        adjusted, more = (), used.flagged
    effect = next(e for e in (*adjusted, *crude) if e.term.endswith("risk_difference") and e.value is not None)
    return Fit(effect, (*crude, *adjusted), diagnostics={"missing": used.missing}, flagged=flagged + more)


def wilson(events: int, n: int) -> tuple[float, float]:
    """Wilson's 95 % interval for a share of `events` in `n` > 0."""
    share, square = events / n, NORMAL_975**2
    middle = 2 * n * share + square
    reach = NORMAL_975 * sqrt(square + 4 * n * share * (1 - share))
    low = 0.0 if events == 0 else (middle - reach) / (2 * (n + square))
    return low, 1.0 if events == n else (middle + reach) / (2 * (n + square))


def newcombe(events: tuple[int, int], n: tuple[int, int]) -> tuple[float, float]:
    """Newcombe's 95 % interval for the share of the second less that of the first (his method 10)."""
    p0, p1 = events[0] / n[0], events[1] / n[1]
    (low0, high0), (low1, high1) = wilson(events[0], n[0]), wilson(events[1], n[1])
    return p1 - p0 - sqrt((p1 - low1) ** 2 + (high0 - p0) ** 2), p1 - p0 + sqrt((high1 - p1) ** 2 + (p0 - low0) ** 2)


def logarithm(
    term: str, estimand: str, value: float, se: float, method: str, used: Rows, **extras: float
) -> Estimate:  # fmt: skip
    """A ratio on the log scale with its normal interval; the ratio itself and its limits in `extras`."""
    if not np.isfinite(value):
        return Estimate(term, estimand, None, method=method, n=used.arm.size, n_by_arm=used.by_arm)
    low, high = value - NORMAL_975 * se, value + NORMAL_975 * se
    shown = {name: exp(x) for name, x in (("ratio", value), ("ratio_low", low), ("ratio_high", high)) if x < 700}
    return Estimate(
        term, estimand, value, se, None, low, high, normal_p(value / se) if se > 0 else None, method, used.arm.size,
        used.by_arm, shown | extras,
    )  # fmt: skip


def _counts(used: Rows) -> tuple[tuple[int, int], tuple[int, int]]:
    n0, n1 = used.by_arm
    return (int(used.outcome[used.arm == 0].sum()), int(used.outcome[used.arm == 1].sum())), (n0, n1)


def _cells(used: Rows, outcome: str) -> tuple[Flagged, ...]:
    events, n = _counts(used)
    total = sum(events)
    if total in (0, sum(n)):
        return (Flagged(Flag.CONSTANT, f"{'nobody' if total == 0 else 'everybody'} had '{outcome}'"),)
    return tuple(
        Flagged(Flag.SMALL_CELL, f"{'nobody' if events[a] == 0 else 'everybody'} in arm {a} had '{outcome}'")
        for a in (0, 1) if events[a] in (0, n[a])
    )  # fmt: skip


def _crude(used: Rows, outcome: str) -> tuple[Estimate, ...]:
    events, n = _counts(used)
    p0, p1 = events[0] / n[0], events[1] / n[1]
    low, high = newcombe(events, n)
    risks = [
        Estimate(f"risk_{a}", f"risk of {outcome} in arm {a}", p, sqrt(p * (1 - p) / n[a]), None, *wilson(events[a], n[a]),
                 None, "crude, Wilson interval", n[a], (n[0], 0) if a == 0 else (0, n[1]))
        for a, p in ((0, p0), (1, p1))
    ]  # fmt: skip
    difference = Estimate(
        "risk_difference", f"risk difference of {outcome}, crude", p1 - p0,
        sqrt(p1 * (1 - p1) / n[1] + p0 * (1 - p0) / n[0]), None, low, high, _pearson(events, n),
        "crude risk difference, Newcombe interval (hybrid of Wilson scores), p by Pearson chi-square", sum(n), n,
    )  # fmt: skip
    a, c, b, d = events[1], events[0], n[1] - events[1], n[0] - events[0]
    some, all_some = min(a, c) > 0, min(a, b, c, d) > 0
    ratio = logarithm(
        "log_risk_ratio", f"log risk ratio of {outcome}, crude", log(p1 / p0) if some else inf,
        sqrt(1 / a - 1 / n[1] + 1 / c - 1 / n[0]) if some else inf, "crude, normal interval on the log scale", used,
    )  # fmt: skip
    odds = logarithm(
        "log_odds_ratio", f"log odds ratio of {outcome}, crude", log(a * d / (b * c)) if all_some else inf,
        sqrt(1 / a + 1 / b + 1 / c + 1 / d) if all_some else inf, "crude, Woolf interval", used,
    )  # fmt: skip
    return (*risks, difference, ratio, odds)


def _pearson(events: tuple[int, int], n: tuple[int, int]) -> float | None:
    pooled = sum(events) / sum(n)
    if pooled in (0.0, 1.0):
        return None
    return normal_p((events[1] / n[1] - events[0] / n[0]) / sqrt(pooled * (1 - pooled) * (1 / n[0] + 1 / n[1])))


def _adjusted(
    used: Rows, outcome: str, arm: str, covariates: Sequence[str], se: Errors
) -> tuple[tuple[Estimate, ...], tuple[Flagged, ...]]:
    """Adjusted risks, difference, log ratios; none, with the reason, where the arm's own coefficient runs away."""
    try:
        had = design(used, arm, covariates)
    except Unfit as fault:
        return (), (*used.flagged, Flagged(fault.flag, f"{fault.reason}: nothing adjusted"))
    fit = glm.logistic(had.matrix, used.outcome)
    fitted = scipy.special.expit(had.matrix @ fit.at)
    last = had.matrix.shape[1] - 1
    if last in fit.separated or float((fitted * (1 - fitted)).max()) < 1e-6 or not fit.converged:
        flag = Flag.SEPARATION if fit.converged else Flag.NOT_CONVERGED
        return (), (*had.flagged, Flagged(flag, "the arm's adjusted effect has no finite estimate: crude only"))
    flagged = had.flagged + tuple(
        Flagged(Flag.SEPARATION, f"'{had.names[i] if i else 'first site'}' has no finite coefficient")
        for i in fit.separated
    )
    n, p = had.matrix.shape
    errors = {"model": fit.covariance, "hc0": glm.sandwich(had.matrix, used.outcome - fitted, fit.covariance)}
    if n > p:
        errors["hc1"] = errors["hc0"] * (n / (n - p))
    return _standardised(had.matrix, fit.at, errors, se, used, outcome), flagged


def _standardised(
    matrix: Floats, at: Floats, errors: dict[str, Floats], se: Errors, used: Rows, outcome: str
) -> tuple[Estimate, ...]:
    risks, slopes = [], []
    for value in (0.0, 1.0):
        under = matrix.copy()
        under[:, -1] = value
        p = scipy.special.expit(under @ at)
        risks.append(float(p.mean()))
        slopes.append(np.asarray((p * (1 - p)) @ under / p.size))
    own = np.zeros(at.size)
    own[-1] = 1.0
    ratio = slopes[1] / risks[1] - slopes[0] / risks[0]
    made = []
    for term, value, slope in (
        ("risk_0", risks[0], slopes[0]),
        ("risk_1", risks[1], slopes[1]),
        ("risk_difference", risks[1] - risks[0], slopes[1] - slopes[0]),
        ("log_risk_ratio", log(risks[1] / risks[0]), ratio),
        ("log_odds_ratio", float(at[-1]), own),
    ):
        found = {name: sqrt(max(float(slope @ had @ slope), 0.0)) for name, had in errors.items()}
        made.append(_one(term, value, found, se, used, outcome))
    return tuple(made)


def _one(term: str, value: float, found: dict[str, float], se: Errors, used: Rows, outcome: str) -> Estimate:
    if se not in found:
        raise Unfit(Flag.COLLINEAR, f"{used.arm.size} families are too few for '{se}'", used.by_arm, used.missing)
    extras = {f"se_{name}": figure for name, figure in found.items()}
    words = term.replace("_", " ").replace("risk 0", "risk in arm 0").replace("risk 1", "risk in arm 1")
    own = "conditional" if term == "log_odds_ratio" else "adjusted"
    method = ("logistic regression" if term == "log_odds_ratio" else ADJUSTED) + f", {se} covariance"
    made = logarithm(f"adjusted_{term}", f"{words} of {outcome}, {own}", value, found[se], method, used, **extras)
    if term.startswith("log"):
        return made
    p = made.p if term == "risk_difference" else None
    return Estimate(made.term, made.estimand, value, made.se, None, made.low, made.high, p, method, made.n,
                    made.n_by_arm, extras)  # fmt: skip
