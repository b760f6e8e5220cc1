"""How a two-arm scheme leans in every state at once: the array form of `Scheme.chances`, for counting and simulating."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from attunement.allocation.errors import AllocationError
from attunement.allocation.schemes import BigStick, Complete, EfronCoin, MaximalProcedure, Scheme, WeiUrn

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Leaning = Callable[[int, Whole], Floats]


def leaning(scheme: Scheme) -> Leaning:
    """The chance of arm 0 as a function of (places drawn, count of arm 0 less count of arm 1), arrays in and out.

    For schemes whose chances hang on the counts alone. States that the scheme cannot reach get any number.
    Raises AllocationError for another scheme.
    """
    match scheme:
        case Complete() if scheme.arms == 2:
            share = scheme.ratio[0] / sum(scheme.ratio)
            return lambda drawn, ahead: np.full(ahead.shape, share)
        case BigStick(limit=limit):
            return lambda drawn, ahead: np.where(ahead >= limit, 0.0, np.where(ahead <= -limit, 1.0, 0.5))
        case EfronCoin(p=p):
            heads, tails = float(p), float(1 - Fraction(p))
            return lambda drawn, ahead: np.where(ahead > 0, tails, np.where(ahead < 0, heads, 0.5))
        case WeiUrn(alpha=alpha, beta=beta):
            return lambda drawn, ahead: _wei(alpha, beta, drawn, ahead)
        case MaximalProcedure():
            return _maximal(scheme)
        case _:
            raise AllocationError(f"{scheme.name}: its chances do not hang on the counts of two arms alone")


def block(size: int, ratio: tuple[int, ...]) -> Leaning:
    """The same for one block of `size` places in which two arms stand in `ratio`."""
    places = size * ratio[0] // sum(ratio)
    return lambda drawn, ahead: np.clip((places - (drawn + ahead) // 2) / (size - drawn), 0.0, 1.0)


def _wei(alpha: int, beta: int, drawn: int, ahead: Whole) -> Floats:
    balls = 2 * alpha + beta * drawn
    if balls == 0:
        return np.full(ahead.shape, 0.5)
    chance: Floats = (alpha + beta * ((drawn - ahead) // 2)) / balls
    return chance


def _maximal(scheme: MaximalProcedure) -> Leaning:
    """By counting the endings of every state backwards, scaled at each step: only their proportions matter."""
    reach = min(scheme.limit, scheme.n)
    middle = reach + 1  # one place of 0 beyond the limit on each side
    ways = np.zeros((scheme.n + 1, 2 * middle + 1))
    ways[0, [middle - 1, middle, middle + 1]] = 1.0
    for left in range(1, scheme.n + 1):
        row = ways[left - 1, :-2] + ways[left - 1, 2:]
        ways[left, 1:-1] = row / row.max()

    def chance(drawn: int, ahead: Whole) -> Floats:
        if drawn >= scheme.n:
            raise AllocationError(f"all {scheme.n} places of {scheme.spec} are used: it cannot go on beyond them")
        at, row = np.clip(ahead, -reach, reach) + middle, ways[scheme.n - drawn - 1]
        up, down = row[at + 1], row[at - 1]
        first: Floats = np.divide(up, up + down, out=np.full(at.shape, 0.5), where=up + down > 0)
        return first

    return chance
