"""Minimisation over many replicates at once: for inference, and for made-up trials."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import lcm

import numpy as np
from numpy.typing import NDArray

from attunement.allocation import two_arms
from attunement.allocation.leaning import Floats, Whole
from attunement.allocation.minimising import Levels, Minimisation

Held = Mapping[str, Whole]
"""Factor -> counts of shape (levels, arms, replicates), each in units of one family of an arm over its ratio."""


def reallocate(
    scheme: Minimisation, families: Sequence[Levels], replicates: int, chance: np.random.Generator
) -> NDArray[np.int8]:
    """Arms of the families as they came, shape (families, replicates). Raises AllocationError."""
    for family in families:
        scheme.check_levels(family)
    comers = [{f: levels.index(family[f]) for f, levels in scheme.factors.items()} for family in families]
    if scheme.arms == 2:
        return two_arms.minimised(scheme, comers, replicates, chance)
    arms = np.empty((len(families), replicates), dtype=np.int8)
    for row, (arm, _, _) in zip(arms, places(scheme, empty(scheme, replicates), comers, chance), strict=True):
        row[:] = arm
    return arms


def empty(scheme: Minimisation, replicates: int) -> Held:
    """Counts before the first family."""
    return {f: np.zeros((len(ls), scheme.arms, replicates), dtype=np.int64) for f, ls in scheme.factors.items()}


def steps_of(scheme: Minimisation) -> Whole:
    """What one family adds to its arm: the counts are divided by the ratio, and whole all the same."""
    return lcm(*scheme.ratio) // np.array(scheme.ratio)[:, None]


def places(
    scheme: Minimisation, held: Held, comers: Iterable[Mapping[str, int | Whole]], chance: np.random.Generator
) -> Iterator[tuple[NDArray[np.int8], NDArray[np.bool_], Floats]]:
    """For each newcomer: arms drawn, which were preferred, and their chances; `held` is counted up.

    A newcomer's level is a position, one for all replicates or one for each.
    """
    steps, weights = steps_of(scheme), {factor: float(weight) for factor, weight in scheme.weights.items()}
    column = np.arange(scheme.arms)[:, None]
    for comer in comers:
        margins = [(weights[factor], _count(held[factor], level)) for factor, level in comer.items()]
        scores = np.array([_score(margins, scheme.measure, into, int(steps[into, 0])) for into in range(scheme.arms)])
        best = scores <= scores.min(axis=0) * (1 + 1e-9)
        chances = _chances(scheme, np.array(scheme.ratio)[:, None], best)
        arm = pick(chances, chance.random(best.shape[1]))
        for factor, level in comer.items():
            if isinstance(level, int):
                held[factor][level] += np.where(arm == column, steps, 0)
            else:
                held[factor][level, arm, np.arange(len(arm))] += steps[arm, 0]
        yield arm, best, chances


def _count(held: Whole, level: int | Whole) -> Whole:
    return held[level] if isinstance(level, int) else held[level, :, np.arange(len(level))].T


def _score(margins: Sequence[tuple[float, NDArray[np.int64]]], measure: str, into: int, step: int) -> Floats:
    score: Floats = np.zeros(margins[0][1].shape[1])
    for weight, count in margins:
        with_newcomer = count.copy()
        with_newcomer[into] += step
        if measure == "range":
            spread: Floats = np.ptp(with_newcomer, axis=0).astype(np.float64)
        else:
            squares = len(count) * (with_newcomer**2).sum(axis=0) - with_newcomer.sum(axis=0) ** 2
            spread = squares.astype(np.float64) if measure == "variance" else np.sqrt(squares)
        score += weight * spread
    return score


def _chances(scheme: Minimisation, ratio: NDArray[np.int64], best: NDArray[np.bool_]) -> Floats:
    """`Minimisation.chances` for every replicate: `best` marks its preferred arms, shape (arms, replicates)."""
    whole, other = sum(scheme.ratio), float(1 - scheme.p)
    rest = whole - min(scheme.ratio)
    tied = (best * ratio).sum(axis=0)
    chances: Floats = best * ratio / tied * (1 - other * (whole - ratio) / rest)
    chances += other * ratio / rest * (tied - best * ratio) / tied
    return chances


def pick(parts: Floats, point: Floats) -> NDArray[np.int8]:
    """Which of the parts, laid end to end along the first axis, the point falls into."""
    picked = np.zeros(point.shape, dtype=np.int8)
    for edge in np.cumsum(parts, axis=0)[:-1]:
        picked += point >= edge
    return picked
