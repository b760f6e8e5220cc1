"""What a study may ask of the records beyond the outcomes that `outcomes.derive` gives."""

from __future__ import annotations

import polars as pl

from attunement.records.contract_types import typed
from attunement.records.histories import EPISODES


def cp_plan_at_end(episodes: pl.DataFrame, outcomes: pl.DataFrame) -> pl.DataFrame:
    """`outcomes` with `cp_plan_at_end`: whether a CP plan is open at t1, in care or not; null unless complete.

    The two frames are one that `outcomes.derive` takes and the one that it returns.
    """
    plans = typed(episodes, EPISODES, "episodes").filter(pl.col("kind") == "cp_plan")
    ends = outcomes.select(pl.col("trial_id").cast(pl.String), "t1")
    still = (pl.col("start") <= pl.col("t1")) & (pl.col("end").is_null() | (pl.col("end") > pl.col("t1")))
    on_plan = plans.join(ends, on="trial_id").filter(still)["trial_id"].unique()
    at_end = pl.col("trial_id").cast(pl.String).is_in(on_plan.implode())
    return outcomes.with_columns(cp_plan_at_end=pl.when(pl.col("state") == "complete").then(at_end))
