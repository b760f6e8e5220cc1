"""Reach: from referral to allocation, and from the offer to the first and the closing session."""

from __future__ import annotations

import polars as pl

from attunement.process.indicator import ratio, tidy


def reach(families: pl.DataFrame) -> pl.DataFrame:
    """Shares along the way in, over families (`one_a_family`): tidy frame of indicators.

    eligible / referred, consented / eligible, baseline / consented, allocated / baseline; `missing` counts
    families referred whose eligibility is not recorded. A rate over all who might have been referred needs the
    site's own figure, and none is made up here.
    """
    referred = families.height
    eligible = families.filter(pl.col("eligible"))
    consented = eligible.filter(pl.col("consented_on").is_not_null())
    baseline = consented.filter(pl.col("baseline_on").is_not_null())
    allocated = baseline.filter(pl.col("allocated_on").is_not_null())
    return tidy(
        [
            ratio("eligible_of_referred", eligible.height, referred, families["eligible"].null_count()),
            ratio("consented_of_eligible", consented.height, eligible.height),
            ratio("baseline_of_consented", baseline.height, consented.height),
            ratio("allocated_of_baseline", allocated.height, baseline.height),
            ratio("help_needed_of_allocated", *_yes(allocated["help_needed"])),
        ]
    )


def started(programme: pl.DataFrame, sessions: pl.DataFrame) -> pl.DataFrame:
    """Who started and who completed, of all families offered: the families that never start stay in.

    `programme` has a column `family`, one row a family offered; `sessions` has `family`, `kind`, `state`.
    Started: a session held. Completed: the closing session held.
    """
    held = sessions.filter((pl.col("state") == "held") & pl.col("family").is_in(programme["family"].implode()))
    began = held["family"].n_unique()
    closed = held.filter(pl.col("kind") == "closing")["family"].n_unique()
    return tidy(
        [
            ratio("started_of_offered", began, programme.height),
            ratio("completed_of_offered", closed, programme.height),
            ratio("completed_of_started", closed, began),
        ]
    )


def _yes(column: pl.Series) -> tuple[int, int, int]:
    return int(column.sum()), column.len() - column.null_count(), column.null_count()
