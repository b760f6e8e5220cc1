"""Whatever is wrong with data or question: a flag with its reason, or one sentence; never a NaN, a warning, a traceback."""

from math import nan

import numpy as np
import polars as pl
import pytest

from attunement import impact
from tests.impact.odd_data import DOORS, FAULTS, spoilt, trial, tried
from tests.impact.odd_questions import DATA, questions


@pytest.mark.parametrize("seed", range(6))
def test_data_with_things_wrong_get_a_flag_or_a_sentence(seed: int) -> None:
    chance = np.random.default_rng(seed)
    data, done = spoilt(trial(chance, int(chance.choice([8, 24, 60]))), chance)
    assert {name: said for name, door in DOORS.items() if (said := tried(door, data))} == {}, done


@pytest.mark.parametrize("fault", ["nobody", "one family", "two families", "one arm", "all missing", "constant"])
def test_each_plain_fault_of_the_outcome_is_answered_at_every_door(fault: str) -> None:
    chance = np.random.default_rng(3)
    data = FAULTS[fault](trial(chance, 24), chance, "y")
    assert {name: said for name, door in DOORS.items() if (said := tried(door, data))} == {}


def test_an_argument_that_is_something_else_gets_a_sentence() -> None:
    odd = ["nowhere", [1], nan]
    assert {name: said for name, question in questions(odd) if (said := tried(question, DATA))} == {}


def test_strata_that_are_the_arm_leave_the_curves() -> None:
    data = pl.DataFrame({"time": [1.0, 2, 3, 4], "event": [1, 1, 0, 1], "arm": [0, 1, 0, 1], "site": ["a", "b", "a", "b"]})
    fit = impact.time_to_event(data, time="time", event="event", arm="arm", strata="site")
    assert fit.effect.value is None
    assert impact.Flag.COLLINEAR in fit.flags
    assert "follows from the strata" in str(fit.failed)
    assert isinstance(fit, impact.Survival)
    assert fit.curves.height == 6


def test_lots_that_explain_everything_tie_at_a_number() -> None:
    data = pl.DataFrame({"outcome": [0.0, 0, 0, 1, 1, 1.0], "arm": [0, 0, 1, 0, 1, 1]})
    lots = np.array([[0, 0, 0, 1, 1, 1], [1, 1, 1, 0, 0, 0], [0, 1, 0, 1, 0, 1]])
    fit = impact.randomisation_test(data, outcome="outcome", arm="arm", scheme=lots)
    assert isinstance(fit, impact.Randomised)
    assert np.isfinite(fit.statistics).all()  # type: ignore[arg-type]
    assert fit.statistics[0] == pytest.approx(fit.statistics[1], rel=1e-12)  # type: ignore[index]
    assert fit.effect.p == 1.0
