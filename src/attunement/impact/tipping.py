"""How far the missing families must differ from what was imputed before the conclusion changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
import scipy

from attunement.impact.asked import share
from attunement.impact.edge import Floats
from attunement.impact.errors import ImpactError
from attunement.impact.estimate import Estimate
from attunement.impact.imputation import Imputed, delta, impute


@dataclass(frozen=True)
class Tipping:
    """`table`: amount (added in arm 1), control (added in arm 0), value, se, df, low, high, p, one row a pair.

    `amounts` are where p crosses 1 - level along arm 1 with nothing added in arm 0, the nearest to none first; empty
    when it does not within the amounts tried.
    """

    table: pl.DataFrame
    amounts: tuple[float, ...]
    level: float
    method: str


def tipping_point(
    data: Imputed | pl.DataFrame, amounts: Sequence[float] | Floats | None = None, *,
    control: Sequence[float] | Floats = (0.0,), level: float = 0.95, **imputation: Any,
) -> Tipping:  # fmt: skip
    """The pooled effect over a grid of amounts added to what was imputed, and where it stops being significant.

    `data` is what `impute` gave, or a frame with `impute`'s own arguments. `amounts` (in the outcome's units) are added
    in arm 1; without them, 41 from two standard deviations of the known outcomes down to two up. `control` are added
    in arm 0. The draws are the same all over the grid. ImpactError for an amount that is not finite.
    Source: Cro and others 2020, Statistics in Medicine 39:2815; Ratitch and others 2013, Pharmaceutical Statistics
    12:337.
    """
    share(level)
    imputed = data if isinstance(data, Imputed) else impute(data, **imputation)
    if amounts is None:
        reach = 2 * float(np.nanstd(imputed.everybody.outcome, ddof=1))
        amounts = np.linspace(-reach, reach, 41)
    along, across = _finite(amounts), _finite(control)
    rows = [_row(_shifted(imputed, a, c, level), a, c) for c in across for a in along]
    found = [] if imputed.missing.size == 0 else _crossings(imputed, np.unique(along), level)
    method = f"{imputed.method}; amounts added, pooled by Rubin's rules"
    return Tipping(pl.DataFrame(rows), tuple(sorted(found, key=abs)), level, method)


def _finite(amounts: Sequence[float] | Floats) -> Floats:
    try:
        found = np.atleast_1d(np.asarray(amounts, dtype=np.float64))
    except (TypeError, ValueError):
        raise ImpactError("The amounts to try are finite numbers, one or more.") from None
    if found.ndim != 1 or found.size == 0 or not np.isfinite(found).all():
        raise ImpactError("The amounts to try are finite numbers, one or more.")
    return found


def _shifted(imputed: Imputed, amount: float, control: float, level: float) -> Estimate:
    moved = delta(delta(imputed, float(amount), 1), float(control), 0)
    # the columns do not change with the outcome, so they are decomposed once for the whole grid
    moved.__dict__["_solver"] = imputed._solver
    return moved.pooled(level)


def _row(found: Estimate, amount: float, control: float) -> dict[str, float | None]:
    figures = {name: getattr(found, name) for name in ("value", "se", "df", "low", "high", "p")}
    return {"amount": float(amount), "control": float(control)} | figures


def _crossings(imputed: Imputed, along: Floats, level: float) -> list[float]:
    def beyond(amount: float) -> float:
        p = _shifted(imputed, amount, 0.0, level).p
        return (0.0 if p is None else p) - (1 - level)

    signs = [beyond(amount) for amount in along]
    return [
        float(scipy.optimize.brentq(beyond, left, right, xtol=1e-9))
        for left, right, a, b in zip(along[:-1], along[1:], signs[:-1], signs[1:], strict=True)
        if a * b < 0
    ]
