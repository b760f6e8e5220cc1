"""Calendar months, windows and ages."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attunement.study import Study, StudyError
from attunement.study.calendar import add_months, age_in_months, due, last_allocation, window, window_instants
from attunement.study.schema import TimePoint

DAYS = st.dates(date(1995, 1, 1), date(2095, 12, 31))


def point(months: int | None = 4, before: int = 14, after: int = 28) -> TimePoint:
    return TimePoint(
        code="later",
        title={"en": "Later"},
        months_after=months,
        window_days_before=before,
        window_days_after=after,
        instruments=(),
    )


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2021-08-31", 6, "2022-02-28"),
        ("2023-08-31", 6, "2024-02-29"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2021-12-31", 2, "2022-02-28"),
        ("2022-03-31", 4, "2022-07-31"),
        ("2022-03-31", 6, "2022-09-30"),
        ("2022-03-31", -1, "2022-02-28"),
        ("2022-01-15", -13, "2020-12-15"),
        ("2022-01-15", 0, "2022-01-15"),
    ],
)
def test_months_are_calendar_months(start: str, months: int, end: str) -> None:
    assert add_months(date.fromisoformat(start), months) == date.fromisoformat(end)


@pytest.mark.parametrize("months", [100_000, -100_000])
def test_months_out_of_the_calendar_are_refused(months: int) -> None:
    with pytest.raises(StudyError, match="not a date that can be written"):
        add_months(date(2022, 1, 1), months)


@pytest.mark.parametrize(
    ("birth", "on", "months"),
    [
        ("2021-01-31", "2021-02-27", 0),
        ("2021-01-31", "2021-02-28", 1),
        ("2020-02-29", "2021-02-28", 12),
        ("2021-03-15", "2022-03-14", 11),
        ("2021-03-15", "2022-03-15", 12),
        ("2021-03-15", "2021-03-15", 0),
    ],
)
def test_age_counts_whole_months(birth: str, on: str, months: int) -> None:
    assert age_in_months(date.fromisoformat(birth), date.fromisoformat(on)) == months


@given(DAYS, st.integers(0, 400))
def test_age_agrees_with_months_added(birth: date, months: int) -> None:
    assert age_in_months(birth, add_months(birth, months)) == months
    assert age_in_months(birth, add_months(birth, months + 1) - timedelta(1)) == months


def test_a_birth_in_the_future_is_refused() -> None:
    with pytest.raises(StudyError, match="date of birth"):
        age_in_months(date(2022, 1, 2), date(2022, 1, 1))


@given(DAYS, st.integers(0, 24), st.integers(0, 90))
def test_last_allocation_is_the_last_day_that_is_in_time(by: date, months: int, days: int) -> None:
    found = last_allocation(months, days, by)
    assert add_months(found, months) + timedelta(days) <= by
    assert add_months(found + timedelta(1), months) + timedelta(days) > by


def test_last_allocation_reaches_the_long_end_of_a_month() -> None:
    assert last_allocation(6, 0, date(2022, 2, 28)) == date(2021, 8, 31)


def test_windows_count_from_the_due_day_both_ends_included() -> None:
    assert window(point(), date(2021, 7, 1)) == (date(2021, 10, 18), date(2021, 11, 29))


def test_a_window_never_opens_before_allocation() -> None:
    assert window(point(months=0), date(2021, 7, 1)) == (date(2021, 7, 1), date(2021, 7, 29))


def test_the_baseline_has_no_window_after_allocation() -> None:
    with pytest.raises(StudyError, match="before allocation"):
        window(point(months=None), date(2021, 7, 1))


@pytest.mark.parametrize(
    ("day", "opens", "closes"),
    [
        (date(2022, 3, 27), datetime(2022, 3, 27, 0, tzinfo=UTC), datetime(2022, 3, 27, 23, tzinfo=UTC)),
        (date(2021, 10, 31), datetime(2021, 10, 30, 23, tzinfo=UTC), datetime(2021, 11, 1, 0, tzinfo=UTC)),
        (date(2022, 1, 1), datetime(2022, 1, 1, tzinfo=UTC), datetime(2022, 1, 2, tzinfo=UTC)),
    ],
)
def test_a_day_of_clock_change_is_23_or_25_hours(day: date, opens: datetime, closes: datetime) -> None:
    assert window_instants(point(0, 0, 0), day, "Europe/London") == (opens, closes)


def test_a_day_whose_midnight_is_left_out_opens_at_its_first_instant() -> None:
    opens, _ = window_instants(point(0, 0, 0), date(2024, 4, 26), "Africa/Cairo")
    assert opens == datetime(2024, 4, 25, 22, tzinfo=UTC)


def test_everything_due_for_one_family(vig: Study) -> None:
    answers, records = due(vig, date(2021, 8, 31))
    assert (answers.code, answers.on, answers.first, answers.last) == (
        "four_months",
        date(2021, 12, 31),
        date(2021, 12, 17),
        date(2022, 1, 28),
    )
    assert (records.kind, records.on, records.last) == ("records", date(2022, 2, 28), date(2022, 4, 29))
