"""Reach, dose, timeliness, supervision and adoption, on programmes small enough to count by hand."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from attunement import process
from attunement.process import ProcessError
from attunement.report.contract import COLUMNS

STATES = ("held", "not_attended", "cancelled_family", "cancelled_practitioner", "not_logged")
START, CUT = date(2021, 9, 1), date(2022, 1, 1)
PROGRAMME = pl.DataFrame(
    {"family": ["A", "B", "C"], "allocated_on": [START] * 3, "withdrawn_on": [None, None, START + timedelta(10)]},
    schema={"family": pl.String, "allocated_on": pl.Date, "withdrawn_on": pl.Date},
)


def sessions(*rows: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema={"family": pl.String, **COLUMNS["delivery/sessions"]})


def held(family: str, day: int, kind: str, cycle: int | None = None, **more: Any) -> dict[str, Any]:
    on = START + timedelta(day)
    return {"family": family, "kind": kind, "cycle": cycle, "planned_on": on, "held_on": on, "state": "held",
            "minutes": 60} | more  # fmt: skip


def other(family: str, state: str, on: date = START) -> dict[str, Any]:
    return {"family": family, "kind": "review", "cycle": 1, "planned_on": on, "state": state}


def of(frame: pl.DataFrame, indicator: str) -> tuple[Any, ...]:
    return frame.row(by_predicate=pl.col("indicator") == indicator)[1:]


MADE = sessions(
    held("A", 5, "meeting"),
    held("A", 7, "film", 1, clips=3),
    held("A", 14, "review", 1, minutes=None),
    held("A", 21, "film", 2, clips=0),
    held("A", 28, "review", 2),
    held("A", 35, "closing"),
    held("B", 20, "meeting"),
    held("B", 30, "review", 1),
    held("B", 37, "film", 1, clips=2),
    other("B", "not_attended"),
    other("B", "cancelled_family"),
    other("B", "cancelled_practitioner"),
    other("B", "planned"),
    other("C", "planned", CUT),
    held("Z", 3, "meeting"),
)


def dose(rows: pl.DataFrame = MADE) -> pl.DataFrame:
    return process.dose_of(PROGRAMME, rows, planned=6, cycles=2, known_on=CUT)


def test_dose_is_over_all_offered_families() -> None:
    assert of(dose(), "sessions_a_family") == (3.0, 9, 3, 1)
    assert of(dose(), "planned_sessions_or_more") == (1 / 3, 1, 3, 1)
    assert of(dose(), "minutes_a_session") == (60.0, 480, 8, 1)


def test_a_cycle_is_a_film_and_then_its_review() -> None:
    """B's review came before the film, so it is no cycle; A's second cycle has no clip."""
    assert of(dose(), "cycles_a_family") == (2 / 3, 2, 3, 1)
    assert of(dose(), "all_cycles")[1:3] == (1, 3)
    assert of(dose(), "cycles_with_a_clip") == (0.5, 1, 2, 0)


def test_not_logged_is_apart_from_not_held() -> None:
    """Thirteen sessions are due: C's, planned for the day of the cut, is still to come, and Z is not in the arm."""
    rows = {name: of(dose(), f"{name}_of_due")[1:] for name in STATES}
    assert rows == {
        "held": (9, 13, 1), "not_attended": (1, 13, 1), "cancelled_family": (1, 13, 1),
        "cancelled_practitioner": (1, 13, 1), "not_logged": (1, 13, 0),
    }  # fmt: skip


def test_a_state_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ProcessError, match="state 'lost'"):
        dose(sessions(other("A", "lost")))


def test_a_session_held_has_a_day() -> None:
    with pytest.raises(ProcessError, match="is held and has no day"):
        dose(sessions(held("A", 1, "meeting", held_on=None)))


def test_sessions_a_family_has_no_gap_and_counts_those_with_none() -> None:
    counts = process.sessions_a_family(PROGRAMME, MADE)
    assert counts.rows() == [(0, 1), (1, 0), (2, 0), (3, 1), (4, 0), (5, 0), (6, 1)]


def test_started_and_completed_are_of_all_offered() -> None:
    found = process.started(PROGRAMME, MADE)
    assert of(found, "started_of_offered") == (2 / 3, 2, 3, 0)
    assert of(found, "completed_of_offered") == (1 / 3, 1, 3, 0)
    assert of(found, "completed_of_started") == (1 / 2, 1, 2, 0)


def test_nobody_offered_gives_no_rate() -> None:
    nobody = PROGRAMME.clear()
    assert of(process.started(nobody, MADE), "started_of_offered") == (None, 0, 0, 0)
    assert of(process.timeliness_of(nobody, MADE, known_on=CUT), "median_days_to_start") == (None, 0, 0, 0)
    assert process.sessions_a_family(nobody, MADE).rows() == [(0, 0)]


def test_timeliness_keeps_those_who_have_not_started() -> None:
    """A starts on day 5; C withdraws on day 10 and leaves the risk set; B starts on day 20 as the only one left."""
    found = process.timeliness_of(PROGRAMME, MADE, known_on=CUT)
    assert of(found, "started_by_day_14") == (pytest.approx(1 / 3), 1, 3, 0)
    assert of(found, "started_by_day_28") == (pytest.approx(1.0), 2, 3, 0)
    assert of(found, "median_days_to_start") == (20.0, 2, 3, 0)


