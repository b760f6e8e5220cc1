"""Quantities: what was used, counted from a snapshot's delivery and never from the plan."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

import polars as pl

from attunement.cost.errors import CostError
from attunement.cost.resources import Quantity
from attunement.process.sources import Delivery, SnapshotLike, delivery

SUPERVISOR, PARENT = "supervisor", "parent"
"""Who used time and has no code of their own in a snapshot."""


@dataclass(frozen=True)
class Family:
    """A family offered the programme. Started: a session held. Completed: the closing session held."""

    code: str
    started: bool
    completed: bool


@dataclass(frozen=True)
class Quantities:
    """All that was used, and the families it was used for, those that never started included.

    `practitioners` counts those trained. `missing` counts sessions due that nobody logged, or held without minutes:
    their cost is not known, and not counted as nothing.
    """

    rows: tuple[Quantity, ...]
    families: tuple[Family, ...]
    practitioners: int
    missing: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "rows", tuple(self.rows))
        object.__setattr__(self, "families", tuple(self.families))
        if len({family.code for family in self.families}) != len(self.families):
            raise CostError("A family is listed twice among those offered the programme.")
        if any(family.completed and not family.started for family in self.families):
            raise CostError("A family has completed the programme and not started it.")

    def add(self, further: Iterable[Quantity]) -> Quantities:
        """With what no delivery event shows: fees, rooms, licences, from invoices or a survey."""
        return replace(self, rows=(*self.rows, *further))

    def amount(self, resource: str) -> Fraction:
        return sum((row.amount for row in self.rows if row.resource == resource), Fraction(0))

    @property
    def resources(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(row.resource for row in self.rows))

    def tidy(self) -> pl.DataFrame:
        """One row a quantity: resource, who, family, session, amount, provenance."""
        names = ("resource", "who", "family", "session", "amount", "provenance")
        kinds = dict(zip(names, (pl.String, pl.String, pl.String, pl.Int64, pl.Float64, pl.String), strict=True))
        rows = [tuple(float(v) if isinstance(v := getattr(row, name), Fraction) else v for name in names)
                for row in self.rows]  # fmt: skip
        return pl.DataFrame(rows, schema=kinds, orient="row")


def quantities(snapshot: SnapshotLike) -> Quantities:
    """What a snapshot's delivery used, in minutes (`course`: attendees), by these resources:

    `session_time`, `travel_time`, `editing` (practitioner, by session; a family that was not in still cost the
    journey) · `parent_time` (sessions held) · `supervision` (one row for the trainee and one for the supervisor:
    both people's minutes) · `course` (one a practitioner trained) · time logged apart, by its category.
    CostError: minutes below zero. ProcessError: no delivery part.
    """
    had = delivery(snapshot)
    rows = (*_sessions(had), *_supervision(had), *_course(had), *_logged(had))
    held = had.sessions.filter(pl.col("state") == "held")
    began, closed = set(held["family"]), set(held.filter(pl.col("kind") == "closing")["family"])
    families = tuple(Family(code, code in began, code in closed) for code in had.programme["family"])
    trained = had.practitioners.filter(pl.col("trained_on").is_not_null())["practitioner"].n_unique()
    return Quantities(rows, families, trained, _unknown(had))


def _unknown(had: Delivery) -> int:
    late = (pl.col("state") == "planned") & (pl.col("planned_on") < had.known_on)
    silent = (pl.col("state") == "held") & pl.col("minutes").is_null()
    return had.sessions.filter(late | (pl.col("state") == "not_logged") | silent).height


def _sessions(had: Delivery) -> Iterator[Quantity]:
    spent = {"session_time": "minutes", "travel_time": "travel_minutes", "editing": "preparation_minutes"}
    for row in had.sessions.sort("family", "number", nulls_last=True).iter_rows(named=True):
        for resource, column in spent.items():
            if row[column]:
                yield Quantity(resource, row["practitioner"], row["family"], row["number"], row[column])
        if row["state"] == "held" and row["minutes"]:
            yield Quantity("parent_time", PARENT, row["family"], row["number"], row["minutes"])


def _supervision(had: Delivery) -> Iterator[Quantity]:
    for row in had.supervision.sort("practitioner", "booked_on").iter_rows(named=True):
        if row["minutes_held"]:
            yield Quantity("supervision", row["practitioner"], amount=row["minutes_held"])
            yield Quantity("supervision", SUPERVISOR, amount=row["minutes_held"])


def _course(had: Delivery) -> Iterator[Quantity]:
    for who in sorted(set(had.practitioners.filter(pl.col("trained_on").is_not_null())["practitioner"])):
        yield Quantity("course", who, amount=1)


def _logged(had: Delivery) -> Iterator[Quantity]:
    for row in had.staff_time.sort("category", "practitioner", "on", nulls_last=True).iter_rows(named=True):
        yield Quantity(row["category"], row["practitioner"], amount=row["minutes"], provenance="timesheet")
