"""The one shape of an indicator: a row with its numerator, denominator and what is missing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
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


def cut(frame: pl.DataFrame, known_on: date, group: str = "all") -> pl.DataFrame:
    """The indicators of a snapshot: with `group` (all, a site or an arm) and `cut`, the day up to which they hold."""
    return frame.select("indicator", pl.lit(group).alias("group"), *list(SCHEMA)[1:], pl.lit(known_on).alias("cut"))


def unknown(indicator: str, of: int) -> Indicator:
    """Nothing is recorded of it: no value, and all `of` units missing. This is not a value of 0."""
    return Indicator(indicator, None, 0, 0, of)


def tidy(rows: Iterable[Indicator]) -> pl.DataFrame:
    """One row an indicator: indicator, value, numerator, denominator, missing."""
    return pl.DataFrame(list(rows), schema=SCHEMA, orient="row")
