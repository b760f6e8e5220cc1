"""The cost-consequences table, which comes first: costs and every outcome side by side, nothing divided."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

import numpy as np
import polars as pl

from attunement.cost.errors import CostError
from attunement.cost.trial import arms, has, normal, numbers

SCHEMA = {"item": pl.String, "mean_0": pl.Float64, "n_0": pl.Int64, "mean_1": pl.Float64, "n_1": pl.Int64,
          "difference": pl.Float64, "low": pl.Float64, "high": pl.Float64, "missing": pl.Int64}  # fmt: skip


def consequences(data: pl.DataFrame, *, costs: Sequence[str], outcomes: Sequence[str], arm: str) -> pl.DataFrame:
    """One row a cost and then an outcome: raw means by arm (0, 1), their difference with 95 % limits (unequal
    variances, normal), and the rows where it is missing. CostError: no such column, an arm with fewer than two values.
    """
    has(data, (*costs, *outcomes, arm))
    groups = arms(data, arm)
    rows = []
    for item in (*costs, *outcomes):
        values = numbers(data, item)
        sides = [values[(groups == side) & ~np.isnan(values)] for side in (0, 1)]
        if min(side.size for side in sides) < 2:
            raise CostError(f"'{item}' is known of fewer than two families in an arm.")
        means = [float(side.mean()) for side in sides]
        spread = sqrt(sum(float(side.var(ddof=1)) / side.size for side in sides))
        apart = normal(means[1] - means[0], spread)
        rows.append((item, means[0], sides[0].size, means[1], sides[1].size, apart.value, apart.low, apart.high,
                     data.height - sides[0].size - sides[1].size))  # fmt: skip
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")
