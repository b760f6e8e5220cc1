"""The one shape of an indicator: a row with its numerator, denominator and what is missing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import polars as pl

SCHEMA = {
    "indicator": pl.String,
    "value": pl.Float64,
    "numerator": pl.Int64,
    "denominator": pl.Int64,
    "missing": pl.Int64,
}


class Indicator(NamedTuple):
    """`value` is None where it cannot be said; `missing` counts units of which nothing is known."""

    indicator: str
    value: float | None
    numerator: int
    denominator: int
    missing: int = 0


def ratio(indicator: str, numerator: int, denominator: int, missing: int = 0) -> Indicator:
    """numerator / denominator; no value when the denominator is 0."""
    return Indicator(indicator, numerator / denominator if denominator else None, numerator, denominator, missing)


def tidy(rows: Iterable[Indicator]) -> pl.DataFrame:
    """One row an indicator: indicator, value, numerator, denominator, missing."""
    return pl.DataFrame(list(rows), schema=SCHEMA, orient="row")
