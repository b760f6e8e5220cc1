"""Effects in standard deviations, so that scales may be compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import exp, lgamma, log, sqrt

import polars as pl

from attunement.impact.curves import noncentralities, t_p
from attunement.impact.edge import Labels, rows
from attunement.impact.estimate import Estimate, Fit
from attunement.impact.failing import Unfit, failed
from attunement.impact.flags import Flag
from attunement.impact.linear import ancova

RAW, ADJUSTED = "raw", "adjusted"


@dataclass(frozen=True)
class EffectSize(Fit):
    """Hedges g, raw and adjusted; `effect` is the raw one. Positive favours arm 1 where a higher score is better."""

    @property
    def raw(self) -> Estimate:
        return self.term(RAW)

    @property
    def adjusted(self) -> Estimate:
        return self.term(ADJUSTED)


def effect_size(
    data: pl.DataFrame, *, outcome: str, arm: str, covariates: Sequence[str] = (), site: str | None = None,
    level: float = 0.95, labels: Labels | None = None, family: str | None = None,
) -> EffectSize:  # fmt: skip
    """Hedges g of `outcome` on the complete cases of all columns named, raw and adjusted.

    Raw: difference of means over the pooled standard deviation, times the exact small-sample factor; limits by
    the noncentral t. Adjusted: the ANCOVA coefficient and its limits, times the same factor, over the same
    unadjusted pooled standard deviation. Terms 'raw' and 'adjusted'; diagnostics `sd_pooled`, `factor`, `d`. Fails
    (both None, with a flag) where the outcome does not vary within the arms.
    Source: Hedges 1981, J Educational Statistics 6:107, equations 6 and 7; Hedges and Olkin 1985, chapter 5.
    """
    name = f"standardised mean difference of {outcome}"
    wanted = {"outcome": outcome, "arm": arm, "covariates": covariates, "site": site, "labels": labels}
    fit = ancova(data, **wanted, level=level, family=family)  # type: ignore[arg-type]
    try:
        used = rows(data, **wanted, family=family)  # type: ignore[arg-type]
        control, programme = (used.outcome[used.arm == value] for value in (0, 1))
        nu = used.outcome.size - 2
        squares = float(((control - control.mean()) ** 2).sum() + ((programme - programme.mean()) ** 2).sum())
        if nu < 2 or squares <= 1e-20 * float(used.outcome @ used.outcome):
            reason = f"'{outcome}' does not vary enough within the arms for a standardised effect"
            raise Unfit(Flag.CONSTANT if nu >= 2 else Flag.SMALL_CELL, reason, used.by_arm, used.missing)
    except Unfit as fault:
        none = failed(fault, term=RAW, estimand=name, method="effect_size")
        both = (none.effect, replace(none.effect, term=ADJUSTED))
        return EffectSize(none.effect, both, diagnostics=none.diagnostics, flagged=none.flagged)
    sd = sqrt(squares / nu)
    factor = exp(lgamma(nu / 2) - 0.5 * log(nu / 2) - lgamma((nu - 1) / 2))
    d = float(programme.mean() - control.mean()) / sd
    root = sqrt(1 / control.size + 1 / programme.size)
    low, high = (limit * root * factor for limit in noncentralities(d / root, nu, level))
    raw = Estimate(
        RAW, name, d * factor, None, float(nu), low, high, t_p(d / root, nu),
        "Hedges g, raw, limits by noncentral t", used.outcome.size, used.by_arm,
    )  # fmt: skip
    effect, scale = fit.effect, factor / sd
    value, se, lower, upper = (
        None if figure is None else figure * scale for figure in (effect.value, effect.se, effect.low, effect.high)
    )
    adjusted = replace(
        effect, term=ADJUSTED, estimand=name, value=value, se=se, low=lower, high=upper,
        method="Hedges g, ANCOVA difference over the pooled SD",
    )  # fmt: skip
    diagnostics = {"missing": used.missing, "sd_pooled": sd, "factor": factor, "d": d}
    return EffectSize(raw, (raw, adjusted), diagnostics=diagnostics, flagged=fit.flagged)
