"""Supervision: hours booked and held; booked, held and missed apart."""

from __future__ import annotations

from datetime import date

import polars as pl

from attunement.process.errors import ProcessError
from attunement.process.indicator import ratio, tidy


def supervision(booked: pl.DataFrame, practitioners: pl.DataFrame, *, known_on: date) -> pl.DataFrame:
    """Tidy indicators of supervision by the cut. `booked` is `delivery/supervision`: minutes held null is not held.

    Minutes in numerators and denominators; hours a practitioner are over all practitioners trained.
    """
    if booked.filter((pl.col("minutes_booked") < 0) | (pl.col("minutes_held") < 0)).height:
        raise ProcessError("A supervision has minutes below zero.")
    due = booked.filter(pl.col("booked_on") <= known_on)
    took_place = due.filter(pl.col("minutes_held").is_not_null())
    minutes = int(took_place["minutes_held"].sum())
    trained = practitioners.filter(pl.col("trained_on").is_not_null())["practitioner"].n_unique()
    rows = [
        ratio("supervisions_held_of_booked", took_place.height, due.height),
        ratio("supervision_minutes_held_of_booked", minutes, int(due["minutes_booked"].sum())),
        ratio(
            "supervision_minutes_a_practitioner", minutes, trained, practitioners["practitioner"].n_unique() - trained
        ),
    ]
    return tidy(rows)
