"""Exact figures of blocks and of the plain draw for any number of arms: by recursion over the counts of all arms.

Of three arms and more there is no single difference: D is an arm's count less its share, and its figures are over all
arms.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from math import comb, floor, prod

import numpy as np

from attunement.allocation.errors import AllocationError

MOST_COUNTS, MOST_SETS_OF_COUNTS = 100_000, 30_000_000


class TooManyStates(AllocationError):
    """Exact figures would take too long: the caller simulates instead."""


@dataclass(frozen=True)
class Spread:
    """One place: chances of a right guess, of being forced, and of every arm at its share after it; D after it."""

    guess: float
    forced: float
    level: float
    square: float
    size: float
    largest: Fraction


State = tuple[tuple[int, int], ...]
"""Of each arm its part of the ratio and its places left in the block, in order: arms of equal parts are alike."""


def block(size: int, ratio: Sequence[int], n: int) -> Iterator[Spread]:
    """The first `n` places of a block of `size`, ratio in lowest terms. Raises TooManyStates."""
    whole, visited = sum(ratio), 0
    states: dict[State, float] = {tuple(sorted((part, part * size // whole) for part in ratio)): 1.0}
    for drawn in range(n):
        guess = forced = 0.0
        after: dict[State, float] = defaultdict(float)
        for state, weight in states.items():
            left, behind = size - drawn, _behind(state, size - drawn, whole)
            named = [rest for (_part, rest), short in zip(state, behind, strict=True) if short == max(behind)]
            guess += weight * sum(named) / len(named) / left
            forced += weight * any(rest == left for _part, rest in state)
            for at, (part, rest) in enumerate(state):
                if rest:
                    after[tuple(sorted((*state[:at], (part, rest - 1), *state[at + 1:])))] += weight * rest / left
        states, visited = after, visited + len(after) * len(ratio)
        if visited > MOST_COUNTS:
            raise TooManyStates(f"a block of {size} for {len(ratio)} arms passes through too many states for exact figures")
        yield _spread(guess, forced, states, size - drawn - 1, whole)


def _behind(state: State, left: int, whole: int) -> list[int]:
    """How far each arm is below its share, times the sum of the ratio."""
    return [whole * rest - part * left for part, rest in state]


def _spread(guess: float, forced: float, states: dict[State, float], left: int, whole: int) -> Spread:
    level = square = mean = 0.0
    largest = 0
    for state, weight in states.items():
        off = [abs(short) for short in _behind(state, left, whole)]
        level += weight * (not any(off))
        square += weight * sum(each * each for each in off) / (len(off) * whole * whole)
        mean += weight * sum(off) / (len(off) * whole)
        largest = max(largest, *off)
    return Spread(guess, forced, level, square, mean, Fraction(largest, whole))


@dataclass(frozen=True)
class Drawn:
    """The figures of `n` places that are each drawn by themselves."""

    guess: float
    balance: float
    square: float
    size: float
    largest: Fraction


def complete(ratio: Sequence[int], n: int) -> Drawn:
    """Each arm's count is binomial; who is behind hangs on all counts. Ratio in lowest terms. Raises TooManyStates."""
    whole, arms = sum(ratio), len(ratio)
    level = [_level(ratio, blocks) for blocks in range(1, n // whole + 1)]
    return Drawn(
        guess=1 / arms if len(set(ratio)) == 1 else _guess(ratio, n),
        balance=sum(level) / n,
        square=sum(n * part * (whole - part) for part in ratio) / (arms * whole * whole),
        size=sum(_mean_off(part, whole, n) for part in ratio) / arms,
        largest=max(Fraction(n * max(part, whole - part), whole) for part in ratio),
    )


def _level(ratio: Sequence[int], blocks: int) -> float:
    """The chance that after so many whole ratios every arm stands at its share: multinomial."""
    places, ways, left = blocks * sum(ratio), 1, blocks * sum(ratio)
    for part in ratio:
        ways, left = ways * comb(left, blocks * part), left - blocks * part
    return float(Fraction(ways * prod(part ** (blocks * part) for part in ratio), sum(ratio) ** places))


def _mean_off(part: int, whole: int, n: int) -> float:
    """The mean distance of a binomial count from its expectation. De Moivre 1730; Diaconis and Zabell 1991, eq. 1.1."""
    above = floor(Fraction(n * part, whole)) + 1
    return float(Fraction(2 * above * comb(n, above) * part**above * (whole - part) ** (n - above + 1), whole ** (n + 1)))


def _guess(ratio: Sequence[int], n: int) -> float:
    """The share guessed right, by the chance of every set of counts at every place."""
    arms, whole = len(ratio), sum(ratio)
    if (n + 1) ** arms // arms > MOST_SETS_OF_COUNTS:
        raise TooManyStates(f"{n} places for {arms} arms pass through too many states for exact figures")
    weights, right = np.ones((1,) * (arms - 1)), 0.0
    for drawn in range(n):
        counts = np.indices(weights.shape, dtype=np.int32, sparse=True)
        behind = [drawn * part - whole * count for part, count in zip(ratio, [*counts, drawn - sum(counts)], strict=True)]
        most = reduce(np.maximum, behind)
        named = [short == most for short in behind]
        parts, tied = (sum(part * here for part, here in zip(each, named, strict=True)) for each in (ratio, [1] * arms))
        right += float((weights * parts / tied).sum()) / whole
        after = np.zeros((drawn + 2,) * (arms - 1))
        for arm, part in enumerate(ratio):  # of the last arm the count is what is left of the places
            into = tuple(slice(1, None) if axis == arm else slice(None, -1) for axis in range(arms - 1))
            after[into] += weights * (part / whole)
        weights = after
    return right / n
