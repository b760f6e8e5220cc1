"""What a change in a family's life ends, when a family is asked again, and codes that are said instead of links."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from attunement.journey.consent import actions, queries
from attunement.journey.consent.circumstances import CIRCUMSTANCES
from attunement.journey.consent.models import Link, Renewal, ShortCode, Statement
from attunement.journey.referral.models import Contact
from attunement.journey.surveys import actions as surveys
from attunement.journey.trail import clock, versions
from attunement.journey.trail.actions import Rule
from attunement.journey.trail.errors import NotAllowed, Refused


def all_yes():
    return {purpose.code: True for purpose in versions.current().consent.purposes}


@pytest.mark.parametrize("kind", CIRCUMSTANCES)
def test_a_change_ends_what_its_line_says_and_leaves_the_arm(programme, kind):
    family = programme.allocated()
    arm = family.allocation.arm
    actions.give_link(by=programme.people["coordinator"], family=family, leads_to="consent")
    actions.record_change(by=programme.people["coordinator"], family=family, kind=kind, happened_on=clock.today())
    meant = CIRCUMSTANCES[kind]
    assert queries.may_be_contacted(family) == ("contact" not in meant.ends and not meant.asks_again)
    assert Link.objects.filter(family=family, revoked_at=None).exists() != (meant.nobody_to_ask or meant.new_contact)
    assert Contact.objects.filter(family=family).exists() != meant.new_contact
    assert family.pk in queries.who_ever_agreed([family.pk])
    family.refresh_from_db()
    assert family.allocation.arm == arm


def test_a_new_carer_is_asked_anew_and_what_the_old_one_said_does_not_count(programme):
    family = programme.consented()
    actions.record_change(by=programme.people["survey_team"], family=family, kind="other_carer",
                          happened_on=clock.today())
    assert not queries.given(family) and queries.who_may_be_asked([family.pk]) == set()
    with pytest.raises(Refused, match="consent first"):
        surveys.open_questionnaire(by=programme.people["survey_team"], family=family, code="baseline")
    assert set(queries.to_ask_again(family)) == set(all_yes())
    actions.record_consent(by=programme.people["coordinator"], family=family, given=all_yes(), mode="visit",
                           language="en")
    assert queries.given(family) and queries.to_ask_again(family) == []
    assert queries.who_may_be_asked([family.pk]) == {family.pk}


def test_after_an_amendment_families_are_asked_again_but_not_those_who_left(programme, browse):
    stays, leaves, silent = programme.consented(), programme.consented(), programme.refer()
    actions.withdraw(by=programme.people["coordinator"], family=leaves, purpose="taking_part", mode="visit")
    answer = browse("trial_manager").post("/ask-again/", {"purposes": ["survey"], "reason": "A longer questionnaire"})
    assert answer.status_code == 302
    assert [row.family_id for row in Renewal.objects.all()] == [stays.pk]
    assert not queries.allows(stays, "surveys") and queries.allows(stays, "filming") and silent.renewals.count() == 0
    assert "To be asked again" in browse("coordinator").get(f"/families/{stays.code}/").content.decode()
    actions.record_consent(by=programme.people["coordinator"], family=stays, given=all_yes(), mode="visit",
                           language="en")
    assert queries.allows(stays, "surveys")
    with pytest.raises(Refused, match="own link"):
        actions.record_consent(by=programme.people["coordinator"], family=stays, given=all_yes(), mode="visit",
                               language="en")


@pytest.mark.parametrize(("form", "said"), [({"purposes": [], "reason": "Because"}, "statements"),
                                            ({"purposes": ["survey"], "reason": " "}, "again"),
                                            ({"purposes": ["nothing"], "reason": "Because"}, "statements")])
def test_asking_again_needs_statements_and_a_reason(programme, browse, form, said):
    programme.consented()
    answer = browse("trial_manager").post("/ask-again/", form)
    assert answer.status_code == 422 and said in answer.content.decode()
    assert not Renewal.objects.exists()
    with pytest.raises(NotAllowed):
        actions.ask_again(by=programme.people["coordinator"], purposes=["survey"], reason="Because")


def test_an_interpreter_is_named_with_the_agency_and_stands_on_the_copy(programme, browse):
    family = programme.refer()
    said = {"by": programme.people["coordinator"], "family": family, "given": all_yes(), "language": "en"}
    for wrong in ({"interpreter": "Ada Quince"}, {"agency": "Words Ltd"}):
        with pytest.raises(Refused, match="agency"):
            actions.record_consent(mode="visit", **said, **wrong)
    actions.record_consent(mode="visit", interpreter="Ada Quince", agency="Words Ltd", **said)
    assert set(Statement.objects.values_list("interpreter", "agency")) == {("Ada Quince", "Words Ltd")}
    copy = browse("coordinator").get(f"/families/{family.code}/consent/copy/").content.decode()
    assert "With an interpreter." in copy and "Zebedee" not in copy
    assert copy.count("You said yes to:") == len(all_yes())


def test_a_code_opens_the_same_page_once_within_an_hour(programme, browse, client):
    family = programme.refer()
    shown = browse("coordinator").post(f"/families/{family.code}/links/give/").content.decode()
    code = re.search(r'id="code">([^<]+)<', shown)[1]
    assert "<svg" in shown and ShortCode.objects.get().code_hash not in shown
    assert client.post("/code/", {"code": "2222 2222"}).status_code == 422
    opened = client.post("/code/", {"code": code.lower()})
    assert opened.status_code == 302 and client.get(opened.url).status_code == 200
    assert client.post("/code/", {"code": code}).status_code == 422
    link = Link.objects.filter(family=family).first()
    late = actions.give_code(by=programme.people["coordinator"], link=link)
    with clock.at(clock.now() + timedelta(hours=1, seconds=1)), pytest.raises(Refused, match="not in use"):
        actions.use_code(by=Rule("code"), typed=late)


def test_a_practitioner_records_a_change_of_a_family_on_the_own_caseload(programme, browse):
    family = programme.assigned()
    address = f"/caseload/{family.code}/change/"
    assert "Who may consent" in browse("practitioner").get(address).content.decode()
    assert browse("practitioner_2").get(address).status_code == 404
    form = {"kind": "moved", "happened_on": clock.today().isoformat()}
    assert browse("practitioner").post(address, form).status_code == 302
    assert family.changes.get().kind == "moved"


def test_a_masked_reader_of_the_trail_does_not_learn_who_recorded_a_change(programme, browse):
    """Practitioners meet families of one arm only, so their name beside a family would give the arm away."""
    family = programme.assigned()
    actions.record_change(by=programme.people["practitioner"], family=family, kind="moved", happened_on=clock.today())
    name = programme.people["practitioner"].trail_name
    shown = browse("trial_manager").get("/trail/", {"family": family.code}).content.decode()
    assert family.code in shown and name not in shown and "change_recorded" not in shown
    assert "change_recorded" in browse("monitoring_statistician").get("/trail/", {"family": family.code}).content.decode()


def test_when_it_is_safe_again_the_family_is_asked_by_which_way_and_goes_on_where_it_was(programme, browse):
    family, client = programme.consented(), browse("coordinator")
    programme.questionnaire(family)
    actions.record_change(by=programme.people["coordinator"], family=family, kind="unsafe", happened_on=clock.today())
    assert not queries.may_be_contacted(family)
    page = client.get(f"/families/{family.code}/").content.decode()
    assert f"/families/{family.code}/safe-again/" in page
    for day in ("", "2021-07-04", "2031-01-01"):
        assert client.post(f"/families/{family.code}/safe-again/", {"ended_on": day}).status_code == 422
    assert client.post(f"/families/{family.code}/safe-again/", {"ended_on": "2021-07-05"}).status_code == 302
    assert queries.may_be_contacted(family) and Contact.objects.get(family=family).safe == []
    assert programme.questionnaire(family).state == "open"
    page = client.get(f"/families/{family.code}/").content.decode()
    assert "5 July 2021, until 5 July 2021" in page and "safe-again" not in page
    assert client.post(f"/families/{family.code}/safe-again/", {"ended_on": "2021-07-05"}).status_code == 422
    actions.record_change(by=programme.people["coordinator"], family=family, kind="unsafe", happened_on=clock.today())
    assert not queries.may_be_contacted(family)


@pytest.mark.parametrize("kind", [kind for kind in CIRCUMSTANCES if kind != "unsafe"])
def test_no_other_change_ends(programme, kind):
    family, by = programme.consented(), programme.people["coordinator"]
    actions.record_change(by=by, family=family, kind=kind, happened_on=clock.today())
    with pytest.raises(Refused, match="not recorded"):
        actions.end_change(by=by, family=family, ended_on=clock.today())
