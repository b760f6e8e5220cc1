"""A study whose first questionnaire can raise alerts, and one of its families."""

from __future__ import annotations

from datetime import date
from typing import Any

from attunement import study
from attunement.journey.surveys import actions, alert_actions
from attunement.journey.trail.actions import Rule, adopt_study
from tests.cast import Programme

ASKED = 'instruments = ["demo_warmth", "demo_invasion", "demo_efficacy", "support_received"]'


def ask_risky(programme: Programme, *called: str, instruments: str = '"demo_safety"') -> None:
    """The baseline asks the questions on safety from now on; `called` are on call at site A."""
    text = study.read("vig").text
    adopt_study(by=Rule("test"), text=text.replace(ASKED, f"instruments = [{instruments}]", 1), reason="A test",
                approved_by="A test", holds_from=date(2021, 7, 5))
    for name in called:
        alert_actions.put_on_call(by=programme.people["trial_manager"], site=programme.sites["A"],
                                  person=programme.people[name])


def link_to(programme: Programme, family: Any) -> str:
    return actions.send_link(by=programme.people["coordinator"], family=family, code="baseline", route="none")