def test_a_session_before_allocation_is_left_out_and_said() -> None:
    found = process.timeliness_of(PROGRAMME, sessions(held("A", -2, "meeting")), known_on=CUT)
    assert of(found, "started_by_day_14") == (0.0, 0, 2, 1)
    assert of(found, "median_days_to_start")[0] is None


def test_kaplan_meier_by_hand() -> None:
    steps, surviving = process.kaplan_meier(
        np.array([1.0, 2.0, 2.0, 3.0, 4.0]), np.array([True, True, False, False, True])
    )
    assert steps.tolist() == [1.0, 2.0, 4.0]
    assert surviving.tolist() == pytest.approx([0.8, 0.6, 0.0])


def test_supervision_counts_booked_and_held_apart() -> None:
    booked = pl.DataFrame(
        [
            {"practitioner": "P1", "booked_on": START, "minutes_booked": 60, "minutes_held": 45},
            {"practitioner": "P1", "booked_on": START, "minutes_booked": 60, "minutes_held": None},
            {"practitioner": "P2", "booked_on": CUT + timedelta(1), "minutes_booked": 60, "minutes_held": None},
        ],
        schema=COLUMNS["delivery/supervision"],
    )
    people = pl.DataFrame([{"practitioner": "P1", "trained_on": START}, {"practitioner": "P2", "trained_on": None}],
                          schema=COLUMNS["delivery/practitioners"])  # fmt: skip
    found = process.supervision_of(booked, people, known_on=CUT)
    assert of(found, "supervisions_held_of_booked") == (0.5, 1, 2, 0)
    assert of(found, "supervision_minutes_held_of_booked") == (45 / 120, 45, 120, 0)
    assert of(found, "supervision_minutes_a_practitioner") == (45.0, 45, 1, 1)
    with pytest.raises(ProcessError, match="minutes below zero"):
        process.supervision_of(booked.with_columns(minutes_held=pl.lit(-1)), people, known_on=CUT)


def test_adoption_is_of_those_trained() -> None:
    people = pl.DataFrame(
        [{"practitioner": f"P{n}", "trained_on": START, "left_on": START if n == 0 else None} for n in range(4)],
        schema=COLUMNS["delivery/practitioners"],
    )
    work = pl.DataFrame({"practitioner": ["P0", "P1", "P1", "P1"], "family": ["A", "A", "B", "B"]})
    found = process.adoption_of(people, work, known_on=CUT)
    assert of(found, "practitioners_with_a_family") == (0.5, 2, 4, 0)
    assert of(found, "families_a_practitioner") == (1.5, 3, 2, 0)
    assert of(found, "practitioners_who_left") == (0.25, 1, 4, 0)


def test_a_practitioner_of_two_sites_counts_once() -> None:
    people = pl.DataFrame(
        [
            {"practitioner": "P0", "site": site, "trained_on": START, "left_on": left}
            for site, left in (("A", START), ("B", None))
        ],
        schema=COLUMNS["delivery/practitioners"],
    )
    found = process.adoption_of(people, pl.DataFrame({"practitioner": ["P0"], "family": ["A"]}), known_on=CUT)
    assert of(found, "practitioners_with_a_family") == (1.0, 1, 1, 0)
    assert of(found, "practitioners_who_left") == (0.0, 0, 1, 0)


def test_reach_along_the_way_in() -> None:
    day = START
    rows = [{"family": f"F{n}", "trial_number": f"F{n}a", "eligible": True} for n in range(4)]
    rows += [{"family": "F8", "trial_number": "F8a", "eligible": False}, {"family": "F9", "trial_number": "F9a"}]
    for row, steps in zip(rows, (3, 3, 2, 0, 0, 0), strict=True):
        for name in ("consented_on", "baseline_on", "allocated_on")[:steps]:
            row[name] = day  # type: ignore[assignment]
    rows[0]["help_needed"] = True
    found = process.reach_of(pl.DataFrame(rows, schema=COLUMNS["blind/families"]))
    assert of(found, "eligible_of_referred") == (4 / 6, 4, 6, 1)
    assert of(found, "consented_of_eligible") == (3 / 4, 3, 4, 0)
    assert of(found, "baseline_of_consented") == (1.0, 3, 3, 0)
    assert of(found, "allocated_of_baseline") == (2 / 3, 2, 3, 0)
    assert of(found, "help_needed_of_allocated") == (1.0, 1, 1, 1)


def test_a_number_may_name_the_child_or_the_family() -> None:
    families = pl.DataFrame({"trial_number": ["F1a", "F1b"], "family": ["F1", "F1"]})
    named = process.by_family(pl.DataFrame({"trial_number": ["F1b", "F1"]}), families)
    assert named["family"].to_list() == ["F1", "F1"]
    with pytest.raises(ProcessError, match="F7 belongs to no family"):
        process.by_family(pl.DataFrame({"trial_number": ["F7"]}), families)


def test_offered_without_the_key_is_whoever_delivery_knows() -> None:
    families = pl.DataFrame({"family": ["A", "B", "C"]})
    found = process.programme_families(families, pl.DataFrame({"family": ["B"]}), pl.DataFrame({"family": ["C", "C"]}))
    assert found["family"].to_list() == ["B", "C"]
