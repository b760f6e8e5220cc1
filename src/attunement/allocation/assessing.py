"""How far a scheme can be guessed, and how level it keeps the arms: exact figures, before anybody is allocated."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from math import gcd, sqrt

import numpy as np
from numpy.typing import NDArray

from attunement.allocation.errors import AllocationError
from attunement.allocation.leaning import Floats, Leaning, Whole, block, leaning
from attunement.allocation.schemes import MaximalProcedure, PermutedBlocks, Scheme

MOST_PLACES = 5_000


@dataclass(frozen=True)
class Assessment:
    """Figures of one stratum of `n` places. D is the count of the first arm less that of the second.

    For unequal ratios D is the count of the first arm less its expected value. Shares are from 0 to 1, unrounded.
    """

    scheme: str
    n: int
    guess: float
    """Share of places guessed right by one who names the arm further below its share, and tosses a coin when tied."""
    deterministic: float
    """Share of places that are certain from inside the scheme, where the size of the running block is known."""
    balance: float
    """Share of places after which D is 0."""
    sd: float
    """Standard deviation of D after `n` places."""
    mean_abs: float
    """Mean of |D| after `n` places."""
    max_abs: float
    """Largest |D| that can be after `n` places."""

    def to_dict(self) -> dict[str, str | int | float]:
        return asdict(self)


@dataclass(frozen=True)
class _Step:
    """One place: its chances of a right guess and of being forced, and the counts of arm 0 after it."""

    guess: float
    forced: float
    level: float
    weights: Floats
    possible: NDArray[np.bool_]


def assess(scheme: Scheme, n: int) -> Assessment:
    """The figures of the first `n` places of a stratum: exact up to the rounding of floating point.

    By recursion over the states of the scheme. Definitions as in Zhao, Weng, Wu and Palesch 2012; the convergence
    guesser is that of Blackwell and Hodges 1957. Raises AllocationError for more than two arms, for `n` outside 1 to
    5,000, and for places that the scheme does not have.
    """
    if not isinstance(n, int) or isinstance(n, bool) or not 1 <= n <= MOST_PLACES:
        raise AllocationError(f"a scheme is assessed over 1 to {MOST_PLACES:,} places, not {n!r}")
    if not isinstance(scheme, Scheme):
        raise AllocationError(f"{scheme!r} cannot be assessed exactly: minimisation is simulated, a list described")
    if scheme.arms != 2:
        raise AllocationError(f"exact figures are for two arms; {scheme.name} has {scheme.arms}")
    if isinstance(scheme, MaximalProcedure) and n > scheme.n:
        raise AllocationError(f"{scheme.spec} has {scheme.n} places in a stratum: {n} cannot be assessed")
    if isinstance(scheme, PermutedBlocks):
        return _assess_blocks(scheme, n)
    steps = list(_walk(leaning(scheme), _lowest(scheme.ratio), n))
    sums = np.array([(step.guess, step.forced, step.level) for step in steps]).sum(axis=0)
    return _assessment(scheme, n, sums, steps[-1].weights, steps[-1].possible)


def _assess_blocks(scheme: PermutedBlocks, n: int) -> Assessment:
    """Every block starts level, so what happens inside one depends on its size alone: sum over where blocks start."""
    starts, can_start = np.zeros(n + 1), np.zeros(n + 1, dtype=bool)
    starts[0] = can_start[0] = True
    for place in range(n):
        for size in scheme.sizes:
            if place + size <= n:
                starts[place + size] += starts[place] / len(scheme.sizes)
                can_start[place + size] |= can_start[place]
    sums, weights, possible = np.zeros(3), np.zeros(n + 1), np.zeros(n + 1, dtype=bool)
    ratio = _lowest(scheme.ratio)
    for size in scheme.sizes:
        for inside, step in enumerate(_walk(block(size, ratio), ratio, min(size, n))):
            begun = n - inside  # blocks that start at 0 to n - inside - 1 have this place among the n
            sums += starts[:begun].sum() / len(scheme.sizes) * np.array([step.guess, step.forced, step.level])
            before = begun - 1
            if can_start[before]:  # the sequence stops here, this far into the block
                shift = _firsts_of_whole_blocks(before, ratio)
                weights[shift : shift + inside + 2] += starts[before] / len(scheme.sizes) * step.weights
                possible[shift : shift + inside + 2] |= step.possible
    return _assessment(scheme, n, sums, weights, possible)


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
        guess=guess,
        deterministic=forced,
        balance=level,
        sd=sqrt(float(weights @ ahead**2)),
        mean_abs=float(weights @ np.abs(ahead)),
        max_abs=np.abs(ahead[possible]).max().item(),
    )
