"""Items of a scale as arrays: complete answers, and what makes a scale unfit to be analysed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from attunement.impact.asked import names
from attunement.impact.edge import Floats, numbers, once_each
from attunement.impact.errors import ImpactError
from attunement.impact.factor import Moments
from attunement.impact.failing import Unfit
from attunement.impact.flags import Flag


@dataclass(frozen=True)
class Answers:
    """`values` (n, p) of the families with every item known; `kept` (all rows,) marks them."""

    items: tuple[str, ...]
    values: Floats
    kept: NDArray[np.bool_]

    @property
    def missing(self) -> int:
        return int((~self.kept).sum())


def answers(data: pl.DataFrame, items: Sequence[str], least: int) -> Answers:
    """ImpactError for fewer items than `least` or for text; Unfit when nobody answered all of them."""
    wanted = names(items, "items")
    if len(wanted) < least:
        raise ImpactError(f"At least {least} items are needed, not {len(wanted)}.")
    values = np.column_stack([numbers(data, name) for name in wanted])
    once_each(data, wanted)
    kept = np.asarray(~np.isnan(values).any(axis=1))
    if kept.size and not kept.any():
        raise Unfit(Flag.MISSING, "no family has every item known", missing=kept.size)
    return Answers(tuple(wanted), values[kept], kept)


def moments(values: Floats, items: Sequence[str], whom: str = "") -> Moments:
    """Means and covariances (divisor n) of one group's answers; Unfit when no factor model can be had from them."""
    n, p = values.shape
    if n <= p:
        raise Unfit(Flag.SMALL_CELL, f"{n} families{whom} with every item are too few for {p} items", (0, 0))
    mean = values.mean(axis=0)
    covariance = (values - mean).T @ (values - mean) / n
    size = np.sqrt(np.diag(covariance)) * (np.ptp(values, axis=0) > 0)
    if size.min() == 0:
        raise Unfit(Flag.CONSTANT, f"item '{items[int(size.argmin())]}' is the same for every family{whom}")
    if np.linalg.eigvalsh(covariance / np.outer(size, size))[0] < 1e-10:
        raise Unfit(Flag.COLLINEAR, f"an item follows from the others{whom}")
    return Moments(n, mean, covariance)
