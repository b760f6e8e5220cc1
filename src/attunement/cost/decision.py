"""What to adopt at which threshold, how sure that is, and what knowing for certain would be worth."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
import scipy

from attunement.cost.errors import CostError
from attunement.cost.joint import Joint
from attunement.cost.resampling import limits
from attunement.cost.trial import Floats, normal, numbers

FRONTIER_RULE = (
    "The frontier is the probability of the option with the highest mean net benefit (Fenwick, Claxton and Sculpher "
    "2001), which need not be the highest probability."
)
SCHEMA = {
    "threshold": pl.Float64, "option": pl.String, "inmb": pl.Float64, "se": pl.Float64, "low": pl.Float64,
    "high": pl.Float64, "probability": pl.Float64, "best": pl.Boolean, "frontier": pl.Float64, "evpi": pl.Float64,
}  # fmt: skip


@dataclass(frozen=True)
class Choice:
    """An option at a threshold. `inmb` is its net benefit less the first option's, which itself has no error.

    `probability`: that it is worth most. `best`: it has the highest mean net benefit. `frontier` (the best one's
    probability) and `evpi` (per family) belong to the threshold and are the same for all its options.
    """

    threshold: float
    option: str
    inmb: float
    se: float | None
    low: float | None
    high: float | None
    probability: float
    best: bool
    frontier: float
    evpi: float


@dataclass(frozen=True)
class Decision:
    """One choice a threshold and option, thresholds in the order asked, options in their own."""

    choices: tuple[Choice, ...]
    rule: str = FRONTIER_RULE

    def tidy(self) -> pl.DataFrame:
        """threshold, option, inmb, se, low, high, probability, best, frontier, evpi."""
        rows = [tuple(getattr(choice, name) for name in SCHEMA) for choice in self.choices]
        return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def decision(source: Joint | pl.DataFrame, thresholds: Iterable[float]) -> Decision:
    """Incremental net benefit λΔe − Δc, acceptability, frontier and value of information at each threshold λ ≥ 0.

    From a `Joint`, in closed form (Stinnett and Mullahy 1998): options `0` and `1`, Φ(INMB/SE), per-family EVPI
    SE·φ(z) + INMB·Φ(z) − max(0, INMB). From draws (`cost_<option>` and `effect_<option>`, reference first, one row
    a draw): shares in which an option is highest (ties: the first), limits by percentile, EVPI the mean of the
    highest less the highest of the means. CostError: a threshold below 0, draws that cannot be read.
    """
    asked = _thresholds(thresholds)
    if isinstance(source, Joint):
        return Decision(tuple(choice for threshold in asked for choice in _normal(source, threshold)))
    names, costs, effects = options(source)
    return Decision(tuple(choice for threshold in asked for choice in _drawn(names, costs, effects, threshold)))


def options(draws: pl.DataFrame) -> tuple[list[str], Floats, Floats]:
    """The options of a frame of draws, reference first, and their costs and effects (draws × options)."""
    if not isinstance(draws, pl.DataFrame):
        raise CostError(f"A decision is made from joint() or from a frame of draws, not from {type(draws).__name__}.")
    names = [name.removeprefix("cost_") for name in draws.columns if name.startswith("cost_")]
    if len(names) < 2 or not draws.height:
        raise CostError("Draws have a row each, and cost_<option> and effect_<option> for two options or more.")
    sides = []
    for side in ("cost", "effect"):
        for name in names:
            if f"{side}_{name}" not in draws.columns:
                raise CostError(f"The draws have no column '{side}_{name}'.")
        sides.append(np.column_stack([numbers(draws, f"{side}_{name}") for name in names]))
        if np.isnan(sides[-1]).any():
            raise CostError(f"The draws of {side} have a gap: a draw is whole or not at all.")
    return names, sides[0], sides[1]


def _thresholds(given: Iterable[float]) -> list[float]:
    try:
        asked = [float(threshold) for threshold in given]
    except (TypeError, ValueError):
        raise CostError(f"Thresholds are a list of numbers, not {given!r}.") from None
    if not asked:
        raise CostError("At which threshold? Give at least one.")
    for threshold in asked:
        if not (math.isfinite(threshold) and threshold >= 0):
            raise CostError(f"A threshold is money a unit of effect, 0 or more, not {threshold:g}.")
    return asked


def _normal(source: Joint, threshold: float) -> Sequence[Choice]:
    inmb = threshold * source.effect.value - source.cost.value
    side = np.array([-1.0, threshold])
    estimate = normal(inmb, math.sqrt(max(float(side @ source.cov @ side), 0.0)))
    z = inmb / estimate.se if estimate.se else math.copysign(math.inf, inmb)
    sure = (float(scipy.special.ndtr(-z)), float(scipy.special.ndtr(z)))
    adopt = int(inmb > 0)
    density = math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    gain = estimate.se * density + inmb * (sure[1] - adopt) if estimate.se else 0.0
    first = Choice(threshold, "0", 0.0, None, None, None, sure[0], adopt == 0, sure[adopt], gain)
    second = Choice(threshold, "1", inmb, estimate.se, estimate.low, estimate.high, sure[1], adopt == 1, sure[adopt],
                    gain)  # fmt: skip
    return first, second


def _drawn(names: list[str], costs: Floats, effects: Floats, threshold: float) -> Sequence[Choice]:
    worth = threshold * effects - costs
    means = worth.mean(axis=0)
    share = np.bincount(worth.argmax(axis=1), minlength=len(names)) / worth.shape[0]
    best = int(means.argmax())
    gain = max(float(worth.max(axis=1).mean() - means[best]), 0.0)
    made = []
    for place, name in enumerate(names):
        apart = worth[:, place] - worth[:, 0]
        low, high = limits(apart, (0.025, 0.975)) if place else (None, None)
        se = float(apart.std(ddof=1)) if place and apart.size > 1 else None
        made.append(Choice(threshold, name, float(apart.mean()), se, low, high, float(share[place]), place == best,
                           float(share[best]), gain))  # fmt: skip
    return made
