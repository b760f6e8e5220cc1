"""Counts of events over time at risk: rates and their ratio."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
import polars as pl

from attunement.impact import glm, negative_binomial
from attunement.impact.asked import option
from attunement.impact.coefficients import coefficients
from attunement.impact.edge import Floats, Labels, Rows, numbers, rows
from attunement.impact.errors import ImpactError
from attunement.impact.estimate import Fit
from attunement.impact.failing import Unfit, answers_failure
from attunement.impact.flags import Flag, Flagged
from attunement.impact.regressors import Design, design

_CHOICES = {
    "poisson": {"model": "model standard error", "hc0": "HC0 standard error", "hc1": "HC1 standard error"},
    "negative_binomial": {
        "observed_joint": "observed information of coefficients and theta together",
        "observed_theta_fixed": "observed information, theta as if known",
        "theta_fixed": "expected information, theta as if known",
    },
}


@answers_failure
def rate(
    data: pl.DataFrame, *, outcome: str, arm: str, exposure: str, covariates: Sequence[str] = (),
    site: str | None = None, family: Literal["poisson", "negative_binomial"] = "poisson", se: str | None = None,
    labels: Labels | None = None, unit: str | None = None,
) -> Fit:  # fmt: skip
    """Log rate ratio of `outcome` (a count) in arm 1, over `exposure` (time at risk, any unit), on the complete cases.

    `effect` is the arm's coefficient (a natural log; the ratio in `extras`); `estimates` holds all. With
    `family="poisson"`, `se` is "model" (default), "hc0" or "hc1"; with "negative_binomial" (variance mu + mu²/theta)
    "observed_joint" (default), "observed_theta_fixed" or "theta_fixed" (as glm.nb): `method` names the one taken and
    the arm's `extras` have all. Rows with no exposure and no event say nothing and are left out, flagged EXPOSURE;
    events without exposure are an error. Where the counts are no more spread than Poisson's, the Poisson fit is given,
    flagged BOUNDARY. `unit` names the column of family identifiers. Other failures: CONSTANT, SEPARATION, COLLINEAR.
    Sources: McCullagh and Nelder 1989, 6.2; Lawless 1987, Canadian J Statistics 15:209.
    """
    option(family, _CHOICES, "family")
    wanted = option(next(iter(_CHOICES[family])) if se is None else se, _CHOICES[family], f"se for the family '{family}'")
    data, flagged = _exposed(data, outcome, exposure)
    used = rows(data, outcome=outcome, arm=arm, covariates=covariates, site=site, labels=labels, family=unit,
                also=[exposure])  # fmt: skip
    if (used.outcome < 0).any() or (used.outcome != np.rint(used.outcome)).any():
        raise ImpactError(f"Column '{outcome}' holds other values than whole numbers from 0: it is no count.")
    if not used.outcome.any():
        raise Unfit(Flag.CONSTANT, f"'{outcome}' is 0 for every family", used.by_arm, used.missing)
    had, offset = design(used, arm, covariates), np.log(used.also[exposure])
    if family == "negative_binomial":
        fit = _overdispersed(had, used, offset, outcome, wanted)
        if fit is not None:
            return replace(fit, flagged=(*flagged, *fit.flagged))
        reason = "the counts are no more spread than Poisson counts: the Poisson fit is given"
        flagged, wanted = (*flagged, Flagged(Flag.BOUNDARY, reason)), "model"
    fit = _poisson(had, used, offset, outcome, wanted)
    return replace(fit, flagged=(*flagged, *fit.flagged))


def _exposed(data: pl.DataFrame, outcome: str, exposure: str) -> tuple[pl.DataFrame, tuple[Flagged, ...]]:
    time, count = numbers(data, exposure), numbers(data, outcome)
    if (time < 0).any():
        raise ImpactError(f"Column '{exposure}' holds a negative exposure.", Flag.EXPOSURE)
    none = time == 0
    if (none & (count > 0)).any():
        families = int((none & (count > 0)).sum())
        raise ImpactError(f"{families} families have '{outcome}' without any '{exposure}'.", Flag.EXPOSURE)
    if not none.any():
        return data, ()
    reason = f"{int(none.sum())} families with no '{exposure}' were left out"
    return data.filter(pl.Series(~none)), (Flagged(Flag.EXPOSURE, reason),)


def _poisson(had: Design, used: Rows, offset: Floats, outcome: str, wanted: str) -> Fit:
    found = glm.poisson(had.matrix, used.outcome, offset)
    n, p = had.matrix.shape
    residual = used.outcome - np.exp(had.matrix @ found.at + offset)
    covariances = {"model": found.covariance, "hc0": glm.sandwich(had.matrix, residual, found.covariance)}
    if n > p:
        covariances["hc1"] = covariances["hc0"] * (n / (n - p))
    elif wanted == "hc1":
        raise Unfit(Flag.SMALL_CELL, f"{n} families are too few for {p} coefficients", used.by_arm, used.missing)
    pearson = float((residual**2 / np.maximum(used.outcome - residual, 1e-300)).sum())
    return coefficients(
        had, found, used, slice(0, None), estimand=f"log rate ratio of {outcome}",
        method=f"Poisson regression, {_CHOICES['poisson'][wanted]}, normal interval",
        diagnostics={"missing": used.missing, "loglik": found.loglik, "pearson_chi_square": pearson, "df_residual": n - p},
        extras=_errors(covariances), covariance=covariances[wanted],
    )  # fmt: skip


def _overdispersed(had: Design, used: Rows, offset: Floats, outcome: str, wanted: str) -> Fit | None:
    found = negative_binomial.fit(had.matrix, used.outcome, offset)
    if found.theta is None or found.theta_se is None:
        return None
    diagnostics = {"missing": used.missing, "loglik": found.joint.loglik, "theta": found.theta, "alpha": 1 / found.theta,
                   "theta_se": found.theta_se}  # fmt: skip
    return coefficients(
        had, found.joint, used, slice(0, had.matrix.shape[1]), estimand=f"log rate ratio of {outcome}",
        method=f"negative binomial regression (NB2), {_CHOICES['negative_binomial'][wanted]}, normal interval",
        diagnostics=diagnostics,
        extras={**_errors(found.covariances), "theta": found.theta, "alpha": 1 / found.theta},
        covariance=found.covariances[wanted],
    )  # fmt: skip


def _errors(covariances: dict[str, Floats]) -> dict[str, float]:
    return {f"se_{name}": float(np.sqrt(had[-1, -1])) for name, had in covariances.items()}
