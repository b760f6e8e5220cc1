"""Days and hours of a rehearsal: staff work on weekdays, families answer when they can."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from attunement.rehearsal.errors import RehearsalError
from attunement.study import Study
from attunement.study.planned import final_allocation, first_allocation

LONGEST_PATH = 21
"""Days from referral to allocation, at the most: what lives.py draws, with weekends."""
_SATURDAY = 5


@dataclass(frozen=True)
class Span:
    """Days from `first` to `last`, both included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


def add_days(day: date, days: int) -> date:
    return day + timedelta(days)


def working(day: date) -> date:
    """The day itself, or the Monday after it."""
    return day + timedelta(7 - day.weekday()) if day.weekday() >= _SATURDAY else day


def instant(study: Study, day: date, hour: int, minute: int = 0) -> datetime:
    """That time on the study's own clocks."""
    return datetime.combine(day, time(hour, minute), ZoneInfo(study.timezone))


def intake(study: Study) -> Span:
    """When families are referred so that the last can be allocated in time. RehearsalError when that is never."""
    first, last = first_allocation(study), final_allocation(study)
    if first is None or last is None:
        raise RehearsalError("The study's calendar must say, as adopted, when intake starts and when it ends.")
    last = last - timedelta(LONGEST_PATH)
    if last < first:
        raise RehearsalError(f"Intake must last {LONGEST_PATH + 1} days or more for a rehearsal.")
    return Span(first, last)
