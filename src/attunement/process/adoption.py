"""Adoption: the practitioners who took the work up."""

from __future__ import annotations

from datetime import date

import polars as pl

from attunement.process.indicator import ratio, tidy


def adoption(practitioners: pl.DataFrame, assignments: pl.DataFrame, *, known_on: date) -> pl.DataFrame:
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
