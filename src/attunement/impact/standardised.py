"""Effects in standard deviations, so that scales may be compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import exp, lgamma, log, sqrt

import polars as pl

from attunement.impact.curves import noncentralities, t_p
from attunement.impact.edge import rows
from attunement.impact.estimate import Estimate, ImpactError
from attunement.impact.linear import ancova


@dataclass(frozen=True)
class EffectSize:
    """Hedges g; positive favours arm 1 where a higher score is better."""

    raw: Estimate
    adjusted: Estimate


def effect_size(
    data: pl.DataFrame, *, outcome: str, arm: str, covariates: Sequence[str] = (), site: str | None = None
) -> EffectSize:
    """Hedges g of `outcome` on the complete cases of all columns named, raw and adjusted.

    Raw: difference of means over the pooled standard deviation, times the exact small-sample factor; limits by
    the noncentral t. Adjusted: the ANCOVA coefficient and its limits, times the same factor, over the same
    unadjusted pooled standard deviation. Source: Hedges 1981, J Educational Statistics 6:107.
    """
    used = rows(data, outcome=outcome, arm=arm, covariates=covariates, site=site)
    fit = ancova(data, outcome=outcome, arm=arm, covariates=covariates, site=site).effect
    control, programme = (used.outcome[used.arm == value] for value in (0, 1))
    nu = used.outcome.size - 2
    squares = float(((control - control.mean()) ** 2).sum() + ((programme - programme.mean()) ** 2).sum())
    if nu < 2 or squares <= 0:
        raise ImpactError(f"'{outcome}' does not vary enough within the arms for a standardised effect.")
    sd = sqrt(squares / nu)
    factor = exp(lgamma(nu / 2) - 0.5 * log(nu / 2) - lgamma((nu - 1) / 2))
    d = float(programme.mean() - control.mean()) / sd
    root = sqrt(1 / control.size + 1 / programme.size)
    low, high = (limit * root * factor for limit in noncentralities(d / root, nu))
    name = f"standardised mean difference of {outcome}"
    raw = replace(
        fit, estimand=name, value=d * factor, se=None, df=float(nu), low=low, high=high,
        p=t_p(d / root, nu), method="Hedges g, raw, limits by noncentral t",
    )  # fmt: skip
    scale = factor / sd
    adjusted = replace(
        fit, estimand=name, value=fit.value * scale, se=None if fit.se is None else fit.se * scale,
        low=fit.low * scale, high=fit.high * scale, method="Hedges g, ANCOVA difference over the pooled SD",
    )  # fmt: skip
    return EffectSize(raw, adjusted)
