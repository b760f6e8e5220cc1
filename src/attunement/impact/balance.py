"""How alike the arms were at the start: standardised differences, and no test."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from attunement.impact.edge import Floats, arms, numbers
from attunement.impact.errors import ImpactError

_SCHEMA = {
    "covariate": pl.String,
    "n0": pl.Int64,
    "mean0": pl.Float64,
    "sd0": pl.Float64,
    "n1": pl.Int64,
    "mean1": pl.Float64,
    "sd1": pl.Float64,
    "difference": pl.Float64,
    "missing": pl.Int64,
}


def balance(data: pl.DataFrame, *, arm: str, covariates: Sequence[str]) -> pl.DataFrame:
    """One row a covariate (a number or false/true), over all randomised families with the covariate known.

    `difference` = (mean1 - mean0) / sqrt((variance1 + variance0) / 2), the variances with divisor n - 1 also for
    0/1 covariates; null when neither arm varies or an arm has fewer than two values. No test: any difference
    at baseline is chance. Source: Austin 2009, Statistics in Medicine 28:3083.
    """
    if isinstance(covariates, str):
        raise ImpactError("covariates is a list of column names, not one name.")
    arm_of = arms(data, arm)
    return pl.DataFrame([_row(arm_of, numbers(data, name), name) for name in covariates], schema=_SCHEMA, orient="row")


def _row(arm_of: Floats, values: Floats, name: str) -> dict[str, object]:
    known = ~np.isnan(values)
    sides = [values[known & (arm_of == value)] for value in (0, 1)]
    row: dict[str, object] = {"covariate": name, "missing": int((~known).sum())}
    for side, had in enumerate(sides):
        row[f"n{side}"] = had.size
        row[f"mean{side}"] = float(had.mean()) if had.size else None
        row[f"sd{side}"] = float(had.std(ddof=1)) if had.size > 1 else None
    row["difference"] = None
    if min(had.size for had in sides) > 1:
        pooled = float(np.sqrt((sides[0].var(ddof=1) + sides[1].var(ddof=1)) / 2))
        if pooled > 0:
            row["difference"] = float(sides[1].mean() - sides[0].mean()) / pooled
    return row
