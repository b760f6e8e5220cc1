"""Quantities: what was used, counted from delivery and never from the plan."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from attunement.cost.errors import CostError

OWN_TIME = "practitioner_time"
"""The hourly cost category that is charged a practitioner's time as sessions and supervision log it."""
SUPERVISORS_TIME = "supervision"
"""The hourly cost category that is charged the supervisor's time."""
TRAINING = "training"
"""Time logged under this name is no running time: it is costed only by an hourly category of the same name."""


@dataclass(frozen=True)
class StaffTime:
    """Minutes of staff by what they were spent on; `category` is None where the study has none for them."""

    what: str
    title: str
    category: str | None
    minutes: int


@dataclass(frozen=True)
class Delivered:
    """Counts that unit costs are multiplied by. Offered, started and completed count families."""

    practitioners: int
    offered: int
    started: int
    completed: int
    sessions: int
    staff: tuple[StaffTime, ...]

    def minutes(self, category: str) -> int:
        return sum(time.minutes for time in self.staff if time.category == category)


def delivered(
    programme: pl.DataFrame, sessions: pl.DataFrame, practitioners: pl.DataFrame, staff: tuple[StaffTime, ...]
) -> Delivered:
    """Count from `programme` (a column `family`, one row a family offered), `sessions` (with `family`) and
    `practitioners`: trained, offered, started (a session held), completed (the closing one held), sessions held.
    """
    held = sessions.filter(pl.col("state") == "held")
    own = held.filter(pl.col("family").is_in(programme["family"].implode()))
    return Delivered(
        practitioners=practitioners.filter(pl.col("trained_on").is_not_null())["practitioner"].n_unique(),
        offered=programme.height,
        started=own["family"].n_unique(),
        completed=own.filter(pl.col("kind") == "closing")["family"].n_unique(),
        sessions=held.height,
        staff=staff,
    )


def staff_time(
    sessions: pl.DataFrame, supervision: pl.DataFrame, logged: pl.DataFrame, *, categories: tuple[str, ...]
) -> tuple[StaffTime, ...]:
    """Staff minutes by what they were spent on, and the hourly cost category (of `categories`) that takes them.

    Sessions count whatever became of them: a family that was not in still cost the journey. Supervision counts
    both people. Time logged apart (`delivery/staff_time`) goes to the category of its own name, else to the
    practitioner's own time; training only to its own. CostError: minutes below zero.
    """
    for frame, columns in (
        (sessions, ("minutes", "travel_minutes", "preparation_minutes")),
        (supervision, ("minutes_held",)),
        (logged, ("minutes",)),
    ):
        for column in columns:
            if frame.filter(pl.col(column) < 0).height:
                raise CostError(f"Delivery has {column.replace('_', ' ')} below zero.")
    own = OWN_TIME if OWN_TIME in categories else None
    supervisors = SUPERVISORS_TIME if SUPERVISORS_TIME in categories else None
    supervised = int(supervision["minutes_held"].sum())
    times = [
        StaffTime("sessions", "Sessions with families", own, int(sessions["minutes"].sum())),
        StaffTime("travel", "Travel to sessions", own, int(sessions["travel_minutes"].sum())),
        StaffTime("preparation", "Preparation and editing", own, int(sessions["preparation_minutes"].sum())),
        StaffTime("supervised", "Supervision, practitioner's own time", own, supervised),
        StaffTime("supervising", "Supervision, supervisor's time", supervisors, supervised),
    ]
    for category, minutes in logged.group_by("category").agg(pl.col("minutes").sum()).sort("category").iter_rows():
        taken = category if category in categories else None if category == TRAINING else own
        times.append(StaffTime(f"logged:{category}", f"Logged apart: {category}", taken, int(minutes)))
    return tuple(times)
