"""Answers that staff enter: how, with whose help, over a newer one of the family's; and forms that are locked."""

from __future__ import annotations

from datetime import timedelta

import pytest

from attunement.journey.surveys import actions
from attunement.journey.surveys.models import Answer, Questionnaire
from attunement.journey.surveys.questions import asked
from attunement.journey.trail import clock
from attunement.journey.trail.errors import Refused
from attunement.journey.trail.models import Entry
from tests.journey.risky import link_to


@pytest.fixture
def family(programme):
    return programme.consented()


@pytest.fixture
def team(browse):
    return browse("survey_team")


def text(response) -> str:
    return response.content.decode()


@pytest.mark.parametrize(("mode", "helper"), [("interpreter", "interpreter"), ("paper", "team"), ("proxy", "relative")])
def test_each_answer_keeps_how_it_was_given_and_who_helped(team, family, mode, helper):
    at = f"/families/{family.code}/surveys/baseline/telephone/"
    begun = team.post(at, {"begin": "1", "mode": mode, "helper": helper})
    assert begun["Location"] == f"{at}?mode={mode}&helper={helper}"
    for question in asked(1, "baseline", "en"):
        team.post(at, {"item": question.code, "value": question.options[0][0], "mode": mode, "helper": helper})
    assert set(Answer.objects.values_list("mode", "helper", "language")) == {(mode, helper, "en")}
    at = begun["Location"]
    page = team.post(at, {"help_minutes": "5", "helper": helper})
    assert page.status_code == 422 and "Say why help was needed" in text(page)
    team.post(at, {"help_minutes": "5", "help_reason": "language", "helper": helper})
    paper = Questionnaire.objects.get()
    assert (paper.mode, paper.help_minutes, paper.help_reason, paper.helper) == (mode, 5, "language", helper)
    assert paper.started_at is not None


def test_staff_are_warned_before_they_overwrite_what_the_family_just_answered(team, browse, programme, family):
    token, at = link_to(programme, family), f"/families/{family.code}/surveys/baseline/telephone/"
    seen = int(clock.now().timestamp() * 1000)
    with clock.at(clock.now() + timedelta(minutes=3)):
        browse(None).post(f"/q/{token}/question/", {"item": "demo_warmth:1", "value": "4"})
    page = team.post(at, {"item": "demo_warmth:1", "value": "0", "seen": str(seen)})
    assert page.status_code == 422 and "answered this question itself at 12:03" in text(page)
    assert Answer.objects.get().value == 4
    with clock.at(clock.now() + timedelta(minutes=4)):
        team.post(at, {"item": "demo_warmth:1", "value": "0", "seen": str(seen + 4 * 60_000)})
    assert Answer.objects.get().value == 0


def test_a_way_that_is_none_is_refused(programme, family):
    paper = programme.questionnaire(family)
    with pytest.raises(Refused, match="how the answers were given"):
        actions.save_answer(by=programme.people["survey_team"], questionnaire_id=paper.pk, instrument="demo_warmth",
                            item=1, given="1", mode="telepathy")


def test_a_locked_form_is_not_corrected_and_says_who_locked_it(browse, programme, family):
    paper, manager = programme.answered(family), browse("trial_manager")
    at = f"/families/{family.code}/surveys/"
    assert manager.post(f"{at}baseline/lock/", {"why": ""}).status_code == 422
    assert manager.post(f"{at}baseline/lock/", {"why": "The review point"}).status_code == 302
    assert "Trial Manager, 5 July 2021, 12:00: The review point" in text(manager.get(at))
    page = manager.post(f"{at}baseline/correct/demo_warmth:1/", {"given": "3", "why": "It was wrong"})
    assert page.status_code == 422 and "Trial Manager locked this form" in text(page)
    with pytest.raises(Refused):
        actions.lock_form(by=programme.people["trial_manager"], questionnaire=paper, why="again")
    manager.post(f"{at}baseline/lock/", {"why": "A mistake was found"})
    assert manager.post(f"{at}baseline/correct/demo_warmth:1/", {"given": "3", "why": "It was wrong"}).status_code == 302
    assert [entry.verb for entry in Entry.objects.filter(verb__startswith="surveys.form_")] == [
        "surveys.form_locked", "surveys.form_unlocked"]
