"""Small goals in the parent's own words, rated by the parent: on the practitioner's own pages and nowhere else."""

from __future__ import annotations

from datetime import timedelta

import pytest

from attunement.journey.consent import actions as consent
from attunement.journey.delivery import goal_actions
from attunement.journey.delivery.models import Goal, GoalRating
from attunement.journey.trail import clock
from attunement.journey.trail.errors import NotAllowed, Refused
from attunement.journey.trail.models import Entry

WORDS = "I want her to fall asleep in her own bed"


@pytest.fixture
def family(programme):
    return programme.assigned()


def test_a_goal_is_kept_in_the_parents_words_and_rated_again_and_again(programme, browse, family):
    client = browse("practitioner")
    assert client.post(f"/caseload/{family.code}/goals/", {"text": WORDS}).status_code == 302
    goal = Goal.objects.get()
    for days, rating in ((0, "3"), (0, "2"), (21, "7")):
        with clock.at(clock.now() + timedelta(days=days)):
            assert client.post(f"/goals/{goal.pk}/rate/", {"rating": rating}).status_code == 302
    assert list(goal.ratings.values_list("rating", flat=True)) == [2, 7]
    page = client.get(f"/caseload/{family.code}/goals/").content.decode()
    assert WORDS in page and "<strong>7</strong>" in page
    assert f"/caseload/{family.code}/goals/" in client.get(f"/caseload/{family.code}/").content.decode()


@pytest.mark.parametrize("rating", ["", "-1", "11", "x", "3.5"])
def test_a_rating_that_is_none_of_the_eleven_is_refused(programme, browse, family, rating):
    goal = goal_actions.add_goal(by=programme.people["practitioner"], family=family, text=WORDS)
    assert browse("practitioner").post(f"/goals/{goal.pk}/rate/", {"rating": rating}).status_code == 422
    assert not GoalRating.objects.exists()


def test_no_log_holds_the_words_or_the_number(programme, family, caplog):
    person = programme.people["practitioner"]
    goal = goal_actions.add_goal(by=person, family=family, text=WORDS)
    goal_actions.rate_goal(by=person, goal=goal, rating=7)
    assert {entry.what for entry in Entry.objects.filter(verb__startswith="delivery.goal")} == {"{}"}
    assert WORDS not in caplog.text


@pytest.mark.parametrize("role", ["practitioner_2", "coordinator", "supervisor", "process_evaluator", "trial_manager"])
def test_nobody_else_sees_adds_or_rates_a_goal(programme, browse, family, role):
    goal = goal_actions.add_goal(by=programme.people["practitioner"], family=family, text=WORDS)
    client = browse(role)
    assert client.get(f"/caseload/{family.code}/goals/").status_code in (403, 404)
    assert client.get(f"/goals/{goal.pk}/rate/").status_code in (403, 404)
    for address in ("/", "/delivery/", f"/delivery/{family.code}/", f"/families/{family.code}/"):
        assert WORDS not in client.get(address).content.decode()
    with pytest.raises(NotAllowed):
        goal_actions.rate_goal(by=programme.people[role], goal=goal, rating=1)


def test_goals_are_few_and_have_words(programme, family):
    person = programme.people["practitioner"]
    for text in ("", "  x ", "x" * 301):
        with pytest.raises(Refused, match="3 to 300"):
            goal_actions.add_goal(by=person, family=family, text=text)
    for _each in range(10):
        goal_actions.add_goal(by=person, family=family, text=WORDS)
    with pytest.raises(Refused, match="few"):
        goal_actions.add_goal(by=person, family=family, text=WORDS)
    consent.withdraw(by=programme.people["coordinator"], family=family, purpose="taking_part", mode="visit")
