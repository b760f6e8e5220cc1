"""At the cut a family has answered, is lost for a reason, or is not yet known; silence is never "none"."""

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest

from attunement import study
from attunement.process import questionnaire_states, records_states
from attunement.report.contract import COLUMNS

VIG = study.load("vig")
ALLOCATED = date(2021, 8, 31)
CLOSES = date(2022, 1, 28)  # 31 December and the window's 28 days
COMPLETE = date(2022, 4, 29)  # 28 February and the lag of 60 days


def families(**changed: Any) -> pl.DataFrame:
    row = {"trial_number": "A001a", "family": "A001", "site": "A", "allocated_on": ALLOCATED, "index_child": True}
    return pl.DataFrame([row | changed], schema=COLUMNS["blind/families"])


def state(known_on: date, *, completed: date | None = None, answered: bool = False, **changed: Any) -> str:
    rows = [{"trial_number": "A001a", "time_point": "four_months", "instrument": "demo_warmth", "scale": "warmth",
             "completed_on": completed}] if answered else []  # fmt: skip
    scores = pl.DataFrame(rows, schema=COLUMNS["blind/scores"])
    found = questionnaire_states(families(**changed), scores, study=VIG, time_point="four_months", known_on=known_on)
    return str(found["state"].item())


def record(known_on: date, *rows: dict[str, Any]) -> str:
    outcomes = pl.DataFrame(rows, schema=COLUMNS["blind/outcomes"])
    return str(records_states(families(), outcomes, study=VIG, known_on=known_on)["state"].item())


def test_an_answer_counts_whatever_else_happened() -> None:
    day = CLOSES - timedelta(20)
    assert state(CLOSES, answered=True, completed=day, withdrawn_on=day, change="died") == "followed_up"


def test_a_questionnaire_begun_but_not_completed_is_no_answer() -> None:
    assert state(CLOSES, answered=True, completed=None) == "no_answer"


@pytest.mark.parametrize(
    ("known_on", "expected"),
    [(CLOSES - timedelta(1), "not_yet_known"), (CLOSES, "no_answer"), (CLOSES + timedelta(300), "no_answer")],
)
def test_silence_is_not_yet_known_until_the_window_closes(known_on: date, expected: str) -> None:
    assert state(known_on) == expected


@pytest.mark.parametrize("change", ["died", "removed", "adopted"])
def test_some_changes_end_what_can_be_asked_at_once(change: str) -> None:
    assert state(ALLOCATED + timedelta(1), change=change) == change


def test_a_withdrawal_is_known_at_once_and_comes_first() -> None:
    assert state(ALLOCATED + timedelta(9), withdrawn_on=ALLOCATED + timedelta(8), change="died") == "withdrew"


def test_who_moved_may_still_answer_in_the_window() -> None:
    assert state(CLOSES - timedelta(1), change="moved") == "not_yet_known"
    assert state(CLOSES, change="moved") == "moved"


def test_a_record_is_not_yet_known_before_the_lag_is_over() -> None:
    row = {"trial_number": "A001a", "extract_on": COMPLETE - timedelta(30), "status": "found"}
    assert record(COMPLETE - timedelta(1), row) == "not_yet_known"
    assert record(COMPLETE + timedelta(90), row) == "not_yet_known", "that extract came too early to be complete"
    assert record(COMPLETE - timedelta(1)) == "not_yet_known"


def test_a_record_in_time_has_the_state_the_authority_gave() -> None:
    for status in ("found", "no_record", "moved_out", "transferred", "adopted", "died", "no_extract"):
        assert record(COMPLETE, {"trial_number": "A001a", "extract_on": COMPLETE, "status": status}) == status


def test_no_row_after_the_lag_is_no_extract() -> None:
    assert record(COMPLETE) == "no_extract"
    assert record(COMPLETE, {"trial_number": "A001a", "extract_on": COMPLETE, "status": None}) == "no_extract"
