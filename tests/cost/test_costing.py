"""Quantities come from delivery; money stays exact until it is printed; start-up stands apart from running."""

from datetime import date
from fractions import Fraction
from typing import Any

import polars as pl
import pytest

from attunement import study
from attunement.cost import CostError, Costing, Delivered, StaffTime, costing, delivered, staff_time, whole_pence
from attunement.report.contract import COLUMNS
from attunement.study import Study

VIG = study.load("vig")
HOURLY = ("practitioner_time", "supervision")


def frame(name: str, *rows: dict[str, Any], **more: Any) -> pl.DataFrame:
    return pl.DataFrame(rows, schema={**more, **COLUMNS[name]})


SESSIONS = frame(
    "delivery/sessions",
    {"family": "A", "kind": "meeting", "state": "held", "minutes": 50, "travel_minutes": 30, "preparation_minutes": 10},
    {"family": "A", "kind": "closing", "state": "held", "minutes": 40, "travel_minutes": 30},
    {"family": "B", "kind": "meeting", "state": "held", "minutes": 55},
    {"family": "C", "kind": "meeting", "state": "not_attended", "travel_minutes": 20},
    {"family": "C", "kind": "film", "state": "cancelled_family"},
    family=pl.String,
)
SUPERVISION = frame("delivery/supervision", {"minutes_booked": 60, "minutes_held": 45}, {"minutes_booked": 60})
LOGGED = frame(
    "delivery/staff_time",
    {"category": "editing", "minutes": 25},
    {"category": "training", "minutes": 600},
    {"category": "editing", "minutes": 20},
)
OFFERED = pl.DataFrame({"family": ["A", "B", "C"]})
PEOPLE = frame("delivery/practitioners", {"practitioner": "P1", "trained_on": date(2021, 3, 1)}, {"practitioner": "P2"})


def staff() -> tuple[StaffTime, ...]:
    return staff_time(SESSIONS, SUPERVISION, LOGGED, categories=HOURLY)


def counted() -> Delivered:
    return delivered(OFFERED, SESSIONS, PEOPLE, staff())


def priced(*categories: dict[str, Any]) -> Study:
    base = {"title": "x", "phase": "running", "price_year": 2021, "source": "made up"}
    kinds = [type(VIG.costs[0]).model_validate(base | category) for category in categories]
    return VIG.model_copy(update={"costs": tuple(kinds)})


def test_families_and_sessions_are_counted_from_what_was_held() -> None:
    had = counted()
    assert (had.offered, had.started, had.completed, had.sessions, had.practitioners) == (3, 2, 1, 3, 1)
    assert delivered(OFFERED, SESSIONS, pl.concat([PEOPLE, PEOPLE]), ()).practitioners == 1, "one person at two sites"


def test_minutes_count_whatever_became_of_the_session() -> None:
    minutes = {time.what: (time.minutes, time.category) for time in staff()}
    assert minutes == {
        "sessions": (145, "practitioner_time"),
        "travel": (80, "practitioner_time"),
        "preparation": (10, "practitioner_time"),
        "supervised": (45, "practitioner_time"),
        "supervising": (45, "supervision"),
        "logged:editing": (45, "practitioner_time"),
        "logged:training": (600, None),
    }


def test_time_without_a_cost_category_is_shown_and_not_costed() -> None:
    assert {time.category for time in staff_time(SESSIONS, SUPERVISION, LOGGED, categories=())} == {None}
    own = staff_time(SESSIONS, SUPERVISION, LOGGED, categories=("training",))
    assert [time.what for time in own if time.category == "training"] == ["logged:training"]


@pytest.mark.parametrize("column", ["minutes", "travel_minutes", "preparation_minutes"])
def test_minutes_below_zero_are_refused(column: str) -> None:
    wrong = SESSIONS.with_columns(pl.lit(-1).alias(column))
    with pytest.raises(CostError, match="below zero"):
        staff_time(wrong, SUPERVISION, LOGGED, categories=HOURLY)


def test_each_basis_takes_its_own_quantity() -> None:
    costs = costing(
        priced(
            {"code": "set_up", "per": "programme", "unit_cost_pence": 100, "phase": "start_up"},
            {"code": "course", "per": "practitioner", "unit_cost_pence": 10, "phase": "start_up"},
            {"code": "pack", "per": "family", "unit_cost_pence": 7},
            {"code": "fare", "per": "session", "unit_cost_pence": 5},
            {"code": "practitioner_time", "per": "hour", "unit_cost_pence": 3600},
            {"code": "supervision", "per": "hour", "unit_cost_pence": 7000},
        ),
        counted(),
    )
    assert {line.resource.code: line.cost * 100 for line in costs.lines} == {
        "set_up": 100, "course": 10, "pack": 14, "fare": 15,
        "practitioner_time": Fraction(145 + 80 + 10 + 45 + 45, 60) * 3600, "supervision": Fraction(45, 60) * 7000,
    }  # fmt: skip
    assert costs.total("start_up") * 100 == 110
    assert costs.total("start_up") + costs.total("running") == costs.total()


def thirds() -> Costing:
    return costing(priced({"code": "fee", "per": "programme", "unit_cost_pence": 100}), counted())


def test_division_is_exact_and_those_who_never_started_stay_in() -> None:
    costs = thirds()
    assert costs.per_family("offered") == Fraction(1, 3)
    assert costs.per_family("started") == Fraction(1, 2)
    assert costs.per_family("completed", "running") == 1
    assert costs.per_family("offered", "start_up") == 0
    assert costs.per_family("offered") * 3 == costs.total()  # type: ignore[operator]


def test_no_family_has_no_cost_a_family() -> None:
    nobody = delivered(OFFERED.clear(), SESSIONS.clear(), PEOPLE.clear(), ())
    assert costing(VIG, nobody).per_family("offered") is None


def test_price_years_are_kept_for_the_reader() -> None:
    mixed = priced(
        {"code": "a", "per": "programme", "unit_cost_pence": 1},
        {"code": "b", "per": "programme", "unit_cost_pence": 1, "price_year": 2019},
    )
    assert costing(mixed, counted()).price_years == (2019, 2021)


@pytest.mark.parametrize(
    ("exact", "printed"),
    [(Fraction(100, 3), 33), (Fraction(1, 2), 1), (Fraction(-1, 2), -1), (Fraction(5, 2), 3), (Fraction(249, 100), 2)],
)
def test_pence_are_rounded_only_for_printing(exact: Fraction, printed: int) -> None:
    assert whole_pence(exact) == printed
