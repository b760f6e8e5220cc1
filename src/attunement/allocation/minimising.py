"""Minimisation: each newcomer leans to the arm that leaves the factors most level. Pocock and Simon 1975."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import isfinite, sqrt

from attunement.allocation.errors import AllocationError
from attunement.allocation.schemes import EVEN, check_ratio
from attunement.allocation.source import Source

Levels = Mapping[str, str]
MEASURES = ("range", "variance", "sd")
_FINEST = 1_000_000


@dataclass(frozen=True)
class Weighing:
    """What minimisation finds for a newcomer; one entry an arm in `scores` and `probabilities`, arms from 0."""

    scores: tuple[Fraction | float, ...]
    """The imbalance that would be left if the newcomer were put into the arm; a float for the measure sd only."""
    preferred: tuple[int, ...]
    """Every arm that shares the lowest score."""
    probabilities: tuple[Fraction, ...]


@dataclass(frozen=True)
class Minimisation:
    """Leans with chance `p` to the arm that leaves the weighted imbalance over the newcomer's levels lowest.

    factors: factor -> its levels; weights: factor -> its weight, above 0. measure: the spread over the arms that is
    added up, "range", "variance" or "sd" (population). ratio: whole numbers, one an arm. For unequal ratios counts are
    divided by the ratio, and the chances are those of Han, Enas and McEntegart 2009. Raises AllocationError.
    """

    factors: Mapping[str, Sequence[str]]
    weights: Mapping[str, Fraction | float | int]
    measure: str = "range"
    p: Fraction | float = Fraction(4, 5)
    ratio: tuple[int, ...] = EVEN

    def __post_init__(self) -> None:
        if not isinstance(self.ratio, (tuple, list)) or not all(type(share) is int for share in self.ratio):
            raise AllocationError(f"a ratio is whole numbers, one for each arm, not {self.ratio!r}")
        object.__setattr__(self, "ratio", tuple(self.ratio))
        check_ratio(self.ratio)
        if self.measure not in MEASURES:
            raise AllocationError(f"minimisation measures imbalance by {', '.join(MEASURES)}, not {self.measure!r}")
        fewest = Fraction(min(self.ratio), sum(self.ratio))
        p = _exact(self.p, "the chance of the preferred arm")
        if not fewest <= p <= 1:
            raise AllocationError(f"minimisation takes a chance from {fewest} to 1 for the preferred arm, not {self.p}")
        _check_factors(self.factors, self.weights)
        weights = {factor: _exact(self.weights[factor], f"the weight of {factor}") for factor in self.factors}
        if min(weights.values()) <= 0:
            raise AllocationError("every factor of minimisation needs a weight above 0")
        factors = {factor: tuple(levels) for factor, levels in self.factors.items()}
        for name, value in (("p", p), ("weights", weights), ("factors", factors)):
            object.__setattr__(self, name, value)

    def __hash__(self) -> int:
        return hash(self.name)

    @property
    def arms(self) -> int:
        return len(self.ratio)

    @property
    def name(self) -> str:
        """The whole rule in one line: what streams and commitments are bound to."""
        factors = json.dumps([[factor, list(ls), str(self.weights[factor])] for factor, ls in self.factors.items()])
        return f"minimisation:{self.measure},{self.p} {factors} {':'.join(map(str, self.ratio))}"

    def weigh(self, before: Sequence[tuple[Levels, int]], newcomer: Levels) -> Weighing:
        """Scores, preferred arms and chances for `newcomer` (factor -> level), after `before`; it draws nothing.

        before: (levels, arm) of each family so far, arms from 0, in any order. Raises AllocationError.
        """
        self.check_levels(newcomer)
        counts = {factor: [0] * self.arms for factor in self.factors}
        for levels, arm in before:
            self.check_levels(levels)
            if not isinstance(arm, int) or isinstance(arm, bool) or not 0 <= arm < self.arms:
                raise AllocationError(f"the history names arm {arm!r}: arms are 0 to {self.arms - 1}")
            for factor in self.factors:
                counts[factor][arm] += levels[factor] == newcomer[factor]
        scores = tuple(self._score(counts, arm) for arm in range(self.arms))
        lowest = min(scores)
        if self.measure == "sd":  # roots are floats; the other measures are exact
            lowest *= 1 + 1e-9
        preferred = tuple(arm for arm, score in enumerate(scores) if score <= lowest)
        return Weighing(scores, preferred, self.chances(preferred))

    def draw(self, before: Sequence[tuple[Levels, int]], newcomer: Levels, source: Source) -> int:
        """The newcomer's arm, from 0: a pure function of seed, label, rule, `before` and `newcomer`."""
        weighing = self.weigh(before, newcomer)
        return source.stream(self.name, "place", len(before)).pick(weighing.probabilities)

    def chances(self, preferred: Sequence[int]) -> tuple[Fraction, ...]:
        """The chance of each arm when these are preferred: those of Han and others, averaged over ties by the ratio."""
        whole, other = sum(self.ratio), 1 - Fraction(self.p)
        rest = whole - min(self.ratio)
        tied = sum(self.ratio[arm] for arm in preferred)
        chances = [Fraction(0)] * self.arms
        for best in preferred:
            for arm, share in enumerate(self.ratio):
                chance = 1 - other * (whole - share) / rest if arm == best else other * share / rest
                chances[arm] += Fraction(self.ratio[best], tied) * chance
        return tuple(chances)

    def _score(self, counts: Mapping[str, Sequence[int]], into: int) -> Fraction | float:
        score: Fraction | float = Fraction(0)
        for factor, count in counts.items():
            held = [Fraction(many + (arm == into), self.ratio[arm]) for arm, many in enumerate(count)]
            score += Fraction(self.weights[factor]) * _spread(held, self.measure)
        return score

    def check_levels(self, levels: Levels) -> None:
        """Raises AllocationError for a family without a level of every factor, or with an unknown one."""
        if not isinstance(levels, Mapping):
            raise AllocationError(f"minimisation needs a mapping from factor to level for each family, not {levels!r}")
        for factor, known in self.factors.items():
            if factor not in levels:
                raise AllocationError(f"minimisation needs the level of {factor}, which is missing")
            if levels[factor] not in known:
                raise AllocationError(f"{factor} has no level {levels[factor]!r}: it has {', '.join(map(str, known))}")


def _spread(held: Sequence[Fraction], measure: str) -> Fraction | float:
    if measure == "range":
        return max(held) - min(held)
    mean = sum(held) / len(held)
    variance = sum((count - mean) ** 2 for count in held) / len(held)
    return Fraction(variance) if measure == "variance" else sqrt(variance)


def _exact(number: Fraction | float, what: str) -> Fraction:
    if isinstance(number, bool) or not isinstance(number, (int, float, Fraction)) or not isfinite(number):
        raise AllocationError(f"{what} should be a number, not {number!r}")
    return Fraction(number).limit_denominator(_FINEST)


def _check_factors(factors: Mapping[str, Sequence[str]], weights: Mapping[str, Fraction | float | int]) -> None:
    if not isinstance(factors, Mapping) or not isinstance(weights, Mapping) or not factors:
        raise AllocationError("minimisation needs one factor or more, each with its levels and its weight")
    if set(factors) != set(weights):
        odd = ", ".join(sorted(map(str, set(factors) ^ set(weights))))
        raise AllocationError(f"minimisation needs one weight for each factor, and no other: see {odd}")
    for factor, levels in factors.items():
        if not isinstance(levels, (tuple, list)) or not levels or len(set(map(str, levels))) != len(levels):
            raise AllocationError(f"{factor} needs a list of levels, none twice")
