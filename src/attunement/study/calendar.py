"""When things are due: calendar months, windows, ages. Dates are days in the study's timezone, both ends included."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from attunement.study.findings import StudyError
from attunement.study.schema import Study, TimePoint


@dataclass(frozen=True)
class Due:
    """One planned datum of one family: due `on`, taken from `first` to `last`, both included."""

    code: str
    kind: Literal["questionnaire", "records"]
    on: date
    first: date
    last: date


def add_months(day: date, months: int) -> date:
    """`day` moved by whole calendar months, cut to the month's last day: 31 August + 6 is 28 or 29 February.

    `months` may be negative. Raises StudyError outside the years 1 to 9999.
    """
    years, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not 1 <= years <= 9999:
        raise StudyError(f"{months} months from {day.isoformat()} is not a date that can be written.")
    return date(years, month + 1, min(day.day, monthrange(years, month + 1)[1]))


def age_in_months(birth: date, on: date) -> int:
    """Whole calendar months lived by `on`, by `add_months`: born on 31 August, a child is 6 months old on 28 February.

    Raises StudyError when the child is not yet born.
    """
    if on < birth:
        raise StudyError(f"the date of birth, {birth.isoformat()}, is after {on.isoformat()}.")
    months = (on.year - birth.year) * 12 + on.month - birth.month
    return months if add_months(birth, months) <= on else months - 1


def window(time_point: TimePoint, allocated_on: date) -> tuple[date, date]:
    """First and last day on which the questionnaire is open. Raises StudyError for one asked before allocation."""
    due = _due_on(time_point, allocated_on)
    before, after = timedelta(time_point.window_days_before), timedelta(time_point.window_days_after)
    return max(due - before, allocated_on), due + after


def window_instants(time_point: TimePoint, allocated_on: date, timezone: str) -> tuple[datetime, datetime]:
    """The same window in UTC: open from the first instant, closed at the second, which is the midnight after the
    last day. A day on which the clock changes is 23 or 25 hours long.
    """
    first, last = window(time_point, allocated_on)
    return _midnight(first, timezone), _midnight(last + timedelta(1), timezone)


def due(study: Study, allocated_on: date) -> tuple[Due, ...]:
    """Everything planned for a family allocated on that day, in order of `on`. A record is complete at its `last`."""
    planned = [
        Due(point.code, "questionnaire", _due_on(point, allocated_on), *window(point, allocated_on))
        for point in study.time_points
        if point.months_after is not None
    ]
    records_on = add_months(allocated_on, study.records.months_after)
    complete_on = records_on + timedelta(study.records.lag_days)
    return tuple(sorted([*planned, Due("records", "records", records_on, records_on, complete_on)], key=lambda d: d.on))


def last_allocation(months: int, days: int, by: date) -> date:
    """The last day of allocation for which `months` calendar months and then `days` days are over on the day `by`."""
    limit = by - timedelta(days)
    found = add_months(limit, -months)
    while add_months(found + timedelta(1), months) <= limit:
        found += timedelta(1)
    return found


def _due_on(time_point: TimePoint, allocated_on: date) -> date:
    if time_point.months_after is None:
        raise StudyError(f"{time_point.code} is asked before allocation, so it has no window after it.")
    return add_months(allocated_on, time_point.months_after)


def _midnight(day: date, timezone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(timezone)).astimezone(UTC)
