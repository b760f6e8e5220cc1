"""Re-allocating two arms quickly: minimisation by one difference a level, blocks by one number a replicate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import combinations
from math import comb, gcd
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attunement.allocation.minimising import Minimisation
from attunement.allocation.schemes import PermutedBlocks

Arms = NDArray[np.int8]
Numbers = NDArray[Any]
MOST_ARRANGEMENTS = 100_000
_ROOM: Mapping[type[np.number[Any]], int] = {np.int16: 2**15, np.int32: 2**31, np.int64: 2**63}


def minimised(
    scheme: Minimisation, comers: Sequence[Mapping[str, int]], replicates: int, chance: np.random.Generator
) -> Arms:
    """Arms of shape (families, replicates). comers: factor -> position of the newcomer's level.

    Two arms have one difference D a level (first arm's count less the second's, each over its share of the ratio). The
    spread with the newcomer in an arm hangs on D alone, and the standard deviation is half the range. Whole numbers
    throughout, so ties are ties.
    """
    one, other = (int(step) for step in scheme.steps)
    shared = gcd(*scheme.whole_weights.values())
    weights = {factor: weight // shared for factor, weight in scheme.whole_weights.items()}
    kind = _kind(scheme, weights, len(comers))
    ahead = {factor: np.zeros((len(levels), replicates), dtype=kind) for factor, levels in scheme.factors.items()}
    second = np.array([float(scheme.chances(best)[1]) for best in ((0, 1), (1,), (0,))], dtype=np.float32)
    lots, arms = np.empty(replicates, dtype=np.float32), np.empty((len(comers), replicates), dtype=np.int8)
    for arm, comer in zip(arms, comers, strict=True):
        score = np.zeros(replicates, dtype=kind)
        for factor, level in comer.items():
            score += weights[factor] * _worse(ahead[factor][level], one, other, scheme.measure)
        leans = np.sign(score, out=score).astype(np.intp)  # 1: the first arm leaves more imbalance; -1: the second
        chance.random(dtype=np.float32, out=lots)
        np.less(lots, second[leans], out=arm.view(np.bool_))
        step = one - (one + other) * arm.astype(kind)
        for factor, level in comer.items():
            ahead[factor][level] += step
    return arms


def _worse(ahead: Numbers, one: int, other: int, measure: str) -> Numbers:
    """How much more imbalance the newcomer leaves in the first arm than in the second, in any unit."""
    if measure == "variance":
        more: Numbers = ahead * (2 * (one + other)) + (one * one - other * other)
        return more
    if one == other == 1:
        equal: Numbers = np.sign(ahead)
        return equal
    unequal: Numbers = np.abs(ahead + one) - np.abs(ahead - other)
    return unequal


def _kind(scheme: Minimisation, weights: Mapping[str, int], families: int) -> type[np.number[Any]]:
    """The narrowest numbers that hold every score; beyond all whole ones, floats."""
    most = (families + 2) * max(scheme.steps) * 4 * max(scheme.steps) * sum(weights.values())
    return next((kind for kind, room in _ROOM.items() if most < room), np.float64)


def can_be_tabled(scheme: PermutedBlocks) -> bool:
    """Are there few enough arrangements of its blocks to list them?"""
    firsts = [scheme.block(size)[0] for size in scheme.sizes]
    places = zip(scheme.sizes, firsts, strict=True)
    return scheme.arms == 2 and max(scheme.sizes) < 31 and sum(comb(*each) for each in places) <= MOST_ARRANGEMENTS


def blocks(scheme: PermutedBlocks, places: int, replicates: int, chance: np.random.Generator) -> Arms:
    """Arms of shape (places, replicates). Each replicate holds its running block as the bits of one number, under a
    last bit that is set: 1 alone means that the block is used up."""
    tables = [_arrangements(size, scheme.block(size)[0]) for size in scheme.sizes]
    starts = np.cumsum([0, *(len(table) for table in tables)])[:-1]
    counts, table = np.array([len(table) for table in tables]), np.concatenate(tables)
    arms, running = np.empty((places, replicates), dtype=np.int8), np.ones(replicates, dtype=np.int32)
    for arm in arms:
        ended = np.flatnonzero(running == 1)
        if len(ended):
            lots = chance.random(len(ended))
            if len(tables) > 1:
                size = chance.integers(len(tables), size=len(ended), dtype=np.uint8)
                running[ended] = table[starts[size] + (lots * counts[size]).astype(np.intp)]
            else:
                running[ended] = table[(lots * counts[0]).astype(np.intp)]
        np.bitwise_and(running, 1, out=arm, casting="unsafe")
        running >>= 1
    return arms


@lru_cache(maxsize=32)
def _arrangements(size: int, firsts: int) -> NDArray[np.int32]:
    """Every way to place the first arm in a block: bit 1 is the second arm."""
    full = (2 << size) - 1
    return np.array([full - sum(1 << at for at in chosen) for chosen in combinations(range(size), firsts)], dtype=np.int32)
