"""Adoption: the practitioners who took the work up."""

from __future__ import annotations

from datetime import date

import polars as pl

from attunement.process.indicator import Indicator, cut, ratio, tidy
from attunement.process.sources import SnapshotLike, delivery

DAYS_A_MONTH = 365.25 / 12


def adoption(snapshot: SnapshotLike) -> pl.DataFrame:
    """Who took the work up, at the cut: `adoption_of`, the share with the caseload that the study asks for, and the
    median months from training to the first family. Never a practitioner's own figure: they are few.
    """
    had = delivery(snapshot)
    wanted = had.study.delivery.families_per_practitioner
    loads = had.assignments.group_by("practitioner").agg(families=pl.col("family").n_unique())
    rows = [ratio("practitioners_at_caseload", int((loads["families"] >= wanted).sum()), loads.height)]
    rows.append(_months(had.practitioners, had.assignments))
    own = adoption_of(had.practitioners, had.assignments, known_on=had.known_on)
    return cut(pl.concat([own, tidy(rows)]), had.known_on)


def _months(practitioners: pl.DataFrame, assignments: pl.DataFrame) -> Indicator:
    trained = practitioners.group_by("practitioner").agg(pl.col("trained_on").min())
    first = assignments.group_by("practitioner").agg(pl.col("from_on").min())
    both = trained.join(first, on="practitioner").select(days=(pl.col("from_on") - pl.col("trained_on")).dt.total_days())
    days = both["days"].drop_nulls()
    median = days.median()
    value = float(median) / DAYS_A_MONTH if isinstance(median, int | float) else None
    return Indicator("median_months_to_first_family", value, days.len(), trained.height, trained.height - days.len())


def adoption_of(practitioners: pl.DataFrame, assignments: pl.DataFrame, *, known_on: date) -> pl.DataFrame:
    """Practitioners with a family, of those trained; families a practitioner with any; practitioners who left.

    `assignments` has `family` and `practitioner`. A practitioner of two sites has two rows, counts once, and has
    left only when both have ended. Never a practitioner's own figure: they are few.
    """
    known = practitioners["practitioner"].n_unique()
    trained = practitioners.filter(pl.col("trained_on").is_not_null())["practitioner"].n_unique()
    active = assignments["practitioner"].n_unique()
    carried = assignments.select("practitioner", "family").unique().height
    gone = practitioners.group_by("practitioner").agg(left=(pl.col("left_on") <= known_on).fill_null(False).all())
    return tidy(
        [
            ratio("practitioners_with_a_family", active, trained, known - trained),
            ratio("families_a_practitioner", carried, active),
            ratio("practitioners_who_left", int(gone["left"].sum()), trained),
        ]
    )
