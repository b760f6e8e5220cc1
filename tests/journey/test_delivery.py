"""A practitioner's year: the caseload, recording a session on a phone, the helping question, staff time."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from attunement.journey.consent import actions as consent
from attunement.journey.delivery import actions
from attunement.journey.delivery.models import Session, StaffTime
from attunement.journey.delivery.permissions import caseload
from attunement.journey.people.actions import add_person, lay_down
from attunement.journey.people.models import Holding
from attunement.journey.trail import clock
from attunement.journey.trail.actions import Rule
from attunement.journey.trail.errors import NotAllowed, Refused
from attunement.journey.trail.models import Entry


@pytest.fixture
def family(programme):
    return programme.assigned()


def later(days: int):
    return clock.at(clock.now() + timedelta(days=days))


def record(client, session, **given):
    return client.post(f"/sessions/{session.pk}/", given)


def held(session, **more):
    return {"state": "held", "held_on": session.planned_for.isoformat(), "minutes": "60"} | more


def test_the_caseload_shows_the_next_session_and_what_is_not_logged(programme, family, browse):
    client = browse("practitioner")
    page = client.get("/caseload/").content.decode()
    assert family.code in page and "Initial meeting, 12 Jul 2021" in page and "Not logged yet" not in page
    with later(8):
        page = client.get("/caseload/").content.decode()
        assert "Not logged yet" in page and f"{family.code}: Initial meeting, planned for 12 Jul 2021" in page
        assert "Film 1, 19 Jul 2021" in page
        assert family.sessions.first().state_on(clock.today()) == ("not_logged", "Not logged")
    assert "No family is on your caseload now" in browse("practitioner_2").get("/caseload/").content.decode()


def test_a_session_that_is_planned_for_today_is_not_yet_unlogged(programme, family):
    session = family.sessions.first()
    assert session.state_on(session.planned_for)[0] == "planned"
    assert session.state_on(session.planned_for + timedelta(days=1))[0] == "not_logged"


def test_a_session_is_recorded_in_six_taps_and_nothing_is_filled_in_that_nobody_said(programme, family, browse):
    session, client = family.sessions.first(), browse("practitioner")
    with later(8):
        page = client.get(f"/sessions/{session.pk}/").content.decode()
        assert 'value="2021-07-12"' in page
        chosen = set(re.findall(r'name="(\w+)" value="(\w*)"[^>]* checked', page))
        assert chosen == {("place", "home"), ("present", "carer"), ("present", "infant"), ("interpreter", "no"),
                          ("adaptation", ""), ("filmed", "no")}
        answer = record(client, session, **held(session, travel_minutes="30", preparation_minutes="0"))
        assert (answer.status_code, answer["Location"]) == (302, f"/caseload/{family.code}/")
    session.refresh_from_db()
    assert (session.state, session.held_on, session.minutes, session.travel_minutes, session.preparation_minutes) == (
        "held", session.planned_for, 60, 30, 0)
    assert session.practitioner == programme.people["practitioner"]
    assert Entry.objects.get(verb="delivery.session_recorded").family == family.code


def test_the_way_to_a_family_is_filled_in_from_the_last_time(programme, family, browse):
    first, second = family.sessions.all()[:2]
    client = browse("practitioner")
    with later(20):
        record(client, first, **held(first, travel_minutes="45"))
        page = client.get(f"/sessions/{second.pk}/").content.decode()
    assert re.search(r'name="travel_minutes" value="45"[^>]* checked', page)
    assert not re.search(r'name="(state|minutes|filmed|rating|preparation_minutes)" value="\w*"[^>]* checked', page)


def test_exact_minutes_count_more_than_a_tap_and_what_was_not_said_stays_unknown(programme, family, browse):
    session = family.sessions.first()
    with later(8):
        record(browse("practitioner"), session, **held(session, exact_minutes="52"))
    session.refresh_from_db()
    assert (session.minutes, session.travel_minutes, session.preparation_minutes) == (52, None, None)


@pytest.mark.parametrize(("state", "kept"), [
    ("not_attended", (None, 30, 60)), ("cancelled_family", (None, None, None)),
    ("cancelled_practitioner", (None, None, None))])
def test_a_session_that_was_not_held_keeps_only_the_time_that_was_spent(programme, family, browse, state, kept):
    session = family.sessions.first()
    with later(8):
        record(browse("practitioner"), session, **held(session, state=state, travel_minutes="30",
                                                       preparation_minutes="60"))
    session.refresh_from_db()
    assert (session.state, session.held_on) == (state, None)
    assert (session.minutes, session.travel_minutes, session.preparation_minutes) == kept


@pytest.mark.parametrize(("change", "reason"), [
    ({"state": ""}, "Say whether it was held"), ({"state": "planned"}, "Select a valid choice"),
    ({"state": "gone"}, "Select a valid choice"), ({"minutes": ""}, "Give the minutes with the family"),
    ({"minutes": "61"}, "Select a valid choice"), ({"held_on": ""}, "Give the day on which it was held"),
    ({"held_on": "31/02/2021"}, "Enter a valid date"), ({"held_on": "2021-07-14"}, "cannot lie in the future"),
    ({"held_on": "2021-07-04"}, "before the family was allocated"), ({"held_on": "0201-07-12"}, "before the family"),
    ({"exact_minutes": "601"}, "equal to 600"), ({"exact_travel_minutes": "-1"}, "equal to 0"),
    ({"exact_minutes": "0"}, "Give the minutes"), ({"exact_preparation_minutes": "1e9"}, "whole number"),
])
def test_what_cannot_be_is_refused_at_the_form_and_nothing_is_kept(programme, family, browse, change, reason):
    session = family.sessions.first()
    with later(8):
        answer = record(browse("practitioner"), session, **(held(session) | change))
    assert answer.status_code == 422 and reason in answer.content.decode()
    session.refresh_from_db()
    assert session.state == "planned" and not Entry.objects.filter(verb="delivery.session_recorded").exists()


def test_a_second_press_finds_the_session_recorded(programme, family, browse):
    session, client = family.sessions.first(), browse("practitioner")
    with later(8):
        assert [record(client, session, **held(session)).status_code for _press in range(2)] == [302, 409]
        shown = client.get(f"/sessions/{session.pk}/").content.decode()
        with pytest.raises(Refused, match="recorded already"):
            actions.record_session(by=programme.people["practitioner"], session=session, state="not_attended")
    assert "has been recorded already" in shown and "<form method=\"post\" novalidate" not in shown


def test_after_a_withdrawal_nothing_is_recorded_as_held_but_as_cancelled(programme, family, browse):
    consent.withdraw(by=programme.people["coordinator"], family=family, purpose="taking_part", mode="visit")
    session, client = family.sessions.first(), browse("practitioner")
    with later(8):
        assert "no longer takes part" in client.get("/caseload/").content.decode().lower()
        assert "has withdrawn from taking part" in record(client, session, **held(session)).content.decode()
        assert record(client, session, state="cancelled_family").status_code == 302


def test_a_missed_session_is_planned_again_as_the_same_kind(programme, family, browse):
    session, client = family.sessions.get(number=3), browse("practitioner")
    actions.record_session(by=programme.people["practitioner"], session=session, state="cancelled_family")
    address = f"/caseload/{family.code}/plan/?again=3"
    assert address in client.get(f"/caseload/{family.code}/").content.decode().replace("&amp;", "&")
    assert re.search(r'name="place" value="3"[^>]* checked', client.get(address).content.decode())
    assert client.post(address, {"place": "3", "planned_for": "2021-08-02"}).status_code == 302
    again = Session.objects.get(family=family, number=9)
    assert (again.kind, again.cycle, again.state) == ("review", 1, "planned")
    for odd in ("x", "-1", "99", "²", ""):
        assert client.get(f"/caseload/{family.code}/plan/?again={odd}").status_code == 200


@pytest.mark.parametrize("given", [
    {"place": "0", "planned_for": "2021-08-02"}, {"place": "9", "planned_for": "2021-08-02"},
    {"place": "1", "planned_for": "2021-07-04"}, {"place": "1", "planned_for": "2121-07-04"},
    {"planned_for": "2021-08-02"}, {"place": "1"}])
def test_a_session_is_planned_for_a_real_kind_and_a_near_day(programme, family, browse, given):
    assert browse("practitioner").post(f"/caseload/{family.code}/plan/", given).status_code == 422
    assert family.sessions.count() == 8


def test_a_session_moves_to_another_day_until_it_is_recorded(programme, family, browse):
    session, client = family.sessions.first(), browse("practitioner")
    address = f"/sessions/{session.pk}/move/"
    assert client.post(address, {"planned_for": "2021-07-15"}).status_code == 302
    session.refresh_from_db()
    assert session.planned_for.isoformat() == "2021-07-15"
    assert '"before":"2021-07-12"' in Entry.objects.get(verb="delivery.session_moved").what
    assert client.post(address, {"planned_for": "2021-07-01"}).status_code == 422
    actions.record_session(by=programme.people["practitioner"], session=session, state="cancelled_family")
    assert client.post(address, {"planned_for": "2021-07-20"}).status_code == 422


def test_the_familys_page_gives_what_a_visit_needs_and_nothing_of_its_answers(programme, family, browse):
    page = browse("practitioner").get(f"/caseload/{family.code}/").content.decode()
    assert f"{family.code}A" in page and "07700 900123" in page and "Zebedee Quill" in page
    assert page.count("Record<span") == 8 and "questionnaire" not in page.lower()


def test_a_family_that_must_not_be_contacted_shows_no_number(programme, family, browse):
    consent.record_change(by=programme.people["coordinator"], family=family, kind="unsafe", happened_on=clock.today())
    page = browse("practitioner").get(f"/caseload/{family.code}/").content.decode()
    assert "Do not contact this family" in page and "07700" not in page and "Quill" not in page


def test_the_parents_own_question_is_kept_and_the_trail_has_not_its_words(programme, family, browse):
    client, address = browse("practitioner"), f"/caseload/{family.code}/question/"
    assert client.post(address, {"text": "How can I help <him> to sleep?"}).status_code == 302
    assert "How can I help &lt;him&gt; to sleep?" in client.get(f"/caseload/{family.code}/").content.decode()
    assert "sleep" not in Entry.objects.get(verb="delivery.helping_question").what
    assert client.post(address, {"text": "How can we play?"}).status_code == 302
    for wrong in ("", " a ", "x" * 501):
        assert client.post(address, {"text": wrong}).status_code == 422
    family.helping_question.refresh_from_db()
    assert family.helping_question.text == "How can we play?"


def test_time_is_logged_once_however_often_the_button_is_pressed(programme, browse):
    client = browse("practitioner")
    key = re.search(r'name="key" value="([0-9a-f-]+)"', client.get("/time/").content.decode()).group(1)
    given = {"key": key, "category": "editing", "on": "2021-07-05", "minutes": "90"}
    assert [client.post("/time/", given).status_code for _press in range(2)] == [302, 302]
    row = StaffTime.objects.get()
    assert (row.person, row.site.code, row.minutes) == (programme.people["practitioner"], "A", 90)
    assert Entry.objects.filter(verb="delivery.time_logged").count() == 1
    assert "90 minutes" in client.get("/time/").content.decode()
    assert "90 minutes" not in browse("practitioner_2").get("/time/").content.decode()


@pytest.mark.parametrize("wrong", [
    {"key": ""}, {"key": "x"}, {"category": "tea"}, {"category": ""}, {"on": "2021-07-06"}, {"on": "2019-07-05"},
    {"on": "soon"}, {"minutes": "0"}, {"minutes": "1441"}, {"minutes": "an hour"}])
def test_time_that_cannot_be_is_refused(programme, browse, wrong):
    given = {"key": "6f3f4b2e-0f0e-4f0e-8f0e-6f3f4b2e0f0e", "category": "meeting", "on": "2021-07-05", "minutes": "30"}
    assert browse("practitioner").post("/time/", given | wrong).status_code == 422
    assert not StaffTime.objects.exists()


@pytest.mark.parametrize("role", ["practitioner_2", "practitioner_b"])
def test_another_practitioners_family_is_not_there(programme, family, browse, role):
    client, session = browse(role), family.sessions.first()
    for address in (f"/caseload/{family.code}/", f"/caseload/{family.code}/plan/", f"/caseload/{family.code}/question/",
                    f"/sessions/{session.pk}/", f"/sessions/{session.pk}/move/"):
        assert client.get(address).status_code == 404, address
        assert client.post(address, held(session)).status_code == 404, address
    for odd in ("A%00", "%C3%28", "..", "A001A", "x" * 300):
        assert client.get(f"/caseload/{odd}/").status_code == 404
    for act in (lambda by: actions.record_session(by=by, session=session, state="not_attended"),
                lambda by: actions.move_session(by=by, session=session, planned_for=clock.today()),
                lambda by: actions.plan_session(by=by, family=family, place=1, planned_for=clock.today()),
                lambda by: actions.ask_helping_question(by=by, family=family, text="Why is that?")):
        with pytest.raises(NotAllowed):
            act(programme.people[role])


@pytest.mark.parametrize("role", ["coordinator", "survey_team", "trial_manager", "supervisor", "process_evaluator",
                                  "trial_statistician", "la_analyst", "funder", "system_owner"])
def test_only_practitioners_have_a_caseload(programme, family, browse, role):
    client, session = browse(role), family.sessions.first()
    for address in ("/caseload/", f"/caseload/{family.code}/", f"/sessions/{session.pk}/", "/time/"):
        assert client.get(address).status_code == 403


def test_who_no_longer_is_a_practitioner_at_the_site_has_no_caseload_there(programme, family):
    person = programme.people["practitioner"]
    lay_down(by=programme.people["trial_manager"], holding=Holding.objects.get(person=person, until=None))
    add_person(by=Rule("test"), email=person.email, name="", role="practitioner", site=programme.sites["B"])
    person.__dict__.pop("held", None)
    assert not caseload(person).exists() and not Session.visible_to(person).exists()


def test_a_coordinator_elsewhere_who_also_works_here_sees_both_kinds_of_sessions(programme, family):
    person = programme.people["practitioner"]
    add_person(by=Rule("test"), email=person.email, name="", role="coordinator", site=programme.sites["B"])
    person.__dict__.pop("held", None)
    assert Session.visible_to(person).count() == 8
