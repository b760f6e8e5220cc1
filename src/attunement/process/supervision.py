"""Supervision: hours booked and held; booked, held and missed apart."""

from __future__ import annotations

from datetime import date

import polars as pl

from attunement.process.dose import cycles_held
from attunement.process.errors import ProcessError
from attunement.process.indicator import Indicator, cut, ratio, tidy, unknown
from attunement.process.sources import Delivery, SnapshotLike, delivery
from attunement.study.schema import Pathway


def supervision(snapshot: SnapshotLike, *, pathway: str | None = None) -> pl.DataFrame:
    """Supervision booked and held, missed apart, and held against what the stage expects, at the cut.

    `pathway` names one of the study's dated accreditation pathways; without it the adopted one of the latest date.
    By a practitioner's cycles held, the hours of the stages that are behind are expected, and of the stage entered
    the share of its cycles that is done. Minutes in numerator and denominator.
    """
    had = delivery(snapshot)
    own = supervision_of(had.supervision, had.practitioners, known_on=had.known_on)
    due = had.supervision.filter(pl.col("booked_on") <= had.known_on)
    missed = int((due["state"] == "missed").sum())
    rows = [
        ratio("supervisions_missed_of_booked", missed, due.height),
        ratio("supervisions_not_logged", int(due["minutes_held"].null_count()) - missed, due.height),
        _expected(had, pathway),
    ]
    return cut(pl.concat([own, tidy(rows)]), had.known_on)


def expected_minutes(cycles: int, rule: Pathway) -> float:
    """Minutes of supervision that a pathway expects by so many cycles."""
    hours, left = 0.0, cycles
    for stage in rule.stages:
        done = min(left, stage.cycles)
        hours += stage.supervision_hours * (done / stage.cycles if stage.cycles else 1)
        left -= done
        if left <= 0:
            break
    return 60 * hours


def _expected(had: Delivery, name: str | None) -> Indicator:
    known = [rule for rule in had.study.accreditation if (rule.code == name if name else rule.adopted)]
    if name and not known:
        raise ProcessError(f"The study has no accreditation pathway called '{name}'.")
    trainees = had.practitioners["practitioner"].n_unique()
    if not known:
        return unknown("supervision_minutes_held_of_expected", trainees)
    rule = max(known, key=lambda rule: rule.valid_from)
    cycles = cycles_held(had.sessions)
    expected = sum(expected_minutes(int(n), rule) for n in cycles["cycles"])
    minutes = int(had.supervision.filter(pl.col("booked_on") <= had.known_on)["minutes_held"].sum())
    value = minutes / expected if expected else None
    return Indicator("supervision_minutes_held_of_expected", value, minutes, round(expected),
                     trainees - cycles.height)


def supervision_of(booked: pl.DataFrame, practitioners: pl.DataFrame, *, known_on: date) -> pl.DataFrame:
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
