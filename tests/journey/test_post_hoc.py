"""What was not planned before the key was opened says so wherever it is shown."""

from __future__ import annotations

import json
from datetime import date

import pytest

from attunement.impact import plan_of
from attunement.journey.oversight import actions, policies
from attunement.journey.trail import clock, versions
from attunement.journey.trail.actions import Rule, adopt_study


@pytest.fixture
def taken(programme):
    for _family in range(4):
        programme.allocated()
    with clock.at(clock.local(date(2022, 8, 31))):
        yield actions.take_snapshot(by=programme.people["trial_manager"])


def _amended(programme, code):
    """The study with one estimand more, adopted today."""
    text = versions.StudyVersion.objects.order_by("number").last().text
    part = text[text.index('[[estimands]]\ncode = "efficacy"'):text.index('[[estimands]]\ncode = "cp_plan"')]
    one = part[:part.index("[[estimands]]", 1)] if "[[estimands]]" in part[1:] else part
    text = text.replace(part, part + one.replace('code = "efficacy"', f'code = "{code}"'))
    adopt_study(by=Rule("test"), text=text, reason="A test", approved_by="Cast", holds_from=clock.today())


def test_an_outcome_that_came_after_the_key_was_opened_is_marked_post_hoc(programme, taken):
    manager, second = programme.people["trial_manager"], programme.people["monitoring_statistician"]
    actions.lock_plan(by=manager)
    assert policies.registered_plan(taken) == plan_of(versions.current())
    _amended(programme, "before")
    actions.lock_plan(by=manager)
    for person in (manager, second):
        actions.release(by=person, snapshot=taken)
    with clock.at(clock.local(date(2022, 9, 30))):
        _amended(programme, "after")
        actions.lock_plan(by=manager)
        again = actions.take_snapshot(by=manager)
        for person in (manager, second):
            actions.release(by=person, snapshot=again)
    folder = actions.build_report(by=manager, snapshot=again)
    results = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    assert {one["id"]: one["post_hoc"] for one in results["estimates"]} == {
        "warmth": False, "invasion": False, "efficacy": False, "before": False, "cp_plan": False, "entered_care": False,
        "after": True,
    }
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "After (post hoc)" in page
    assert "Before (post hoc)" not in page
