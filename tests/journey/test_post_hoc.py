"""What was not planned before the key was opened says so wherever it is shown."""

from __future__ import annotations

import json
from datetime import date

from attunement.impact import plan_of
from attunement.journey.oversight import actions, policies
from attunement.journey.trail import clock, versions
from attunement.journey.trail.actions import Rule, adopt_study
from tests.journey.lock_cast import ORDER, begun, step


def _amended(programme, code):
    """The study with one estimand more, adopted today."""
    text = versions.StudyVersion.objects.order_by("number").last().text
    part = text[text.index('[[estimands]]\ncode = "efficacy"'):text.index('[[estimands]]\ncode = "cp_plan"')]
    one = part[:part.index("[[estimands]]", 1)] if "[[estimands]]" in part[1:] else part
    text = text.replace(part, part + one.replace('code = "efficacy"', f'code = "{code}"'))
    adopt_study(by=Rule("test"), text=text, reason="A test", approved_by="Cast", holds_from=clock.today())


def test_an_outcome_that_came_after_the_plan_was_registered_is_marked_post_hoc(programme):
    manager = programme.people["trial_manager"]
    for _family in range(4):
        programme.allocated()
    with clock.at(clock.local(date(2022, 8, 31))):
        actions.lock_plan(by=manager)
        _amended(programme, "before")
        actions.lock_plan(by=manager)
        lock = begun(programme)
        _amended(programme, "after")
        for code in ORDER[1: ORDER.index("run") + 1]:
            step(programme, lock, code)
        lock.refresh_from_db()
        assert policies.registered_plan(lock.snapshot) == plan_of(versions.numbered(2))
    folder = lock.path / "run"
    results = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    assert {one["id"]: one["post_hoc"] for one in results["estimates"]} == {
        "warmth": False, "invasion": False, "efficacy": False, "before": False, "cp_plan": False, "entered_care": False,
        "after": True,
    }
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "After (post hoc)" in page
    assert "Before (post hoc)" not in page
