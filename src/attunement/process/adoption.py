"""Adoption: the practitioners who took the work up."""

from __future__ import annotations

from datetime import date

import polars as pl

from attunement.process.indicator import ratio, tidy


def adoption(practitioners: pl.DataFrame, assignments: pl.DataFrame, *, known_on: date) -> pl.DataFrame:
    """Practitioners with a family, of those trained; families a practitioner with any; practitioners who left.

    `assignments` has `family` and `practitioner`. Never a practitioner's own figure: they are few.
    """
    trained = practitioners.filter(pl.col("trained_on").is_not_null())
    known = practitioners.height
    active = assignments["practitioner"].n_unique()
    carried = assignments.select("practitioner", "family").unique().height
    left = practitioners.filter(pl.col("left_on") <= known_on).height
    return tidy(
        [
            ratio("practitioners_with_a_family", active, trained.height, known - trained.height),
            ratio("families_a_practitioner", carried, active),
            ratio("practitioners_who_left", left, trained.height),
        ]
    )
