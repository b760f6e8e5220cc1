"""Every family stands in one box, zero is shown, and counts that do not add up are refused."""

from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl
import pytest

from attunement import study
from attunement.process import ArmFlow, CountsDoNotAddUp, Flow, ProcessError, flow, one_a_family
from attunement.process.flow import Count
from attunement.report.contract import COLUMNS

VIG = study.load("vig")
DAY = date(2021, 8, 1)
IN = {"eligible": True, "consented_on": DAY, "baseline_on": DAY, "allocated_on": DAY}


def family(name: str, **row: Any) -> dict[str, Any]:
    return {"trial_number": f"{name}a", "family": name, "site": "A", "index_child": True} | row


def frame(*rows: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=COLUMNS["blind/families"])


def members(*rows: tuple[str, str, bool | None, str, str, bool]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=["family", "arm", "received", "follow_up", "record", "analysed"], orient="row")


def counted(**changed: Any) -> Flow:
    people = frame(
        family("A1", eligible=False, ineligible_reason="on_a_plan"),
        family("A2", eligible=False, ineligible_reason="somebody's own words"),
        family("A3", eligible=None),
        family("A4", eligible=True),
        family("A5", eligible=True, consented_on=DAY, withdrawn_on=DAY),
        family("A6", eligible=True, consented_on=DAY),
        family("A7", eligible=True, consented_on=DAY, baseline_on=DAY),
        *(family(f"B{n}", **IN) for n in range(4)),
    )
    arms = members(
        ("B0", "vig", True, "followed_up", "found", True),
        ("B1", "vig", False, "not_yet_known", "not_yet_known", False),
        ("B2", "usual_care", False, "followed_up", "no_extract", False),
        ("B3", "usual_care", False, "withdrew", "found", False),
    )
    return flow(people, arms, study=VIG, **changed)


def test_everybody_stands_in_one_box() -> None:
    found = counted(further_children=2)
    assert (found.referred, found.allocated, found.further_children) == (11, 4, 2)
    assert {line.code: line.n for line in found.excluded} == {
        "ineligible:infant_under_12_months": 0,
        "ineligible:on_a_plan": 1,
        "ineligible:focal_parent": 0,
        "ineligible:other": 1,
        "eligibility_unknown": 1,
        "not_consented": 1,
        "withdrew_before": 1,
        "no_baseline": 1,
        "not_allocated": 1,
    }


def test_each_arm_is_counted_with_every_reason_shown() -> None:
    vig, usual = counted().arms
    assert (vig.arm, vig.allocated, vig.received, vig.followed_up, vig.not_yet_known, vig.analysed) == (
        "vig",
        2,
        1,
        1,
        1,
        1,
    )
    assert (usual.received, usual.followed_up, usual.analysed, usual.score_missing) == (0, 1, 0, 1)
    assert {line.code: line.n for line in usual.lost} == {
        "withdrew": 1, "died": 0, "removed": 0, "adopted": 0, "parent_died": 0, "moved": 0, "other_carer": 0,
        "no_answer": 0,
    }  # fmt: skip
    assert sum(line.n for line in usual.records) == 2


def test_who_received_is_not_said_when_delivery_is_withheld() -> None:
    arms = members(("B0", "vig", None, "followed_up", "found", True))
    assert flow(frame(family("B0", **IN)), arms.cast({"received": pl.Boolean}), study=VIG).arms[0].received is None


@pytest.mark.parametrize(
    ("wanting", "sentence"),
    [
        ("consented_on", "Family A1 was allocated, yet: did not consent."),
        ("baseline_on", "Family A1 was allocated, yet: no baseline questionnaire."),
    ],
)
def test_who_could_not_be_allocated_stops_the_count(wanting: str, sentence: str) -> None:
    people = frame(family("A1", **(IN | {wanting: None})))
    with pytest.raises(CountsDoNotAddUp) as refused:
        flow(people, members(("A1", "vig", True, "followed_up", "found", True)), study=VIG)
    assert str(refused.value) == sentence


def test_the_arms_must_hold_exactly_those_allocated() -> None:
    people = frame(family("A1", **IN), family("A2", **IN))
    one = members(("A1", "vig", True, "followed_up", "found", True))
    with pytest.raises(CountsDoNotAddUp, match="2 families were allocated, and 1 have an arm"):
        flow(people, one, study=VIG)
    with pytest.raises(CountsDoNotAddUp):
        flow(frame(family("A1", **IN)), pl.concat([one, one]), study=VIG)


def test_an_unknown_arm_or_state_is_refused() -> None:
    people = frame(family("A1", **IN))
    with pytest.raises(CountsDoNotAddUp, match="the arm 'waiting'"):
        flow(people, members(("A1", "waiting", True, "followed_up", "found", True)), study=VIG)
    with pytest.raises(CountsDoNotAddUp, match="states of the record 0"):
        flow(people, members(("A1", "vig", True, "followed_up", "lost in the post", True)), study=VIG)
    with pytest.raises(CountsDoNotAddUp, match="analysed that was not followed up"):
        flow(people, members(("A1", "vig", True, "withdrew", "found", True)), study=VIG)


ARM = ArmFlow("vig", "VIG", 3, 2, 2, (Count("withdrew", "Withdrew", 1),), 0, (Count("found", "Found", 3),), 2, 0)
FLOW = Flow(5, (Count("not_consented", "Did not consent", 2),), 3, (ARM,), 0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"referred": 6},
        {"allocated": 4},
        {"arms": (ARM, ARM)},
        {"arms": (replace(ARM, followed_up=1),)},
        {"arms": (replace(ARM, not_yet_known=1),)},
        {"arms": (replace(ARM, analysed=1),)},
        {"arms": (replace(ARM, received=4),)},
        {"arms": (replace(ARM, records=(Count("found", "Found", 2),)),)},
        {"arms": (replace(ARM, lost=(Count("withdrew", "W", 2), Count("died", "D", -1))),)},
    ],
)
def test_a_flow_cannot_be_made_from_counts_that_do_not_add_up(wrong: dict[str, Any]) -> None:
    with pytest.raises(CountsDoNotAddUp):
        replace(FLOW, **wrong)


def test_siblings_are_one_family_by_their_index_child() -> None:
    twins = frame(
        family("A1", index_child=False, eligible=True),
        family("A1", trial_number="A1b", **IN),
        family("A0", index_child=None),
        family("A2", index_child=False, eligible=False),
        family("A2", index_child=False, trial_number="A2b", eligible=True),
    )
    assert one_a_family(twins)["trial_number"].to_list() == ["A0a", "A1b", "A2b"]


def test_two_index_children_or_a_number_twice_are_refused() -> None:
    with pytest.raises(ProcessError, match="two index children"):
        one_a_family(frame(family("A1"), family("A1", trial_number="A1b")))
    with pytest.raises(ProcessError, match="a trial number twice"):
        one_a_family(frame(family("A1"), family("A1")))
