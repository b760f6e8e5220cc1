"""From a Polars frame to arrays: everything that may be wrong with the data is said here, before any algebra."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from attunement.impact.estimate import ImpactError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Rows:
    """Complete cases: `outcome` and `arm` of shape (n,), `covariates` (n, q), `site` (n,) text or None."""

    outcome: Floats
    arm: Floats
    covariates: Floats
    site: NDArray[np.str_] | None
    missing: int

    @property
    def by_arm(self) -> tuple[int, int]:
        return int((self.arm == 0).sum()), int((self.arm == 1).sum())


def series(data: pl.DataFrame, name: str) -> pl.Series:
    """The column called `name`; ImpactError when there is none."""
    if name not in data.columns:
        raise ImpactError(f"There is no column '{name}' in the data.")
    return data[name]


def numbers(data: pl.DataFrame, name: str) -> Floats:
    """A numeric or true/false column as floats, shape (rows,); missing (null or NaN) is NaN."""
    column = series(data, name)
    if column.dtype == pl.Null:
        return np.full(column.len(), np.nan)
    if not (column.dtype.is_numeric() or column.dtype == pl.Boolean):
        raise ImpactError(f"Column '{name}' holds {_kind(column)}, and numbers are needed.")
    values = column.cast(pl.Float64).to_numpy().astype(np.float64)
    if np.isinf(values).any():
        raise ImpactError(f"Column '{name}' holds an infinite value.")
    return values


def arms(data: pl.DataFrame, name: str) -> Floats:
    """The arm of each row, 0 or 1, shape (rows,); a missing or third value is an error."""
    values = numbers(data, name)
    if np.isnan(values).any():
        raise ImpactError(f"Column '{name}' is empty in {int(np.isnan(values).sum())} rows: every family has an arm.")
    if not np.isin(values, (0.0, 1.0)).all():
        raise ImpactError(f"Column '{name}' holds other values than 0 and 1.")
    return values


def rows(data: pl.DataFrame, *, outcome: str, arm: str, covariates: Sequence[str], site: str | None) -> Rows:
    """The complete cases of the columns named; ImpactError says what is wrong with the data."""
    if isinstance(covariates, str):
        raise ImpactError("covariates is a list of column names, not one name.")
    names = [outcome, arm, *covariates, *([site] if site is not None else [])]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ImpactError(f"Column '{twice[0]}' is named twice in the analysis.")
    y, a = numbers(data, outcome), arms(data, arm)
    x = np.column_stack([numbers(data, name) for name in covariates]) if covariates else np.empty((y.size, 0))
    places = _places(data, site) if site is not None else None
    keep = ~np.isnan(y) & ~np.isnan(x).any(axis=1)
    kept = Rows(y[keep], a[keep], x[keep], places[keep] if places is not None else None, int((~keep).sum()))
    for value, count in enumerate(kept.by_arm):
        if count == 0:
            raise ImpactError(f"Arm {value} has no family with '{outcome}' and every covariate known.")
    return kept


def _places(data: pl.DataFrame, site: str) -> NDArray[np.str_]:
    column = series(data, site)
    if column.null_count():
        raise ImpactError(f"Column '{site}' is empty in {column.null_count()} rows: every family has a site.")
    return column.cast(pl.String).to_numpy().astype(np.str_)


def _kind(column: pl.Series) -> str:
    return "text" if column.dtype in (pl.String, pl.Categorical, pl.Enum) else str(column.dtype)
