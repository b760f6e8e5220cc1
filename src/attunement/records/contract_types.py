"""Frames as others hand them over, brought to the types that the outcomes are derived from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from attunement.records.errors import RecordsError


def typed(frame: pl.DataFrame, schema: Mapping[str, Any], name: str) -> pl.DataFrame:
    """The columns of `schema`, each of its type, every row once; further columns are left.

    A column without any value may have any type, and a frame without rows any columns. Instants become their day and
    text in the form 2024-02-29 a date. RecordsError for a missing column, or for values that are not of their type.
    """
    if frame.is_empty():
        return pl.DataFrame(schema=dict(schema))
    missing = [column for column in schema if column not in frame.columns]
    if missing:
        raise RecordsError(f"The table of {name} lacks the column {missing[0]}; please add it, empty if need be.")
    columns = [_column(frame[column], kind, f"the table of {name}") for column, kind in schema.items()]
    return pl.DataFrame(columns).unique(maintain_order=True)


def _column(values: pl.Series, kind: Any, where: str) -> pl.Series:
    if values.dtype == kind:
        return values
    if values.null_count() == len(values):
        return pl.Series(values.name, [None] * len(values), dtype=kind)
    try:
        if kind == pl.Date:
            return _days(values)
        if kind == pl.Boolean and not values.dtype.is_integer():
            raise RecordsError
        return values.cast(kind)
    except (RecordsError, pl.exceptions.PolarsError):
        wanted = {pl.Date: "dates", pl.Boolean: "true or false"}.get(kind, "text")
        raise RecordsError(f"The column {values.name} in {where} must hold {wanted}.") from None


def _days(values: pl.Series) -> pl.Series:
    """Never from numbers: a day's number counts from another day in each program."""
    if values.dtype == pl.String:
        return values.str.to_date("%Y-%m-%d")
    if isinstance(values.dtype, pl.Datetime):
        return values.dt.date()
    raise RecordsError
