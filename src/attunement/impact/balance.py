"""How alike the arms were at the start: standardised differences, and no test."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl

from attunement.impact.asked import names
from attunement.impact.edge import Floats, Labels, arms, numbers, once_each, series, words

_SCHEMA = {
    "covariate": pl.String,
    "n0": pl.Int64,
    "mean0": pl.Float64,
    "sd0": pl.Float64,
    "n1": pl.Int64,
    "mean1": pl.Float64,
    "sd1": pl.Float64,
    "difference": pl.Float64,
    "difference_binary": pl.Float64,
    "missing": pl.Int64,
}


def balance(
    data: pl.DataFrame, *, arm: str, covariates: Sequence[str], labels: Labels | None = None, family: str | None = None
) -> pl.DataFrame:
    """One row a covariate (a number or false/true) or label of one (text, Enum), over all randomised families.

    `difference` = (mean1 - mean0) / sqrt((variance1 + variance0) / 2), the variances with divisor n - 1;
    `difference_binary` the same with variances p(1 - p), for 0/1 covariates and labels, null for others. Null too when
    neither arm varies or an arm has fewer than two values known. No test: any difference at baseline is chance.
    Source: Austin 2009, Statistics in Medicine 28:3083, eqs. 1 and 2.
    """
    wanted = names(covariates)
    arm_of = arms(data, arm, labels)
    once_each(data, [arm, *wanted], family)
    found = [_row(arm_of, values, name) for column in wanted for name, values in _columns(data, column)]
    return pl.DataFrame(found, schema=_SCHEMA, orient="row")


def _columns(data: pl.DataFrame, name: str) -> Iterator[tuple[str, Floats]]:
    dtype = series(data, name).dtype
    if dtype not in (pl.String, pl.Categorical, pl.Enum):
        yield name, numbers(data, name)
        return
    found = words(data, name)
    known = np.array([word is not None for word in found], dtype=np.bool_)
    for label in data[name].drop_nulls().unique().sort().cast(pl.String):
        yield f"{name} = {label}", np.where(known, found == label, np.nan).astype(np.float64)


def _row(arm_of: Floats, values: Floats, name: str) -> dict[str, object]:
    known = ~np.isnan(values)
    sides = [values[known & (arm_of == value)] for value in (0, 1)]
    row: dict[str, object] = {"covariate": name, "missing": int((~known).sum())}
    for side, had in enumerate(sides):
        row[f"n{side}"] = had.size
        row[f"mean{side}"] = float(had.mean()) if had.size else None
        row[f"sd{side}"] = float(had.std(ddof=1)) if had.size > 1 else None
    binary = bool(np.isin(values[known], (0.0, 1.0)).all())
    row["difference"] = _standardised(sides, 1)
    row["difference_binary"] = _standardised(sides, 0) if binary else None
    return row


def _standardised(sides: list[Floats], ddof: int) -> float | None:
    if min(had.size for had in sides) < 2 or max(np.ptp(had) for had in sides) == 0:
        return None
    pooled = float(np.sqrt((sides[0].var(ddof=ddof) + sides[1].var(ddof=ddof)) / 2))
    return float(sides[1].mean() - sides[0].mean()) / pooled
