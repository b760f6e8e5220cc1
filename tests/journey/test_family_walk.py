"""A family's whole life in any order of steps: the record is what a model in plain Python says, after each step."""

from __future__ import annotations

import pytest

from tests.journey.family_walk import Walk


@pytest.mark.parametrize("seed", [1, 2])
def test_a_familys_record_is_what_the_model_says_after_any_steps(programme, seed):
    walk = Walk(programme, seed)
    walk.run(600)
    accepted = {step.removesuffix(" accepted") for step in walk.steps if step.endswith(" accepted")}
    assert accepted >= {"consent", "withdraw", "change", "open", "answer", "allocate", "assign", "visit"}
