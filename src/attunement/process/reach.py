"""Reach: from referral to allocation, and from the offer to the first and the closing session."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from attunement.process.families import one_a_family
from attunement.process.indicator import Indicator, cut, ratio, tidy, unknown
from attunement.process.sources import SnapshotLike, delivery, known_on


def reach(snapshot: SnapshotLike, *, estimated_eligible: Mapping[str, int] | None = None) -> pl.DataFrame:
    """From those who might have been referred to those who completed, at the cut: indicators, all sites together.

    `estimated_eligible`: a figure a site, from a source of its own; without one for every site there is no rate of
    referral. Starting and completing are there only with the delivery part.
    """
    families = one_a_family(snapshot.frame("blind/families").collect())
    parts = [tidy([_referred(snapshot, families, estimated_eligible or {})]), reach_of(families)]
    if snapshot.has("delivery"):
        had = delivery(snapshot)
        parts.append(started(had.programme, had.sessions))
    return cut(pl.concat(parts), known_on(snapshot))


def _referred(snapshot: SnapshotLike, families: pl.DataFrame, estimates: Mapping[str, int]) -> Indicator:
    sites = {site.code for site in snapshot.study.sites}
    if not sites <= set(estimates):
        return unknown("referred_of_estimated_eligible", families.height)
    return ratio("referred_of_estimated_eligible", families.height, sum(estimates[site] for site in sites))


def reach_of(families: pl.DataFrame) -> pl.DataFrame:
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
