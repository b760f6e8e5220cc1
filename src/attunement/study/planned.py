"""What the calendar of a study, as adopted, says and implies for the first and the last family."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from attunement.study.calendar import Due, add_months, due
from attunement.study.schema import Dated, Study


@dataclass(frozen=True)
class Datum:
    """A kind of planned datum: calendar `months` after allocation, then `days` until it is sure to be in."""

    code: str
    name: str
    months: int
    days: int
    allowance: str


def said(study: Study, what: str) -> Dated | None:
    """The adopted statement of the calendar about `what`, or None. Of two, the first."""
    return next((line for line in study.calendar if line.what == what and line.adopted), None)


def first_allocation(study: Study) -> date | None:
    """The first day on which a family can be allocated: no earlier than intake, no earlier than randomisation."""
    starts = [line.start for what in ("intake", "randomisation") if (line := said(study, what)) and line.start]
    return max(starts, default=None)


def final_allocation(study: Study) -> date | None:
    """The last planned day of allocation: the end of randomisation where the calendar has one, else of intake."""
    ends = [line.end for what in ("randomisation", "intake") if (line := said(study, what)) and line.end]
    return ends[0] if ends else None


def planned_data(study: Study) -> tuple[Datum, ...]:
    """Each datum that is taken after allocation, the records last."""
    points = [
        Datum(
            point.code,
            f"the answers to {point.code}",
            point.months_after,
            point.window_days_after,
            f"the {point.window_days_after} days that its window stays open",
        )
        for point in study.time_points
        if point.months_after is not None
    ]
    records = study.records
    lag = f"the {records.lag_days} days until records are complete"
    return (*points, Datum("records", "the outcomes from records", records.months_after, records.lag_days, lag))


def exists_on(datum: Datum, allocated_on: date) -> date:
    """The day on which the datum of a family allocated then is sure to be in, if it ever is."""
    return add_months(allocated_on, datum.months) + timedelta(datum.days)


def last_due(study: Study) -> Due | None:
    """The datum of the last planned family that comes in last; None when the calendar has no end of intake."""
    final = final_allocation(study)
    return max(due(study, final), key=lambda item: item.last) if final else None
