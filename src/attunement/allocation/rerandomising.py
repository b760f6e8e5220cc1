"""Re-allocation: the scheme's own rule, run thousands of times over the families as they came, for inference."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import cast

import numpy as np
from numpy.typing import NDArray

from attunement.allocation.balancing import pick, reallocate
from attunement.allocation.errors import AllocationError
from attunement.allocation.leaning import Leaning, block, leaning
from attunement.allocation.minimising import Levels, Minimisation
from attunement.allocation.schemes import BigStick, Complete, PermutedBlocks, Scheme

Arms = NDArray[np.int8]
_MOST_ARMS = 127


def rerandomise(
    scheme: Scheme | Minimisation, arrivals: Sequence[Hashable] | Sequence[Levels], replicates: int, seed: int
) -> Arms:
    """Arms (from 0) of every family under the scheme, drawn anew: shape (replicates, families), one byte each.

    arrivals: the stratum of each family in order of arrival; for minimisation a mapping factor -> level a family.
    seed: a whole number from 0 on. Each stratum has a Philox stream of its own (Salmon and others 2011), in the order
    in which strata first appear. For inference, never for allocating. Raises AllocationError.
    """
    for what, number, least in (("replicates", replicates, 1), ("seed", seed, 0)):
        if not isinstance(number, int) or isinstance(number, bool) or number < least:
            raise AllocationError(f"{what} should be a whole number from {least} on, not {number!r}")
    if not isinstance(scheme, (Scheme, Minimisation)):
        raise AllocationError(f"{scheme!r} is no scheme that can be drawn anew")
    if isinstance(arrivals, str) or not isinstance(arrivals, Iterable):
        raise AllocationError(f"arrivals should be one stratum for each family in order of arrival, not {arrivals!r}")
    arrivals = list(arrivals)
    if scheme.arms > _MOST_ARMS:
        raise AllocationError(f"re-allocation takes {_MOST_ARMS} arms at most, not {scheme.arms}")
    if isinstance(scheme, Minimisation):
        families = cast("Sequence[Levels]", arrivals)
        return reallocate(scheme, families, replicates, _chance(seed, 0)).T
    out = np.empty((len(arrivals), replicates), dtype=np.int8)
    for which, rows in enumerate(_strata(arrivals).values()):
        out[rows] = _stratum(scheme, len(rows), replicates, _chance(seed, which))
    return out.T


def _chance(seed: int, stratum: int) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(np.random.SeedSequence(seed, spawn_key=(stratum,))))


def _strata(arrivals: Sequence[Hashable] | Sequence[Levels]) -> Mapping[Hashable, list[int]]:
    rows: dict[Hashable, list[int]] = {}
    for family, stratum in enumerate(arrivals):
        if isinstance(stratum, Mapping) or not isinstance(stratum, Hashable):
            raise AllocationError(f"family {family + 1}: its stratum should be a plain value, not {stratum!r}")
        if stratum is None:
            raise AllocationError(f"family {family + 1} has no stratum")
        rows.setdefault(stratum, []).append(family)
    return rows


def _stratum(scheme: Scheme, places: int, replicates: int, chance: np.random.Generator) -> Arms:
    match scheme:
        case BigStick(limit=limit):
            return _big_stick(limit, places, replicates, chance)
        case PermutedBlocks(sizes=(size,)) if scheme.arms == 2:
            lean, lengths = block(size, scheme.ratio), [min(size, places - at) for at in range(0, places, size)]
            return np.concatenate([_leaning(lean, length, replicates, chance) for length in lengths])
        case PermutedBlocks():
            return _blocks(scheme, places, replicates, chance)
        case Complete():
            lots = np.repeat(np.arange(scheme.arms, dtype=np.int8), scheme.ratio)
            return lots[chance.integers(len(lots), size=(places, replicates), dtype=np.uint32)]
        case _:
            return _leaning(leaning(scheme), places, replicates, chance)


def _big_stick(limit: int, places: int, replicates: int, chance: np.random.Generator) -> Arms:
    """One bit a draw: a fair coin needs no more."""
    size = places * replicates
    bits = np.unpackbits(np.frombuffer(chance.bytes((size + 7) // 8), dtype=np.uint8), count=size)
    arms = bits.view(np.int8).reshape(places, replicates)
    if limit >= places:
        return arms
    ahead: NDArray[np.signedinteger] = np.zeros(replicates, dtype=np.int8 if limit < 127 else np.int32)
    for arm in arms:
        arm |= ahead >= limit
        arm &= ahead > -limit
        ahead += 1
        ahead -= arm
        ahead -= arm
    return arms


def _leaning(lean: Leaning, places: int, replicates: int, chance: np.random.Generator) -> Arms:
    arms = np.empty((places, replicates), dtype=np.int8)
    firsts = np.zeros(replicates, dtype=np.intp)
    for drawn in range(places):
        chances = lean(drawn, 2 * np.arange(drawn + 1) - drawn)
        first = chance.random(replicates) < chances.take(firsts)
        firsts += first
        np.logical_not(first, out=arms[drawn].view(np.bool_))
    return arms


def _blocks(scheme: PermutedBlocks, places: int, replicates: int, chance: np.random.Generator) -> Arms:
    """Places left for each arm in the running block of every replicate; a block used up begins another."""
    sizes, share = np.array(scheme.sizes), np.array(scheme.ratio)[:, None]
    arms = np.empty((places, replicates), dtype=np.int8)
    left, total = np.zeros((scheme.arms, replicates)), np.zeros(replicates)
    for arm in arms:
        ended = np.flatnonzero(total == 0)
        if len(ended):
            size = sizes[chance.integers(len(sizes), size=len(ended))]
            total[ended] = size
            left[:, ended] = share * (size // sum(scheme.ratio))
        arm[:] = pick(left, chance.random(replicates) * total)
        for which, part in enumerate(left):
            part -= arm == which
        total -= 1
    return arms
