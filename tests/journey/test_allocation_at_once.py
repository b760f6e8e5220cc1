"""People who press at the same moment: never two allocations, a gap in the places, or anything but a plain refusal."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import pytest

from attunement.web import place
from tests.journey.at_once import FAMILIES
from tests.servers import postgres


def program(data: Path, *words: str) -> dict:
    environment = dict(os.environ, ATTUNEMENT_DATA=str(data), DJANGO_SETTINGS_MODULE="attunement.web.settings")
    done = subprocess.run([sys.executable, "-m", *words], env=environment, text=True, capture_output=True,
                          cwd=Path(__file__).parents[2])
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def data(request, tmp_path_factory):
    with postgres() if request.param == "postgresql" else nullcontext("") as url:
        path = tmp_path_factory.mktemp(request.param) / "data"
        place.create(path, demonstration=True, staff_totp=False, database=url)
        program(path, "tests.journey.at_once", "prepare")
        yield path


@pytest.fixture(scope="module")
def allocated(data):
    return program(data, "tests.journey.at_once", "allocate")


def test_a_double_click_and_two_colleagues_make_one_allocation_a_family(allocated):
    for attempts in allocated["came_to"]:
        made = {each for each in attempts if each.isdigit()}
        told = {each for each in attempts if not each.isdigit()}
        assert len(made) == 1 and told <= {"refused: This family has been allocated already."}, attempts
        assert attempts[0] == attempts[1]
    assert allocated["places"] == list(range(1, FAMILIES + 1)) and allocated["broken"] is None


def test_two_colleagues_who_assign_at_once_give_the_family_one_practitioner(data, allocated):
    found = program(data, "tests.journey.at_once", "assign")
    outcomes = {tuple(sorted(each if each.startswith("refused") else "done" for each in attempts))
                for attempts in found["came_to"]}
    late = "refused: This family has been allocated already."
    usual = "refused: This family receives usual care, so no practitioner is assigned."
    taken = "refused: The family has a practitioner. Hand it over instead."
    assert outcomes == {tuple(sorted([late, usual, usual])), tuple(sorted([late, taken, "done"]))}
    assert found["broken"] is None


def test_a_scheme_set_up_or_locked_by_several_at_once_is_set_up_and_locked_once(data, allocated):
    set_up, locked = program(data, "tests.journey.at_once", "set_up_and_lock")["came_to"]
    assert sorted(set_up) == ["2"] + ["refused: A scheme is waiting to be locked already."] * 3
    assert sorted(locked) == ["2"] + ["refused: There is no scheme to lock. "
                                      "The monitoring statistician sets one up first."] * 3


@pytest.fixture(scope="module")
def entered(data, allocated):
    return program(data, "tests.journey.at_once", "enter")


def test_a_sub_study_is_entered_once_however_many_press(entered):
    for number, attempts in enumerate(entered["came_to"][:-1], 1):
        told = {each for each in attempts if not each.isdigit()}
        assert attempts[0] == attempts[1] and str(number) in attempts, attempts
        assert told <= {"refused: This family has been allocated in this sub-study already."}, attempts
    assert entered["broken"] is None


def test_neither_database_lets_a_locked_scheme_or_an_allocation_be_changed(entered):
    assert entered["came_to"][-1] == [
        *["a locked scheme is never changed"] * 2, *["an allocation is never changed"] * 3,
        "a line of a log is never changed", "a locked scheme is never changed"]
