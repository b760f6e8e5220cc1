"""Who was lost to follow-up: how many, whether more in one arm, and what kind of families."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import sqrt

import numpy as np
import polars as pl

from attunement.impact import glm
from attunement.impact.asked import names
from attunement.impact.coefficients import coefficients
from attunement.impact.curves import normal_p
from attunement.impact.edge import Floats, Labels, Rows, numbers, rows
from attunement.impact.estimate import Estimate, Fit
from attunement.impact.failing import Unfit, answers_failure
from attunement.impact.flags import Flag, Flagged
from attunement.impact.regressors import design
from attunement.impact.risk import newcombe, wilson

METHOD = "logistic regression of a missing outcome, normal interval"


@answers_failure
def attrition(
    data: pl.DataFrame, *, outcome: str, arm: str, covariates: Sequence[str] = (), site: str | None = None,
    labels: Labels | None = None, family: str | None = None,
) -> Fit:  # fmt: skip
    """How many families have no `outcome`: overall, by arm, and by the pattern of what was known of them.

    `effect` is the differential attrition (arm 1 less arm 0, Newcombe's interval); `estimates` also `overall`,
    `arm_0`, `arm_1` (Wilson's intervals), and the pattern model's log odds ratios of being lost: `arm`'s column, each
    covariate and site, and `covariate x arm` from a second model in which families differ by arm in who is lost.
    Families with a covariate missing count everywhere but in the pattern models. Flags: SEPARATION, MISSING.
    Sources: Newcombe 1998, Statistics in Medicine 17:873; What Works Clearinghouse 2022, Standards 5.0, on overall and
    differential attrition.
    """
    covariates = names(covariates)
    lost = np.isnan(numbers(data, outcome)).astype(np.float64)
    told = data.with_columns(pl.Series(outcome, lost))
    everyone = rows(told, outcome=outcome, arm=arm, labels=labels, family=family)
    effect, shares = _shares(everyone, outcome)
    used = rows(told, outcome=outcome, arm=arm, covariates=covariates, site=site, labels=labels)
    estimates, flagged = list((effect, *shares)), list(used.flagged)
    if used.missing:
        flagged.append(
            Flagged(Flag.MISSING, f"{used.missing} families without a covariate are not in the pattern model")
        )
    for crossed in (False, True) if covariates else (False,):
        try:
            fit = _pattern(used, arm, covariates, outcome, crossed)
        except Unfit as fault:
            flagged.append(Flagged(fault.flag, f"no pattern model{' by arm' if crossed else ''}: {fault.reason}"))
            continue
        estimates += [e for e in fit.estimates if crossed == (" x " in e.term) and e.term != "(intercept)"]
        flagged += [item for item in fit.flagged if item not in flagged]
    diagnostics = {"missing": used.missing, "lost": int(lost.sum()), "families": lost.size}
    return Fit(effect, tuple(estimates), None, {}, diagnostics, tuple(flagged))


def _shares(used: Rows, outcome: str) -> tuple[Estimate, tuple[Estimate, ...]]:
    n = used.by_arm
    lost = tuple(int(used.outcome[used.arm == a].sum()) for a in (0, 1))
    p0, p1 = lost[0] / n[0], lost[1] / n[1]
    se = sqrt(p0 * (1 - p0) / n[0] + p1 * (1 - p1) / n[1])
    pooled = sum(lost) / sum(n)
    chance = sqrt(pooled * (1 - pooled) * (1 / n[0] + 1 / n[1]))
    low, high = newcombe((lost[0], lost[1]), n)
    effect = Estimate(
        "differential", f"share without {outcome}, arm 1 less arm 0", p1 - p0, se, None, low, high,
        normal_p((p1 - p0) / chance) if chance > 0 else None, "Newcombe interval, p by Pearson chi-square", sum(n), n,
    )  # fmt: skip
    shares = tuple(
        Estimate(term, f"share without {outcome}", gone / of, sqrt(gone / of * (1 - gone / of) / of), None,
                 *wilson(gone, of), None, "Wilson interval", of, by)
        for term, gone, of, by in (("overall", sum(lost), sum(n), n), ("arm_0", lost[0], n[0], (n[0], 0)),
                                   ("arm_1", lost[1], n[1], (0, n[1])))
    )  # fmt: skip
    return effect, shares


def _pattern(used: Rows, arm: str, covariates: Sequence[str], outcome: str, crossed: bool) -> Fit:
    if np.ptp(used.outcome) == 0:
        raise Unfit(Flag.CONSTANT, "nobody or everybody was lost", used.by_arm, used.missing)
    terms: list[str] = list(covariates)
    if crossed:
        terms += [f"{name} x {arm}" for name in covariates]
        centred: Floats = used.covariates - used.covariates.mean(axis=0)
        used = replace(used, covariates=np.hstack([used.covariates, centred * used.arm[:, None]]))
    had = design(used, arm, terms)
    found = glm.logistic(had.matrix, used.outcome)
    return coefficients(
        had, found, used, slice(0, None), estimand=f"log odds ratio of no {outcome}", method=METHOD,
        diagnostics={"loglik": found.loglik},
    )  # fmt: skip
