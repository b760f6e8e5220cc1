"""A family's whole life in any order of steps: the record is what a model in plain Python says, after each step."""

from __future__ import annotations

from collections import Counter

from tests.journey.family_walk import Walk

EVERY = {"consent", "withdraw", "change", "open", "answer", "allocate", "assign", "visit", "hand_over"}


def test_a_familys_record_is_what_the_model_says_after_any_steps(programme):
    taken = Counter[str]()
    accepted: set[str] = set()
    for seed in range(1, 9):
        walk = Walk(programme, seed)
        walk.run(700)
        taken += walk.steps
        accepted = {step.removesuffix(" accepted") for step in taken if step.endswith(" accepted")}
        if seed > 1 and accepted >= EVERY:  # arms are drawn: in some lives no family has a practitioner to hand over
            return
    assert accepted >= EVERY
