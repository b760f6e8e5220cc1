"""Several outcomes, several p values: adjusted so that the whole family keeps its error rate."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from attunement.impact.edge import Floats
from attunement.impact.errors import ImpactError

Whole = NDArray[np.int64]


def holm(p: Sequence[float] | Floats) -> Floats:
    """Holm's step-down p values, (k,) in the order given; familywise. Holm 1979, Scandinavian J Statistics 6:65."""
    values, order = _sorted(p)
    adjusted = np.maximum.accumulate(values[order] * np.arange(values.size, 0, -1))
    return _back(adjusted, order)


def hochberg(p: Sequence[float] | Floats) -> Floats:
    """Hochberg's step-up p values, (k,) in the order given; familywise under independence. 1988, Biometrika 75:800."""
    values, order = _sorted(p)
    adjusted = values[order] * np.arange(values.size, 0, -1)
    return _back(np.minimum.accumulate(adjusted[::-1])[::-1], order)


def benjamini_hochberg(p: Sequence[float] | Floats) -> Floats:
    """False discovery rate p values, (k,) in the order given. Benjamini and Hochberg 1995, JRSS B 57:289, eq. 1."""
    values, order = _sorted(p)
    adjusted = values[order] * (values.size / np.arange(1, values.size + 1))
    return _back(np.minimum.accumulate(adjusted[::-1])[::-1], order)


def _sorted(p: Sequence[float] | Floats) -> tuple[Floats, Whole]:
    try:
        values = np.array(p, dtype=np.float64)
    except (TypeError, ValueError):
        raise ImpactError("p values are numbers from 0 to 1, and none of them missing.") from None
    if values.ndim != 1 or not ((values >= 0) & (values <= 1)).all():
        raise ImpactError("p values are numbers from 0 to 1, and none of them missing.")
    return values, np.argsort(values, kind="stable")


def _back(adjusted: Floats, order: Whole) -> Floats:
    found = np.empty_like(adjusted)
    found[order] = np.minimum(adjusted, 1.0)
    return found
