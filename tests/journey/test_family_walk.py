"""A family's whole life in any order of steps: the record is what a model in plain Python says, after each step."""

from __future__ import annotations

from collections import Counter

from tests.journey.family_walk import Walk


def test_a_familys_record_is_what_the_model_says_after_any_steps(programme):
    wanted = {"consent", "withdraw", "change", "open", "answer", "allocate", "assign", "visit", "hand_over"}
    taken = Counter[str]()
    for seed in range(1, 8):  # where a walk comes hangs on the arms that are drawn
        walk = Walk(programme, seed)
        walk.run(700)
        taken += walk.steps
        if seed > 1 and wanted <= {step.removesuffix(" accepted") for step in taken}:
            return
    raise AssertionError(f"never accepted: {wanted - {step.removesuffix(' accepted') for step in taken}}")
