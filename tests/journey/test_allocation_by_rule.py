"""Where the study file says so a family is allocated by rule once everything is complete, and nobody presses."""

from __future__ import annotations

import pytest
from django_tasks_db.models import DBTaskResult

from attunement.journey.arms import actions, by_rule
from attunement.journey.arms.models import Allocation
from attunement.journey.trail.errors import Refused
from attunement.journey.trail.models import Entry, Message
from tests.journey.test_allocation_scheme import amend
from tests.journey.test_allocation_strata import BY_AGE, FACTOR

TRIGGER = ('trigger = "person"', 'trigger = "rule"')


def test_by_rule_each_family_that_is_ready_is_allocated_and_the_trail_says_so(programme, browse):
    amend(TRIGGER)
    ready, other = programme.baselined(), programme.consented()
    page = browse("coordinator").get(f"/families/{ready.code}/allocate/").content.decode()
    assert "allocated by itself" in page and 'name="key"' not in page
    with pytest.raises(Refused, match="by itself"):
        actions.allocate(by=programme.people["coordinator"], family=ready)
    assert by_rule.allocate_ready.call() == 1 and by_rule.allocate_ready.call() == 0
    assert Allocation.objects.get().family == ready and other.code
    assert Entry.objects.get(verb="arms.allocated").who == "rule:allocation"
    told = Message.objects.get(family=ready.code, subject="A family has been allocated")
    assert told.address == "coordinator@example.org"
    assert "by rule" in browse("monitoring_statistician").get("/allocation/list/").content.decode()
    assert DBTaskResult.objects.filter(task_path=by_rule.allocate_ready.module_path, status="READY").count() == 1


def test_a_person_presses_unless_the_study_says_otherwise(programme):
    family = programme.baselined()
    assert by_rule.allocate_ready.call() == 0
    with pytest.raises(Refused, match="a person asks"):
        actions.allocate(by=by_rule.RULE, family=family)


def test_a_rule_cannot_say_a_level_that_only_a_person_knows(programme):
    amend(TRIGGER, FACTOR, BY_AGE)
    with pytest.raises(Refused, match="a person has to say their infant_age"):
        actions.set_up(by=programme.people["monitoring_statistician"])
