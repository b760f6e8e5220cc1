"""How far a scheme can be guessed, and how level it keeps the arms: exact figures, before anybody is allocated."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import gcd, sqrt

import numpy as np
from numpy.typing import NDArray

from attunement.allocation import many_arms
from attunement.allocation.checking import whole
from attunement.allocation.errors import AllocationError
from attunement.allocation.figures import Assessment
from attunement.allocation.leaning import Floats, Leaning, Whole, block, leaning
from attunement.allocation.lists import FromList
from attunement.allocation.minimising import Minimisation
from attunement.allocation.schemes import Complete, MaximalProcedure, PermutedBlocks, Scheme
from attunement.allocation.simulating import simulate

MOST_PLACES = 5_000


@dataclass(frozen=True)
class _Step:
    """One place: its chances of a right guess and of being forced, and the counts of arm 0 after it."""

    guess: float
    forced: float
    level: float
    weights: Floats
    possible: NDArray[np.bool_]


def assess(scheme: Scheme | Minimisation, n: int, *, runs: int = 2_000, seed: int = 1) -> Assessment:
    """The figures of the first `n` places of a stratum: exact up to the rounding of floating point.

    By recursion over the states of the scheme. Definitions as in Zhao, Weng, Wu and Palesch 2012; the convergence
    guesser is that of Blackwell and Hodges 1957, who of three arms and more names the one furthest below its share.
    Minimisation is simulated in `runs` made-up trials, and gives `Simulated`, with its Monte Carlo error; so are three
    arms and more where exact figures would take too long. Raises AllocationError for a list, for `n` outside 1 to 5,000,
    and for places that the scheme does not have.
    """
    n = whole(n, "n, the number of places that a scheme is assessed over,", 1)
    if n > MOST_PLACES:
        raise AllocationError(f"a scheme is assessed over 1 to {MOST_PLACES:,} places, not {n:,}")
    if isinstance(scheme, Minimisation):
        return simulate(scheme, n, runs, seed)
    if isinstance(scheme, FromList):
        raise AllocationError("a list is described, not assessed: how its places were drawn is not known")
    if not isinstance(scheme, Scheme):
        raise AllocationError(f"{scheme!r} is no scheme that can be assessed")
    if scheme.arms > 2:
        return _assess_many(scheme, n, runs, seed)
    if isinstance(scheme, MaximalProcedure) and n > scheme.n:
        raise AllocationError(f"{scheme.spec} has {scheme.n} places in a stratum: {n} cannot be assessed")
    if isinstance(scheme, PermutedBlocks):
        return _assess_blocks(scheme, n)
    steps = list(_walk(leaning(scheme), _lowest(scheme.ratio), n))
    sums = np.array([(step.guess, step.forced, step.level) for step in steps]).sum(axis=0)
    return _assessment(scheme, n, sums, steps[-1].weights, steps[-1].possible)


def _assess_blocks(scheme: PermutedBlocks, n: int) -> Assessment:
    """Every block starts level, so what happens inside one depends on its size alone: sum over where blocks start."""
    starts, can_start = _starts(scheme.sizes, n)
    sums, weights, possible = np.zeros(3), np.zeros(n + 1), np.zeros(n + 1, dtype=bool)
    ratio = _lowest(scheme.ratio)
    for size in scheme.sizes:
        for inside, step in enumerate(_walk(block(size, ratio), ratio, min(size, n))):
            begun = n - inside  # blocks that start at 0 to n - inside - 1 have this place among the n
            sums += starts[:begun].sum() * np.array([step.guess, step.forced, step.level])
            before = begun - 1
            if can_start[before]:  # the sequence stops here, this far into the block
                shift = _firsts_of_whole_blocks(before, ratio)
                weights[shift : shift + inside + 2] += starts[before] * step.weights
                possible[shift : shift + inside + 2] |= step.possible
    return _assessment(scheme, n, sums, weights, possible)


def _starts(sizes: tuple[int, ...], n: int) -> tuple[Floats, NDArray[np.bool_]]:
    """For each of the first `n` places the chance that a block of a given size starts there, and whether one can."""
    starts, can_start = np.zeros(n + 1), np.zeros(n + 1, dtype=bool)
    starts[0] = can_start[0] = True
    for place in range(n):
        for size in sizes:
            if place + size <= n:
                starts[place + size] += starts[place] / len(sizes)
                can_start[place + size] |= can_start[place]
    return starts / len(sizes), can_start


def _assess_many(scheme: Scheme, n: int, runs: int, seed: int) -> Assessment:
    """Three arms and more, exactly where that can be done in about a second."""
    if not isinstance(scheme, (Complete, PermutedBlocks)):
        raise AllocationError(f"{scheme.name} is no scheme that can be assessed")
    ratio = _lowest(scheme.ratio)
    try:
        if isinstance(scheme, PermutedBlocks):
            return _many_in_blocks(scheme, ratio, n)
        drawn = many_arms.complete(ratio, n)
    except many_arms.TooManyStates:
        return simulate(scheme, n, runs, seed)
    return _of_many(scheme, n, (drawn.guess, 0.0, drawn.balance), drawn.square, drawn.size, drawn.largest)


def _many_in_blocks(scheme: PermutedBlocks, ratio: tuple[int, ...], n: int) -> Assessment:
    starts, can_start = _starts(scheme.sizes, n)
    sums, square, mean, largest = np.zeros(3), 0.0, 0.0, Fraction(0)
    for size in scheme.sizes:
        for inside, step in enumerate(many_arms.block(size, ratio, min(size, n))):
            before = n - inside - 1
            sums += starts[: before + 1].sum() * np.array([step.guess, step.forced, step.level])
            if can_start[before]:
                square, mean = square + float(starts[before]) * step.square, mean + float(starts[before]) * step.size
                largest = max(largest, step.largest)
    guess, forced, level = (float(figure) / n for figure in sums)
    return _of_many(scheme, n, (guess, forced, level), square, mean, largest)


def _of_many(scheme: Scheme, n: int, shares: tuple[float, float, float], square: float, mean: float,
             largest: Fraction) -> Assessment:
    guess, forced, level = shares
    return Assessment(scheme.name, n, scheme.ratio, guess, forced, level, sqrt(square), mean, float(largest))


def _firsts_of_whole_blocks(places: int, ratio: tuple[int, ...]) -> int:
    return places * ratio[0] // sum(ratio)


def _walk(chance: Leaning, ratio: tuple[int, ...], n: int) -> Iterator[_Step]:
    """Place by place, the chance of every count of arm 0. What is possible is kept apart: a chance may underflow."""
    weights, possible = np.ones(1), np.ones(1, dtype=bool)
    for drawn in range(n):
        first = chance(drawn, 2 * np.arange(drawn + 1) - drawn)
        off = _off(drawn, ratio)
        right = np.where(off < 0, first, np.where(off > 0, 1 - first, 0.5))
        guess, forced = float(weights @ right), float(weights @ ((first == 0) | (first == 1)))
        weights = np.append(weights * (1 - first), 0.0) + np.append(0.0, weights * first)
        possible = np.append(possible & (first < 1), False) | np.append(False, possible & (first > 0))
        level = float(weights[_off(drawn + 1, ratio) == 0].sum())
        yield _Step(guess, forced, level, weights, possible)


def _off(drawn: int, ratio: tuple[int, ...]) -> Whole:
    """For every count of arm 0 after `drawn` places: the count less its share, times the sum of the ratio."""
    return np.arange(drawn + 1) * sum(ratio) - drawn * ratio[0]


def _lowest(ratio: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(share // gcd(*ratio) for share in ratio)


def _assessment(scheme: Scheme, n: int, sums: Floats, weights: Floats, possible: NDArray[np.bool_]) -> Assessment:
    ratio = _lowest(scheme.ratio)
    ahead = _off(n, ratio) if ratio == (1, 1) else _off(n, ratio) / sum(ratio)
    guess, forced, level = (float(figure) / n for figure in sums)
    return Assessment(
        scheme=scheme.name,
        n=n,
        ratio=scheme.ratio,
        guess=guess,
        deterministic=forced,
        balance=level,
        sd=sqrt(float(weights @ ahead**2)),
        mean_abs=float(weights @ np.abs(ahead)),
        max_abs=np.abs(ahead[possible]).max().item(),
    )
