"""A trial's rows as arrays: what is complete, who is in which arm, and the columns of a regression."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from attunement.cost.errors import CostError

Floats: TypeAlias = NDArray[np.float64]
Z = 1.959963984540054
"""The 97.5 % point of the normal distribution."""


@dataclass(frozen=True)
class Estimate:
    """A value, its standard error and 95 % limits."""

    value: float
    se: float
    low: float
    high: float


def normal(value: float, se: float) -> Estimate:
    """With limits value ± 1.959964 · se."""
    return Estimate(value, se, value - Z * se, value + Z * se)


def has(data: pl.DataFrame, columns: Sequence[str]) -> None:
    """CostError unless `data` is a frame with all these columns."""
    if not isinstance(data, pl.DataFrame):
        raise CostError(f"The trial's rows are a Polars frame, not {type(data).__name__}.")
    for column in columns:
        if column not in data.columns:
            raise CostError(f"There is no column '{column}'.")


def numbers(data: pl.DataFrame, column: str) -> Floats:
    """A column as floats, missing (null or NaN) as NaN. CostError: text, or an infinite value."""
    series = data[column]
    if not (series.dtype.is_numeric() or series.dtype in (pl.Boolean, pl.Null)):
        raise CostError(f"The column '{column}' holds {series.dtype}, and numbers are wanted.")
    values = series.cast(pl.Float64).to_numpy().astype(np.float64)
    if np.isinf(values).any():
        raise CostError(f"The column '{column}' holds an infinite value.")
    return values


def arms(data: pl.DataFrame, column: str) -> Floats:
    """The arm of each row, 0 or 1. CostError for anything else, and for an arm without a row."""
    values = numbers(data, column)
    known = values[~np.isnan(values)]
    if not np.isin(known, (0, 1)).all():
        raise CostError(f"The column '{column}' says 0 (control) or 1 (programme), and nothing else.")
    for arm in (0, 1):
        if not (known == arm).any():
            raise CostError(f"No row with these data is in arm {arm}.")
    return values


def columns(data: pl.DataFrame, names: Sequence[str]) -> Floats:
    """Covariates as columns: numbers as they are, text as dummies without the first level (sorted)."""
    made: list[Floats] = []
    for name in names:
        series = data[name]
        if series.dtype in (pl.String, pl.Categorical, pl.Enum):
            texts = series.cast(pl.String).to_list()
            levels = sorted(set(texts) - {None})
            made += [np.array([float(text == level) for text in texts]) for level in levels[1:]]
        else:
            made.append(numbers(data, name))
    return np.column_stack(made) if made else np.empty((data.height, 0))


def complete(data: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """The rows without a null or NaN in any of these columns; where there are none, the same frame."""
    if not any(_gaps(data[name]) for name in dict.fromkeys(names)):
        return data
    real = [name for name in names if data.schema[name].is_float()]
    return data.filter(pl.all_horizontal(pl.col(name).is_not_null() for name in dict.fromkeys(names)),
                       *(pl.col(name).is_not_nan() for name in dict.fromkeys(real)))  # fmt: skip


def _gaps(series: pl.Series) -> bool:
    return bool(series.null_count()) or (series.dtype.is_float() and bool(series.is_nan().any()))


def strata(*labels: Sequence[object]) -> list[NDArray[np.intp]]:
    """Row numbers by stratum, in the order of the labels."""
    keys: dict[tuple[object, ...], list[int]] = {}
    for place, key in enumerate(zip(*labels, strict=True)):
        keys.setdefault(key, []).append(place)
    return [np.array(keys[key], dtype=np.intp) for key in sorted(keys, key=str)]
