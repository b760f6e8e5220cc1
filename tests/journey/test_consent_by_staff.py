"""Consent as staff record it, withdrawals, links and changes of circumstances."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from attunement.journey.consent import actions, policies, queries
from attunement.journey.consent.models import Change, Link, Statement
from attunement.journey.trail import clock, versions
from attunement.journey.trail.actions import post
from attunement.journey.trail.errors import NotAllowed, Refused
from attunement.journey.trail.models import Entry, Message


@pytest.fixture
def coordinator(browse):
    return browse("coordinator")


def told(mode: str, *, but: tuple[str, ...] = ()) -> dict[str, str]:
    purposes = versions.current().consent.purposes
    return {f"say-{each.code}": "no" if each.code in but else "yes" for each in purposes} | {
        "say-mode": mode, "say-language": "en"}


def test_a_coordinator_records_consent_with_its_mode(coordinator, programme):
    family = programme.refer()
    assert coordinator.get(f"/families/{family.code}/consent/").status_code == 200
    answer = coordinator.post(f"/families/{family.code}/consent/record/", told("paper"))
    assert answer.status_code == 302
    assert queries.newest_of(family)["survey"].mode == "paper"
    record = coordinator.get(f"/families/{family.code}/").content.decode()
    assert "Yes, 5 July 2021, on paper, notice 1" in record


@pytest.mark.parametrize("spoilt", [
    {"say-mode": "self"}, {"say-mode": ""}, {"say-survey": ""}, {"say-language": "tlh"}])
def test_a_record_that_lacks_something_is_not_taken(coordinator, programme, spoilt):
    family = programme.refer()
    answer = coordinator.post(f"/families/{family.code}/consent/record/", told("visit") | spoilt)
    assert answer.status_code == 422 and not Statement.objects.filter(family=family).exists()


def test_a_voice_on_the_telephone_is_not_enough_where_agreement_must_be_written(coordinator, programme):
    family = programme.refer()
    address = f"/families/{family.code}/consent/record/"
    refused = coordinator.post(address, told("telephone"))
    assert refused.status_code == 422 and "written yes" in refused.content.decode()
    assert coordinator.post(address, told("telephone", but=("copy_to_parent",))).status_code == 302


def test_staff_do_not_change_what_a_family_said(coordinator, programme):
    family = programme.consented(but=("being_filmed",))
    answer = coordinator.post(f"/families/{family.code}/consent/record/", told("visit"))
    assert answer.status_code == 422 and not queries.holds(family, "being_filmed")


def test_staff_record_a_withdrawal_once(coordinator, programme):
    family = programme.consented()
    address = f"/families/{family.code}/consent/withdraw/being_filmed/"
    assert "Your worker stops filming." in coordinator.get(address).content.decode()
    assert coordinator.post(address, {"mode": "telephone"}).status_code == 302
    row = queries.newest_of(family)["being_filmed"]
    assert (row.given, row.withdrawal, row.mode) == (False, True, "telephone")
    assert coordinator.post(address, {"mode": "telephone"}).status_code == 422
    assert coordinator.get(f"/families/{family.code}/consent/withdraw/all/").status_code == 404


def test_a_link_is_shown_once_and_only_its_hash_is_kept(coordinator, programme):
    family = programme.refer()
    shown = coordinator.post(f"/families/{family.code}/links/give/").content.decode()
    token = re.search(r"/c/([\w-]{32})/", shown)[1]
    assert coordinator.get(f"/c/{token}/").status_code == 200
    assert token not in coordinator.get(f"/families/{family.code}/links/").content.decode()
    assert not Link.objects.filter(token_hash__contains=token).exists()
    assert not Entry.objects.filter(what__contains=token).exists()
    coordinator.post(f"/families/{family.code}/links/revoke/")
    assert coordinator.get(f"/c/{token}/").status_code == 410


def test_no_consent_link_for_a_family_without_an_eligible_child(coordinator, programme):
    family = programme.refer(born_on=clock.today() - timedelta(days=600))
    answer = coordinator.post(f"/families/{family.code}/links/give/", follow=True)
    assert "No child of this family is eligible" in answer.content.decode()
    assert not Link.objects.filter(family=family).exists()


def test_a_change_of_circumstances_ends_what_is_asked(coordinator, programme):
    family = programme.consented()
    paper = programme.questionnaire(family)
    address = f"/families/{family.code}/change/"
    assert coordinator.post(address, {"kind": "removed", "happened_on": "4/7/2021"}).status_code == 302
    paper.refresh_from_db()
    assert paper.state == "stopped" and not queries.may_be_contacted(family)
    assert coordinator.post(address, {"kind": "removed", "happened_on": "4/7/2021"}).status_code == 422


@pytest.mark.parametrize("spoilt", [
    {"happened_on": "31/02/2021"}, {"happened_on": "1/1/2031"}, {"kind": "moon"}, {"kind": ""}])
def test_a_change_that_cannot_be_is_not_recorded(coordinator, programme, spoilt):
    family = programme.refer()
    answer = coordinator.post(f"/families/{family.code}/change/", {"kind": "moved", "happened_on": "4/7/2021"} | spoilt)
    assert answer.status_code == 422 and not Change.objects.filter(family=family).exists()


def test_another_authority_s_family_is_not_there(browse, programme):
    family = programme.consented()
    other = browse("coordinator_b")
    for address in ("consent/", "consent/record/", "links/", "change/", "consent/withdraw/survey/"):
        assert other.get(f"/families/{family.code}/{address}").status_code == 404
    with pytest.raises(NotAllowed):
        actions.withdraw(by=programme.people["coordinator_b"], family=family, purpose="survey", mode="visit")


@pytest.mark.parametrize("role", ["practitioner", "la_analyst", "funder", "trial_statistician", "system_owner"])
def test_roles_without_the_right_do_not_open_these_pages(browse, programme, role):
    family = programme.consented()
    for address in ("consent/", "links/", "change/"):
        # A practitioner records changes of families on the own caseload, and this is none of them.
        wanted = 404 if (role, address) == ("practitioner", "change/") else 403
        assert browse(role).get(f"/families/{family.code}/{address}").status_code == wanted


def test_a_message_to_a_family_that_has_withdrawn_stays_in_the_outbox(programme):
    family = programme.consented()
    mine, ours, old = (Message(route="text", address=address, family=family.code)
                       for address in ("07700 900123", "coordinator@example.org", "07700 900999"))
    assert policies.must_not_leave(old) == "the family is reached otherwise by now"
    assert policies.must_not_leave(mine) == ""
    actions.withdraw(by=programme.people["coordinator"], family=family, purpose="taking_part", mode="visit")
    assert policies.must_not_leave(mine) == "the family has withdrawn"
    assert policies.must_not_leave(ours) == ""
    actions.record_change(by=programme.people["coordinator"], family=family, kind="died", happened_on=date(2021, 7, 1))
    assert policies.must_not_leave(mine) == "the family must not be contacted"
    assert post(route="text", address="", body="") is None


def test_a_statement_that_is_left_out_is_refused_by_the_action_too(programme):
    family = programme.refer()
    with pytest.raises(Refused, match="Still open: 8"):
        actions.record_consent(by=programme.people["coordinator"], family=family, given={}, mode="visit", language="en")
