"""A coordinator gives a family its practitioner and hands it over; who sees what was delivered."""

from __future__ import annotations

from datetime import timedelta

import pytest

from attunement import study as studies
from attunement.journey.consent import actions as consent
from attunement.journey.delivery import actions
from attunement.journey.trail import clock
from attunement.journey.trail.actions import Rule, adopt_study
from attunement.journey.trail.errors import NotAllowed, Refused
from attunement.journey.trail.models import Entry, Message

SEES_DELIVERY = ["coordinator", "supervisor", "process_evaluator", "cost_evaluator"]


def give(programme, family, practitioner="practitioner", days=7):
    people, first = programme.people, clock.today() + timedelta(days=days)
    return actions.assign(by=people["coordinator"], family=family, practitioner=people[practitioner],
                          first_session_on=first)


def pk(programme, key):
    return str(programme.people[key].pk)


def test_a_coordinator_assigns_from_the_record_and_sees_each_practitioners_families(programme, browse):
    programme.assigned("practitioner_2")
    family, client = programme.allocated("vig"), browse("coordinator")
    address = f"/families/{family.code}/assign/"
    assert address in client.get(f"/families/{family.code}/").content.decode()
    page = client.get(address).content.decode()
    assert "Practitioner: 0 of 6 families planned" in page and "Practitioner 2: 1 of 6 families planned" in page
    assert "Practitioner B" not in page
    answer = client.post(address, {"practitioner": pk(programme, "practitioner"), "first_session_on": "2021-07-12"})
    assert answer.status_code == 302
    assert [each.planned_for.isoformat() for each in family.sessions.all()[:2]] == ["2021-07-12", "2021-07-19"]
    told = Message.objects.filter(family=family.code).latest("id")
    assert told.address == "practitioner@example.org" and family.code not in told.subject + told.body
    panel = client.get(f"/families/{family.code}/").content.decode()
    assert "0 of 8" in panel and f"/families/{family.code}/hand-over/" in panel and address not in panel


def test_a_family_of_the_other_arm_has_no_delivery_on_its_record_and_is_refused(programme, browse):
    family, client = programme.allocated("usual_care"), browse("coordinator")
    assert "/assign/" not in client.get(f"/families/{family.code}/").content.decode()
    answer = client.post(f"/families/{family.code}/assign/", {"practitioner": pk(programme, "practitioner"),
                                                              "first_session_on": "2021-07-12"})
    assert answer.status_code == 422 and "receives usual care" in answer.content.decode()
    assert not family.assignments.exists()
    assert not Entry.objects.filter(verb="arms.read", what__contains="assign").exists()


@pytest.mark.parametrize("given", [
    {"first_session_on": "2021-07-12"}, {"practitioner": "0", "first_session_on": "2021-07-12"},
    {"practitioner": "x", "first_session_on": "2021-07-12"}, {"practitioner": "me", "first_session_on": "2021-07-04"},
    {"practitioner": "me", "first_session_on": "2031-07-04"}, {"practitioner": "me"},
    {"practitioner": "other site", "first_session_on": "2021-07-12"}])
def test_an_assignment_that_cannot_be_is_refused(programme, browse, given):
    family = programme.allocated("vig")
    known = {"me": pk(programme, "practitioner"), "other site": pk(programme, "practitioner_b")}
    given = {name: known.get(value, value) for name, value in given.items()}
    assert browse("coordinator").post(f"/families/{family.code}/assign/", given).status_code == 422
    assert not family.assignments.exists() and not family.sessions.exists()


def test_assigning_is_refused_before_allocation_after_withdrawal_twice_and_for_another_site(programme):
    with pytest.raises(Refused, match="not been allocated"):
        give(programme, programme.baselined())
    family = programme.allocated("vig")
    with pytest.raises(Refused, match="not a practitioner at the family's site"):
        give(programme, family, "practitioner_b")
    give(programme, family)
    with pytest.raises(Refused, match="Hand it over instead"):
        give(programme, family)
    gone = programme.allocated("vig")
    consent.withdraw(by=programme.people["coordinator"], family=gone, purpose="taking_part", mode="visit")
    with pytest.raises(Refused, match="no longer takes part"):
        give(programme, gone)


def test_six_families_are_a_plan_unless_the_study_file_makes_them_a_ceiling(programme):
    text = studies.read("vig").text.replace("families_per_practitioner = 6", "families_per_practitioner = 1")
    adopt_study(by=Rule("test"), text=text, reason="A test", approved_by="Cast", holds_from=clock.today())
    for _family in range(2):
        give(programme, programme.allocated("vig"))
    adopt_study(by=Rule("test"), text=text.replace("families_is_ceiling = false", "families_is_ceiling = true"),
                reason="A test", approved_by="Cast", holds_from=clock.today())
    with pytest.raises(Refused, match="the study's ceiling"):
        give(programme, programme.allocated("vig"))


