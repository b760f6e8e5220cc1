"""Quantities that are worked out before they are counted: editing with an idle cut-off, and training."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import pairwise

from attunement.cost.errors import CostError
from attunement.cost.resources import Number, Quantity, exact

IDLE = timedelta(minutes=10)
"""After so long without a touch the editor counts as left alone."""


def editing_minutes(touches: Iterable[datetime], *, idle: timedelta = IDLE) -> Fraction:
    """Minutes at the editor, from the moments at which it was touched: a gap longer than `idle` counts nothing.

    An upper bound on editing (an editor may be open while somebody talks), until the practitioner confirms it.
    """
    if idle <= timedelta(0):
        raise CostError("The idle cut-off is a span of time above zero.")
    moments = sorted(touches)
    spans = (later - earlier for earlier, later in pairwise(moments))
    worked = sum((span for span in spans if span <= idle), timedelta(0))
    return Fraction(worked // timedelta(microseconds=1), 60_000_000)


def editing(who: str, family: str, session: int, touches: Iterable[datetime], *, confirmed: Number | None = None,
            idle: timedelta = IDLE) -> Quantity:  # fmt: skip
    """The editing of one film. `confirmed`: the minutes that the practitioner says, which may not be more."""
    bound = editing_minutes(touches, idle=idle)
    if confirmed is None:
        return Quantity("editing", who, family, session, bound, "event")
    said = exact(confirmed, "Editing time")
    if said > bound:
        raise CostError(f"Editing of {float(said):g} minutes is confirmed, and the editor was in use for {float(bound):g}.")
    return Quantity("editing", who, family, session, said, "timesheet")


def training(attendees: Iterable[str], *, days: Number, hours_a_day: Number, backfill_days: Number = 0,
             provenance: str = "invoice") -> Iterator[Quantity]:  # fmt: skip
    """A course: for each attendee a place (`course`), hours (`course_time`) and days of `backfill`.

    Days × attendees, the fee and the backfill are three resources: each has its own price.
    """
    hours = exact(days, "Training days") * exact(hours_a_day, "Hours a training day")
    backfill = exact(backfill_days, "Backfill days")
    for who in attendees:
        for resource, amount in (("course", Fraction(1)), ("course_time", hours), ("backfill", backfill)):
            if amount:
                yield Quantity(resource, who, amount=amount, provenance=provenance)  # type: ignore[arg-type]
