"""When cost over effect is a ratio at all, and what stands in its place when it is not."""

from __future__ import annotations

from dataclasses import dataclass

from attunement.cost.trial import Z

DOMINATED, DOMINATING = "dominated", "dominating"
NEAR_ZERO = "denominator near zero"
DEARER, CHEAPER = "more costly, more effective", "less costly, less effective"


@dataclass(frozen=True)
class Ratio:
    """`value` is money a unit of effect (for CHEAPER: saved a unit lost), or None where no ratio may be printed."""

    value: float | None
    label: str


def ratio(cost: float, effect: float, se_effect: float) -> Ratio:
    """The incremental cost-effectiveness ratio of a difference in cost and in effect, where the quadrant allows one.

    Where the 95 % interval of the effect holds 0, the ratio's denominator may be anything: none is given.
    """
    if cost > 0 > effect:
        return Ratio(None, DOMINATED)
    if effect > 0 > cost:
        return Ratio(None, DOMINATING)
    if effect == 0 or abs(effect) <= Z * se_effect:
        return Ratio(None, NEAR_ZERO)
    return Ratio(cost / effect, DEARER if effect > 0 else CHEAPER)