def test_handing_over_moves_what_is_planned_and_keeps_what_was_recorded(programme, browse):
    family = programme.assigned()
    first = family.sessions.first()
    actions.record_session(by=programme.people["practitioner"], session=first, state="cancelled_family")
    client, address = browse("coordinator"), f"/families/{family.code}/hand-over/"
    assert pk(programme, "practitioner") not in client.get(address).content.decode().split("Why?")[0].split("<form")[-1]
    answer = client.post(address, {"practitioner": pk(programme, "practitioner_2"), "reason": "left"})
    assert answer.status_code == 302
    by = dict(family.sessions.values_list("number", "practitioner__email"))
    assert by.pop(1) == "practitioner@example.org" and set(by.values()) == {"practitioner_2@example.org"}
    was = family.assignments.first()
    assert (was.until, was.reason, family.assignments.count()) == (clock.today(), "left", 2)
    assert browse("practitioner").get(f"/caseload/{family.code}/").status_code == 404
    assert browse("practitioner_2").get(f"/caseload/{family.code}/").status_code == 200


def test_a_hand_over_that_cannot_be_is_refused(programme, browse):
    client, family = browse("coordinator"), programme.allocated("vig")
    other = {"practitioner": pk(programme, "practitioner_2"), "reason": "left"}
    answer = client.post(f"/families/{family.code}/hand-over/", other)
    assert answer.status_code == 422 and "Assign one instead" in answer.content.decode()
    give(programme, family)
    for wrong in (other | {"reason": ""}, other | {"reason": "rude words"}, other | {"practitioner": ""},
                  other | {"practitioner": pk(programme, "practitioner")}):
        assert client.post(f"/families/{family.code}/hand-over/", wrong).status_code == 422
    with pytest.raises(Refused, match="another practitioner"):
        actions.hand_over(by=programme.people["coordinator"], family=family,
                          practitioner=programme.people["practitioner"], reason="left")
    with pytest.raises(Refused, match="Choose why"):
        actions.hand_over(by=programme.people["coordinator"], family=family,
                          practitioner=programme.people["practitioner_2"], reason="free text")


def test_another_sites_family_is_not_there_to_assign_hand_over_or_see(programme, browse):
    family, client = programme.assigned(), browse("coordinator_b")
    for address in (f"families/{family.code}/assign", f"families/{family.code}/hand-over", f"delivery/{family.code}"):
        assert client.get(f"/{address}/").status_code == 404, address
    assert client.post(f"/families/{family.code}/assign/").status_code == 404
    assert family.code not in client.get("/delivery/").content.decode()
    for act in (lambda by: give_by(programme, by, family),
                lambda by: actions.hand_over(by=by, family=family, practitioner=programme.people["practitioner_2"],
                                             reason="left")):
        with pytest.raises(NotAllowed):
            act(programme.people["coordinator_b"])


def give_by(programme, by, family):
    return actions.assign(by=by, family=family, practitioner=programme.people["practitioner_2"],
                          first_session_on=clock.today())


@pytest.mark.parametrize("role", ["practitioner", "survey_team", "trial_manager", "supervisor", "process_evaluator",
                                  "monitoring_statistician", "funder", "la_analyst", "system_owner"])
def test_only_coordinators_assign(programme, browse, role):
    family = programme.assigned()
    for what in ("assign", "hand-over"):
        assert browse(role).get(f"/families/{family.code}/{what}/").status_code == 403
    with pytest.raises(NotAllowed):
        give_by(programme, programme.people[role], family)


@pytest.mark.parametrize("role", SEES_DELIVERY)
def test_those_who_oversee_delivery_see_the_sessions_evaluators_by_code_only(programme, browse, role):
    family = programme.assigned()
    client = browse(role)
    with clock.at(clock.now() + timedelta(days=8)):
        listed, shown = (client.get(each).content.decode() for each in ("/delivery/", f"/delivery/{family.code}/"))
    assert family.code in listed and "Not logged" in shown and shown.count("Planned</strong>") == 7
    named = ">Practitioner</td>" in listed
    assert named == (role == "coordinator")
    assert ("Quill" in listed + shown) is False


@pytest.mark.parametrize("role", ["practitioner", "survey_team", "trial_manager", "trial_statistician", "funder",
                                  "la_analyst", "system_owner", "monitoring_statistician"])
def test_others_do_not_see_delivery_which_would_tell_the_arm(programme, browse, role):
    family = programme.assigned()
    client = browse(role)
    assert client.get("/delivery/").status_code == client.get(f"/delivery/{family.code}/").status_code == 403
    record = client.get(f"/families/{family.code}/")
    assert record.status_code == 403 or "Delivery" not in record.content.decode()


def test_a_role_that_the_study_masks_sees_no_delivery_though_its_table_says_so(programme, browse):
    family = programme.assigned()
    text = studies.read("vig").text.replace('code = "process_evaluator"\nmasked = false',
                                            'code = "process_evaluator"\nmasked = true')
    adopt_study(by=Rule("test"), text=text, reason="A test", approved_by="Cast", holds_from=clock.today())
    client = browse("process_evaluator")
    assert family.code not in client.get("/delivery/").content.decode()
    assert client.get(f"/delivery/{family.code}/").status_code == 404


def test_families_that_wait_for_a_practitioner_are_listed_and_the_reading_is_recorded_once(programme, browse):
    waiting, other, done = programme.allocated("vig"), programme.allocated("usual_care"), programme.assigned()
    page = browse("coordinator").get("/delivery/").content.decode()
    assert f"/families/{waiting.code}/assign/" in page
    assert all(f"/families/{family.code}/assign/" not in page for family in (other, done))
    assert Entry.objects.filter(verb="arms.read_many").count() == 1
    assert "Waiting for a practitioner" not in browse("supervisor").get("/delivery/").content.decode()
    assert Entry.objects.filter(verb="arms.read_many").count() == 1
