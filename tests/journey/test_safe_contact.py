"""A family is seen, and written to, only as it agreed and as it is safe."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from attunement.journey.consent import actions as consent
from attunement.journey.referral import actions, queries
from attunement.journey.referral.models import Contact, Family
from attunement.journey.surveys import actions as surveys
from attunement.journey.trail import clock, outbox
from attunement.journey.trail.actions import post
from attunement.journey.trail.errors import NotAllowed, Refused
from attunement.journey.trail.models import Message

OUTSIDE = ("survey_team", "trial_manager")


def seen_by(programme, who):
    return set(Family.visible_to(programme.people[who]).values_list("code", flat=True))


def test_until_a_family_has_agreed_only_its_own_authority_sees_it(programme, browse):
    family = programme.refer(agreed=None)
    assert seen_by(programme, "coordinator") == {family.code}
    for who in OUTSIDE:
        assert seen_by(programme, who) == set()
        assert browse(who).get(f"/families/{family.code}/").status_code == 404
        assert family.code not in browse(who).get("/families/").content.decode()
    actions.answer_to_contact(by=programme.people["coordinator"], family=family, agreed=True)
    for who in OUTSIDE:
        assert seen_by(programme, who) == {family.code}


def test_a_family_that_does_not_want_to_be_contacted_is_forgotten(programme, browse):
    family = programme.refer(agreed=None)
    post(route="text", address="07700 900123", body="Hello", family=family.code)
    answer = browse("coordinator").post(f"/families/{family.code}/agreement/", {"agreed": "no"})
    assert answer.status_code == 302
    family.refresh_from_db()
    assert (family.erased, family.agreed, family.referred_on) == ("refused", False, date(2021, 7, 1))
    assert not Contact.objects.exists()
    assert family.children.get().born_on is None
    assert Message.objects.get().address == "" and Message.objects.get().stopped
    shown = browse("coordinator").get(f"/families/{family.code}/").content.decode()
    assert "has been erased" in shown and "Quill" not in shown
    for who in OUTSIDE:
        assert seen_by(programme, who) == set()


def test_a_family_that_says_no_to_taking_part_is_forgotten_and_one_that_leaves_later_is_not(programme):
    refused, leaving = programme.refer(), programme.consented()
    given = {purpose: False for purpose in consent.queries.all_of(leaving)}
    consent.record_consent(by=programme.people["coordinator"], family=refused, given=given, mode="visit", language="en")
    consent.withdraw(by=programme.people["coordinator"], family=leaving, purpose="taking_part", mode="telephone")
    refused.refresh_from_db(), leaving.refresh_from_db()
    assert refused.erased == "refused" and leaving.erased == ""
    assert list(Contact.objects.values_list("family", flat=True)) == [leaving.pk]
    with pytest.raises(Refused, match="nothing is kept"):
        consent.give_link(by=programme.people["coordinator"], family=refused, leads_to="consent")


def test_nothing_leaves_by_a_way_that_is_not_safe(programme):
    family = programme.consented()
    surveys.send_link(by=programme.people["survey_team"], family=family, code="baseline", route="text")
    actions.change_contact(by=programme.people["survey_team"], family=family, carer="Zebedee Quill",
                           phone="07700 900123", email="quill@example.org", safe=["mail"])
    assert outbox.send_waiting.call() == 0
    assert Message.objects.get(route="text").stopped == "this way of reaching the family is not safe"


def test_a_way_that_is_not_safe_cannot_be_chosen_by_hand(programme, browse):
    family = programme.consented()
    actions.change_contact(by=programme.people["survey_team"], family=family, carer="Zebedee Quill",
                           phone="07700 900123", email="quill@example.org", safe=["mail"])
    page = browse("survey_team").get(f"/families/{family.code}/surveys/").content.decode()
    assert 'value="mail"' in page and 'value="text"' not in page
    for route in ("text", "post", "pigeon", ""):
        with pytest.raises(Refused, match="safe"):
            surveys.send_link(by=programme.people["survey_team"], family=family, code="baseline", route=route)
    assert not Message.objects.exclude(route="mail").exists()


def test_a_message_waits_for_an_hour_that_is_safe(programme):
    family = programme.consented()
    actions.change_contact(by=programme.people["coordinator"], family=family, carer="Zebedee Quill",
                           phone="07700 900123", safe=["text"], hours=(9, 15))
    with clock.at(clock.local(date(2021, 7, 6), 16)):
        surveys.send_link(by=programme.people["survey_team"], family=family, code="baseline", route="text")
        assert outbox.send_waiting.call() == 0
    with clock.at(clock.local(date(2021, 7, 7), 8)):
        assert outbox.send_waiting.call() == 0
    with clock.at(clock.local(date(2021, 7, 7), 9)):
        assert outbox.send_waiting.call() == 1


def test_an_hour_that_the_clocks_skip_does_not_hold_a_message_for_ever(programme):
    family = programme.refer()
    actions.change_contact(by=programme.people["coordinator"], family=family, carer="Z", phone="07700 900123",
                           safe=["text"], hours=(1, 2))
    post(route="text", address="07700 900123", body="Hello", family=family.code)
    waits = consent.policies.must_wait(Message.objects.get())
    assert isinstance(waits, datetime)
    with clock.at(clock.local(date(2022, 3, 27), 0)):
        assert consent.policies.must_wait(Message.objects.get()) <= clock.local(date(2022, 3, 27), 3)


@pytest.mark.parametrize(("facts", "said"), [
    ({"safe": ["text"], "phone": ""}, "no number"), ({"safe": ["post"]}, "no number"), ({"safe": ["pigeon"]}, "offered"),
    ({"hours": (9, 9)}, "hour"), ({"hours": (-1, 3)}, "hour"), ({"hours": (0, 25)}, "hour"), ({"carer": "  "}, "name")])
def test_a_contact_that_cannot_be_is_refused(programme, facts, said):
    family = programme.refer()
    given = {"carer": "Zebedee Quill", "phone": "07700 900123"} | facts
    with pytest.raises(Refused, match=said):
        actions.change_contact(by=programme.people["coordinator"], family=family, **given)
    assert Contact.objects.get().carer == "Zebedee Quill"


def test_how_to_reach_a_family_is_changed_on_its_page_by_its_own_people(programme, browse):
    family = programme.refer()
    form = {"carer": "Zebedee Quill", "phone": "07700 900456", "email": "", "address": "", "safe": ["call"],
            "hours": "17-21"}
    assert browse("coordinator").get(f"/families/{family.code}/contact/").status_code == 200
    assert browse("coordinator").post(f"/families/{family.code}/contact/", form).status_code == 302
    contact = Contact.objects.get()
    assert (contact.phone, contact.safe, contact.from_hour, contact.reaches("text")) == ("07700 900456", ["call"], 17, "")
    assert browse("coordinator_b").post(f"/families/{family.code}/contact/", form).status_code == 404
    assert browse("coordinator").post(f"/families/{family.code}/contact/", form | {"safe": ["mail"]}).status_code == 422
    with pytest.raises(NotAllowed):
        actions.change_contact(by=programme.people["coordinator_b"], family=family, carer="Z")


def test_families_that_were_not_asked_are_counted_a_month_and_the_newest_count_holds(programme, browse):
    page = browse("coordinator")
    form = {"site": programme.sites["A"].pk, "month": "6/2021", "reason": "crisis", "families": "4"}
    assert page.post("/families/not-asked/count/", form).status_code == 302
    assert page.post("/families/not-asked/count/", form | {"families": "3"}).status_code == 302
    for wrong in ({"month": "13/2021"}, {"month": "9/2021"}, {"reason": "rude"}, {"families": "-1"},
                  {"site": programme.sites["B"].pk}):
        assert page.post("/families/not-asked/count/", form | wrong).status_code == 422
    assert queries.not_approached_by_site() == {"A": 3}
    shown = page.get("/families/not-asked/").content.decode()
    assert "June 2021" in shown and "in a crisis" in shown
    assert "June 2021" not in browse("coordinator_b").get("/families/not-asked/").content.decode()
