"""Minimisation: each newcomer leans to the arm that leaves the factors most level. Pocock and Simon 1975."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import lcm, sqrt

from attunement.allocation.checking import arm_of, exact, shares, whole
from attunement.allocation.errors import AllocationError
from attunement.allocation.schemes import EVEN
from attunement.allocation.source import Source

Levels = Mapping[str, str]
Counts = Mapping[str, Mapping[str, Sequence[int]]]
"""Factor -> level -> families in each arm."""
MOST_WEIGHT = 1_000_000
MEASURES = ("range", "variance", "sd")


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
        object.__setattr__(self, "ratio", shares(self.ratio))
        if self.measure not in MEASURES:
            raise AllocationError(f"minimisation measures imbalance by {', '.join(MEASURES)}, not {self.measure!r}")
        fewest = Fraction(min(self.ratio), sum(self.ratio))
        p = exact(self.p, "the chance of the preferred arm")
        if not fewest <= p <= 1:
            raise AllocationError(f"minimisation takes a chance from {fewest} to 1 for the preferred arm, not {self.p}")
        _check_factors(self.factors, self.weights)
        weights = {factor: exact(self.weights[factor], f"the weight of {factor}") for factor in self.factors}
        if not 0 < min(weights.values()) <= max(weights.values()) <= MOST_WEIGHT:
            raise AllocationError(f"every factor of minimisation needs a weight above 0, and of {MOST_WEIGHT:,} at most")
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

    @property
    def spec(self) -> str:
        """Measure and chance as a study file writes them; the factors and weights stand in tables of their own."""
        return f"minimisation:{self.measure},{self.p}"

    def weigh(self, before: Sequence[tuple[Levels, int]], newcomer: Levels) -> Weighing:
        """Scores, preferred arms and chances for `newcomer` (factor -> level), after `before`; it draws nothing.

        before: (levels, arm) of each family so far, arms from 0, in any order. Raises AllocationError.
        """
        self.check_levels(newcomer)
        counts = {factor: {newcomer[factor]: [0] * self.arms} for factor in self.factors}
        for levels, arm in before:
            self.check_levels(levels)
            arm = arm_of(arm, self.arms)
            for factor in self.factors:
                if levels[factor] == newcomer[factor]:
                    counts[factor][newcomer[factor]][arm] += 1
        found, unit = self._scores(counts, newcomer), self._unit
        scores = tuple(score / unit if isinstance(score, float) else Fraction(score, unit) for score in found)
        preferred = self._lowest(found)
        return Weighing(scores, preferred, self.chances(preferred))

    def preferred(self, counts: Counts, newcomer: Levels) -> tuple[int, ...]:
        """`Weighing.preferred` from the counts of the families so far, without going over them again."""
        return self._lowest(self._scores(counts, newcomer))

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

    @cached_property
    def steps(self) -> tuple[int, ...]:
        """What one family adds to each arm: counts are divided by the ratio, and whole all the same."""
        return tuple(lcm(*self.ratio) // share for share in self.ratio)

    @cached_property
    def whole_weights(self) -> Mapping[str, int]:
        """The weights times their common denominator."""
        common = lcm(*(Fraction(weight).denominator for weight in self.weights.values()))
        return {factor: int(weight * common) for factor, weight in self.weights.items()}

    @cached_property
    def _unit(self) -> int:
        """What the whole scores are to be divided by."""
        common = lcm(*(Fraction(weight).denominator for weight in self.weights.values()))
        each = {"range": 1, "sd": self.arms, "variance": self.arms**2}[self.measure]
        return common * each * lcm(*self.ratio) ** (2 if self.measure == "variance" else 1)

    def _scores(self, counts: Counts, newcomer: Levels) -> list[int | float]:
        """The imbalance with the newcomer in each arm, in whole units so that ties are ties; roots are floats."""
        if self.arms == 2 and self.measure != "sd":
            return self._two_scores(counts, newcomer)
        scores: list[int | float] = [0] * self.arms
        for factor, weight in self.whole_weights.items():
            held = [many * step for many, step in zip(counts[factor][newcomer[factor]], self.steps, strict=True)]
            for arm, step in enumerate(self.steps):
                held[arm] += step
                scores[arm] += weight * _spread(held, self.measure)
                held[arm] -= step
        return scores

    def _two_scores(self, counts: Counts, newcomer: Levels) -> list[int | float]:
        """The same for two arms, whose range is their difference and whose variance is its square."""
        first = second = 0
        one, other = self.steps
        squared = self.measure == "variance"
        for factor, weight in self.whole_weights.items():
            held = counts[factor][newcomer[factor]]
            ahead = held[0] * one - held[1] * other
            in_first, in_second = ahead + one, ahead - other
            first += weight * (in_first * in_first if squared else abs(in_first))
            second += weight * (in_second * in_second if squared else abs(in_second))
        return [first, second]

    def _lowest(self, scores: Sequence[int | float]) -> tuple[int, ...]:
        lowest = min(scores)
        if self.measure == "sd":
            lowest *= 1 + 1e-9
        return tuple(arm for arm, score in enumerate(scores) if score <= lowest)

    def check_levels(self, levels: Levels) -> None:
        """Raises AllocationError for a family without a level of every factor, or with an unknown one."""
        if not isinstance(levels, Mapping):
            raise AllocationError(f"minimisation needs a mapping from factor to level for each family, not {levels!r}")
        for factor, known in self.factors.items():
            if factor not in levels:
                raise AllocationError(f"minimisation needs the level of {factor}, which is missing")
            if levels[factor] not in known:
                raise AllocationError(f"{factor} has no level {levels[factor]!r}: it has {', '.join(map(str, known))}")


def rank_chances(arms: int, q: Fraction | float) -> tuple[Fraction, ...]:
    """The chance of each of `arms` ranked from the best: q - 2(Nq - 1)k / (N(N + 1)) for rank k of N.

    The graded rule of Pocock and Simon 1975 for equal arms, for comparison: `Minimisation` favours the
    preferred arms alone. q lies from 1/N to 2/(N - 1), so that no chance is below 0. Raises AllocationError.
    """
    arms, exact_q = whole(arms, "the number of arms", 2), exact(q, "q")
    if not Fraction(1, arms) <= exact_q <= Fraction(2, arms - 1):
        raise AllocationError(f"for {arms} arms q lies from 1/{arms} to {Fraction(2, arms - 1)}, not {q}")
    step = 2 * (arms * exact_q - 1) / (arms * (arms + 1))
    return tuple(exact_q - step * rank for rank in range(1, arms + 1))


def _spread(held: Sequence[int], measure: str) -> int | float:
    """Range; or the population variance times the number of arms squared; or the root of that."""
    if measure == "range":
        return max(held) - min(held)
    variance = len(held) * sum(count * count for count in held) - sum(held) ** 2
    return variance if measure == "variance" else sqrt(variance)


def _check_factors(factors: Mapping[str, Sequence[str]], weights: Mapping[str, Fraction | float | int]) -> None:
    if not isinstance(factors, Mapping) or not isinstance(weights, Mapping) or not factors:
        raise AllocationError("minimisation needs one factor or more, each with its levels and its weight")
    if set(factors) != set(weights):
        odd = ", ".join(sorted(map(str, set(factors) ^ set(weights))))
        raise AllocationError(f"minimisation needs one weight for each factor, and no other: see {odd}")
    for factor, levels in factors.items():
        if not isinstance(levels, (tuple, list)) or not levels or len(set(map(str, levels))) != len(levels):
            raise AllocationError(f"{factor} needs a list of levels, none twice")
