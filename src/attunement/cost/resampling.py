"""Bootstrap draws within strata, and the limits that are read off them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import scipy
from numpy.typing import NDArray

from attunement.cost.errors import CostError
from attunement.cost.trial import Floats, Z

BATCH = 512
"""Resamples that are held in memory together."""


def counted(strata: Sequence[NDArray[np.intp]], n: int, draws: int, seed: int) -> Iterator[Floats]:
    """Batches of resamples as counts, (batch × n): how often each row was drawn, with replacement in its stratum.

    The same seed gives the same resamples.
    """
    if draws < 2:
        raise CostError("A bootstrap has at least two draws.")
    chance = np.random.default_rng(seed)
    for first in range(0, draws, BATCH):
        size = min(BATCH, draws - first)
        drawn = np.empty((size, n), dtype=np.intp)
        start = 0
        for rows in strata:
            drawn[:, start : start + rows.size] = rows[chance.integers(0, rows.size, (size, rows.size))]
            start += rows.size
        drawn += n * np.arange(size, dtype=np.intp)[:, None]
        yield np.bincount(drawn.ravel(), minlength=size * n).reshape(size, n).astype(np.float64)


def counted_from(indices: object, strata: Sequence[NDArray[np.intp]], n: int) -> Iterator[Floats]:
    """The same from given `indices` (B × n, row numbers from 0). CostError unless each resample keeps every stratum."""
    given = np.asarray(indices)
    if given.ndim != 2 or given.shape[1] != n or given.shape[0] < 2 or given.dtype.kind not in "iu":
        raise CostError(f"indices are whole numbers, resamples × {n} rows; these are {given.dtype}, "
                        f"{' × '.join(map(str, given.shape))}.")
    if given.min() < 0 or given.max() >= n:
        raise CostError(f"indices go from 0 to {n - 1}.")
    for first in range(0, given.shape[0], BATCH):
        drawn = given[first : first + BATCH].astype(np.intp)
        size = drawn.shape[0]
        flat = (drawn + n * np.arange(size, dtype=np.intp)[:, None]).ravel()
        counts = np.bincount(flat, minlength=size * n).reshape(size, n).astype(np.float64)
        for rows in strata:
            if not (counts[:, rows].sum(axis=1) == rows.size).all():
                raise CostError("indices do not keep the strata: each resample draws as many rows of a site and arm "
                                "as it has.")
        yield counts


def limits(draws: Floats, shares: Sequence[float]) -> tuple[float, ...]:
    """Points of the sorted draws at position (B + 1)p, linear between, the ends beyond them."""
    ordered = np.sort(draws)
    places = (ordered.size + 1) * np.asarray(shares) - 1
    return tuple(float(value) for value in np.interp(places, np.arange(ordered.size), ordered))


def bca(draws: Floats, value: float, influence: Floats) -> tuple[float, float, tuple[float, ...]]:
    """z₀, acceleration and the bias-corrected and accelerated limits. Efron 1987, JASA 82:171.

    `influence`: of each row on the estimate. CostError when all draws lie on one side of it.
    """
    share = float((draws < value).mean())
    if not 0 < share < 1:
        raise CostError("All draws lie on one side of the estimate, so there are no bias-corrected limits.")
    z0 = float(scipy.special.ndtri(share))
    spread = float((influence**2).sum())
    acceleration = float((influence**3).sum() / (6 * spread**1.5)) if spread else 0.0
    shares = [float(scipy.special.ndtr(z0 + (z0 + z) / (1 - acceleration * (z0 + z)))) for z in (-Z, Z)]
    return z0, acceleration, limits(draws, shares)
