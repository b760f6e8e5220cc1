"""Inviting a colleague, taking up the invitation, and what roles see."""

from __future__ import annotations

from datetime import timedelta

import pytest

from attunement.journey.people import actions
from attunement.journey.people.models import Holding, Person
from attunement.journey.people.roles import ROLES
from attunement.journey.trail import clock, versions
from attunement.journey.trail.actions import Rule
from attunement.journey.trail.errors import NotAllowed, Refused
from attunement.journey.trail.models import Entry, Message

NEW = {"email": "new@example.org", "name": "New Person", "role": "funder"}


def test_an_invitation_is_taken_up_once(programme):
    token = actions.invite(by=programme.people["trial_manager"], **NEW)
    person = actions.accept(by=Rule("invitation"), token=token, password="three odd words here")
    assert person.holds("funder")
    assert token in Message.objects.get(address="new@example.org").body
    with pytest.raises(Refused, match="used"):
        actions.accept(by=Rule("invitation"), token=token, password="three odd words here")


def test_an_invitation_ends_after_seven_days(programme, browse):
    token = actions.invite(by=programme.people["trial_manager"], **NEW)
    with clock.at(clock.now() + timedelta(days=8)):
        assert browse(None).get(f"/invitation/{token}/").status_code == 410


def test_a_weak_password_is_refused_on_the_page(programme, browse):
    token = actions.invite(by=programme.people["trial_manager"], **NEW)
    assert browse(None).post(f"/invitation/{token}/", {"password": "short"}).status_code == 422
    assert browse(None).post(f"/invitation/{token}/", {"password": "three odd words here"}).status_code == 302


def test_only_those_who_may_invite_do(programme):
    for role in ("coordinator", "funder", "survey_team"):
        with pytest.raises(NotAllowed):
            actions.invite(by=programme.people[role], **NEW)


def test_a_role_of_one_site_needs_its_site(programme):
    with pytest.raises(Refused, match="one site"):
        actions.invite(by=programme.people["trial_manager"], **NEW | {"role": "coordinator"})


def test_a_role_laid_down_ends_its_rights(programme):
    person = programme.people["funder"]
    actions.lay_down(by=programme.people["trial_manager"], holding=Holding.objects.get(person=person))
    assert not Person.objects.get(pk=person.pk).may("oversight.progress")


def test_masked_roles_never_hold_a_right_to_see_arms(programme):
    masked = {use.code for use in versions.current().roles if use.masked}
    assert {"survey_team", "trial_statistician", "la_analyst", "funder"} <= masked
    for key, person in programme.people.items():
        if person.held[0].role in masked:
            assert not person.may("arms.see"), key


def test_every_role_says_in_one_sentence_what_its_holder_may_do():
    for role in ROLES.values():
        assert role.sentence.endswith(".") and role.sentence.count(".") == 1


def test_the_trail_names_nobody_and_holds_no_address(programme):
    programme.refer()
    actions.invite(by=programme.people["trial_manager"], **NEW)
    rows = " ".join(" ".join(map(str, row)) for row in Entry.objects.values_list("who", "what", "why", "family"))
    for word in ("Zebedee", "Quill", "07700", "example.org", "New Person"):
        assert word not in rows


def test_the_sign_in_page_locks_after_too_many_tries(programme, browse):
    client = browse(None)
    wrong = {"login": "funder@example.org", "password": "no"}
    statuses = [client.post("/accounts/login/", wrong).status_code for _try in range(9)]
    assert statuses[0] == 200 and statuses[-1] == 429
