"""Which rows of a return a child's outcomes rest on."""

from __future__ import annotations

import numpy as np
import polars as pl

from attunement.records.days import WEEK, Days
from attunement.records.ending import stops


def rows(
    episodes: pl.DataFrame, events: pl.DataFrame, earlier: pl.DataFrame, ended: pl.DataFrame, grid: Days
) -> pl.Series:
    """A sorted list of row_ids a child: of what was open or began in the days looked at, of what ended the window, of
    the `events` counted and of the `earlier` referrals. Empty where no outcome is known.
    """
    child = np.arange(len(grid.last))
    until = np.maximum(grid.last, np.where(grid.week_after_cp() > 0, grid.week_after_cp() + WEEK, 0))
    known = ended.select("stop_date", child=child, until=until).drop_nulls("stop_date")
    begun = (pl.col("first") <= pl.col("until")) & (pl.col("past").is_null() | (pl.col("past") > 0) | (pl.col("first") > 0))
    ending = (pl.col("end") == pl.col("stop_date")) & stops().is_not_null()
    used = episodes.join(known, on="child").filter(begun | ending)
    lists = (
        pl.concat([frame.select("child", "row_id") for frame in (used, events, earlier)])
        .join(known, on="child", how="semi")
        .drop_nulls()
        .unique()
        .group_by("child")
        .agg(pl.col("row_id").sort())
    )
    found = pl.DataFrame({"child": child}).join(lists, on="child", how="left", maintain_order="left")["row_id"]
    return found.fill_null(pl.Series([[]], dtype=pl.List(pl.String)))
