"""The frames of a snapshot as they were at the end of the day of the data cut: what became known later is not in them."""

from __future__ import annotations

from datetime import date

import polars as pl

from attunement.report.contract import MAY_BE_WANTING

# File -> the day by which a row is in it at all.
BEGINS = {"blind/families": "referred_on", "blind/scores": "completed_on", "delivery/assignments": "from_on",
          "delivery/staff_time": "on", "delivery/practitioners": "trained_on", "arm_key/arms": "allocated_on"}
# File -> days that a row may have not reached yet.
REACHES = {"blind/families": ("consented_on", "baseline_on", "allocated_on", "withdrawn_on"),
           "delivery/assignments": ("until_on",), "delivery/practitioners": ("left_on",)}
_OF_A_SESSION = ("held_on", "minutes", "travel_minutes", "preparation_minutes", *MAY_BE_WANTING["delivery/sessions"])


def as_of(frames: dict[str, pl.DataFrame], cut_on: date) -> dict[str, pl.DataFrame]:
    """The same files without what happened after `cut_on`; a day that had not come is empty, a visit was still planned."""
    found = dict(frames)
    for name, day in BEGINS.items():
        if name in found:
            found[name] = found[name].filter(pl.col(day).is_null() | (pl.col(day) <= cut_on))
    for name, days in REACHES.items():
        if name in found:
            found[name] = found[name].with_columns(pl.when(pl.col(day) <= cut_on).then(day).alias(day) for day in days)
    found["blind/answers"] = _answers(found["blind/answers"], frames["blind/scores"], found["blind/scores"])
    if "delivery/sessions" in found:
        found["delivery/sessions"] = _sessions(found["delivery/sessions"], cut_on)
        late = (pl.col("booked_on") > cut_on) & pl.col("state").is_in(["held", "missed"])
        found["delivery/supervision"] = found["delivery/supervision"].with_columns(
            state=pl.when(late).then(pl.lit("booked")).otherwise("state"),
            minutes_held=pl.when(~late).then("minutes_held"))
    return found


def _answers(answers: pl.DataFrame, all_scores: pl.DataFrame, scores: pl.DataFrame) -> pl.DataFrame:
    """Without those of questionnaires that were handed in after the cut."""
    keys = ["trial_number", "time_point"]
    late = all_scores.select(keys).unique().join(scores.select(keys).unique(), on=keys, how="anti")
    return answers.join(late, on=keys, how="anti", maintain_order="left")


def _sessions(sessions: pl.DataFrame, cut_on: date) -> pl.DataFrame:
    """A visit held after the cut was planned then; if its day had gone by, nobody had said what became of it."""
    late = (pl.col("held_on") > cut_on).fill_null(value=False)
    waiting = pl.when(pl.col("planned_on") < cut_on).then(pl.lit("not_logged")).otherwise(pl.lit("planned"))
    return sessions.with_columns(
        pl.when(late).then(waiting).otherwise("state").alias("state"),
        *(pl.when(~late).then(name).alias(name) for name in _OF_A_SESSION),
        *(pl.when(late).then(0).otherwise(name).alias(name) for name in ("films", "clips")))
