"""Families are rung up, looked for and found or lost; every call has an outcome and every outcome its consequence."""

from __future__ import annotations

from datetime import timedelta

import pytest

from attunement.journey.fieldwork import actions, queries, schedule
from attunement.journey.fieldwork.models import Attempt, Call, Sending, Trace
from attunement.journey.referral.models import Contact
from attunement.journey.trail import clock, outbox
from attunement.journey.trail.errors import NotAllowed, Refused
from attunement.journey.trail.models import Message
from tests.cast import FIRST_DAY


@pytest.fixture
def team(programme):
    return programme.people["survey_team"]


@pytest.fixture
def call(programme, team):
    family = programme.consented(hours=(9, 15))
    return actions.ask_for_call(by=team, family=family, code="baseline")


def log(call, team, outcome, **more) -> Call:
    actions.log_call(by=team, call=call, outcome=outcome, **more)
    call.refresh_from_db()
    return call


@pytest.mark.parametrize(("outcome", "state"), [
    ("own_page", "closed"), ("later", "open"), ("no_answer", "open"), ("wrong_number", "closed"), ("refused", "closed"),
    ("interpreter", "open"), ("not_alone", "open")])
def test_an_outcome_keeps_a_family_on_the_list_or_takes_it_off(call, team, outcome, state):
    assert log(call, team, outcome).state == state
    assert [line.call.pk for line in queries.to_call(team)] == [call.pk] * (state == "open")
    assert call.attempts.count() == 1


def test_every_outcome_is_one_of_these_and_done_needs_the_answers(programme, call, team):
    for outcome, sentence in (("done", "have not been handed in"), ("", "Say how"), ("vanished", "Say how")):
        with pytest.raises(Refused, match=sentence):
            log(call, team, outcome)
    programme.answered(call.family)
    assert log(call, team, "done").state == "closed"


def test_an_appointment_has_a_clock_and_comes_first(programme, call, team):
    other = actions.ask_for_call(by=team, family=programme.consented(), code="baseline")
    at = clock.now() + timedelta(hours=2)
    log(call, team, "appointment", at=at)
    assert [line.state for line in queries.to_call(team)] == ["due", "appointment"]
    for later, state in ((-10, "now"), (14, "now"), (16, "overdue")):
        with clock.at(at + timedelta(minutes=later)):
            first = queries.to_call(team)[0]
            assert (first.call.pk, first.state) == (call.pk, state)
    assert other.state == "open"


@pytest.mark.parametrize(("hours", "sentence"), [(-1, "in the future"), (None, "in the future"), (5, "from 9 to 15")])
def test_an_appointment_lies_ahead_and_in_safe_hours(call, team, hours, sentence):
    at = None if hours is None else clock.now() + timedelta(hours=hours)
    with pytest.raises(Refused, match=sentence):
        log(call, team, "appointment", at=at)


def test_a_call_without_an_answer_is_for_another_day_and_the_fourth_begins_a_search(call, team):
    for number in range(4):
        with clock.at(clock.local(FIRST_DAY + timedelta(days=number))):
            assert queries.to_call(team)[0].state == "due"
            log(call, team, "no_answer")
            assert [line.state for line in queries.to_call(team)] == ["later"] * (number < 3)
    assert Trace.objects.get().why == "no_answer"


def test_at_a_wrong_number_nothing_is_sent_or_said_any_more(call, team):
    schedule.run()
    log(call, team, "wrong_number")
    contact = Contact.objects.get(family=call.family)
    assert (contact.phone, contact.safe) == ("", ["mail"])
    outbox.send_waiting.call()
    assert Message.objects.get(link__isnull=False).stopped == "the family is reached otherwise by now"
    assert Trace.objects.get().why == "wrong_number"


def test_after_a_refusal_of_these_questions_nothing_more_comes(call, team):
    schedule.run()
    log(call, team, "refused")
    outbox.send_waiting.call()
    assert Message.objects.get(link__isnull=False).stopped == "the family does not want to be asked these questions"
    with clock.at(clock.local(FIRST_DAY + timedelta(days=3))):
        schedule.run()
    assert Sending.objects.count() == 1
    with pytest.raises(Refused, match="does not want to be asked"):
        actions.ask_for_call(by=team, family=call.family, code="baseline")


def test_the_list_is_by_language_and_shows_no_number_where_a_call_is_not_safe(programme, team, browse):
    programme.consented(language="en-xr", safe=["mail"])
    english = programme.consented()
    for family in programme.sites["A"].family_set.all():
        actions.ask_for_call(by=team, family=family, code="baseline")
    client = browse("survey_team")
    page = client.get("/fieldwork/calls/?language=en-xr").content.decode()
    assert english.code not in page and "Not by telephone" in page
    there = client.get(f"/fieldwork/calls/{Call.objects.get(family__language='en-xr').pk}/").content.decode()
    assert "Do not ring" in there and "07700" not in there


def test_outside_safe_hours_the_page_says_so(call, team, browse):
    with clock.at(clock.local(FIRST_DAY, 19)):
        page = browse("survey_team").get(f"/fieldwork/calls/{call.pk}/").content.decode()
    assert "Not now: it is safe from 9 to 15" in page


def test_an_appointment_is_made_on_the_page(call, browse):
    client = browse("survey_team")
    at = f"/fieldwork/calls/{call.pk}/"
    wrong = client.post(at, {"outcome": "appointment"})
    assert wrong.status_code == 422 and "Enter the hour that was agreed" in wrong.content.decode()
    answer = client.post(at, {"outcome": "appointment", "day": "2021-07-06", "hour": "10:30"})
    assert answer.status_code == 302
    call.refresh_from_db()
    assert call.appointment and f"{call.next_at:%Y-%m-%d %H:%M}" == "2021-07-06 09:30"


def test_a_family_that_may_not_be_asked_any_more_is_off_the_list_at_once(programme, call, team, browse):
    programme.answered(call.family)
    assert queries.to_call(team) == []
    schedule.run()
    call.refresh_from_db()
    assert call.state == "stopped"
    assert "not to be called any more" in browse("survey_team").get(f"/fieldwork/calls/{call.pk}/").content.decode()


def search(call, team) -> Trace:
    log(call, team, "wrong_number")
    return Trace.objects.get()


def test_a_family_is_found_with_new_details_and_is_called_again(call, team):
    trace = search(call, team)
    actions.note_trace(by=team, trace=trace, tried="worker")
    again = actions.found(by=team, trace=trace, given_by="worker", carer="Zebedee Quill", phone="07700 900555",
                          safe=["call"])
    trace.refresh_from_db()
    assert trace.state == "found" and again.state == "open" and again.pk != call.pk
    assert [(line.tried, line.given_by) for line in trace.lines.all()] == [
        ("worker", ""), ("new_contact", "worker"), ("found", "")]
    assert queries.to_call(team)[0].phone == "07700 900555"
    with pytest.raises(Refused, match="closed"):
        actions.note_trace(by=team, trace=trace, tried="worker")


def test_a_family_is_lost_only_after_something_was_tried_and_may_turn_up_again(call, team):
    trace = search(call, team)
    with pytest.raises(Refused, match="what was tried"):
        actions.lost(by=team, trace=trace)
    actions.note_trace(by=team, trace=trace, tried="coordinator")
    actions.lost(by=team, trace=trace)
    assert queries.lost("baseline") == {call.family_id}
    assert not schedule.run()["posted"]
    again = actions.open_trace(by=team, family=call.family, code="baseline", why="no_answer")
    actions.found(by=team, trace=again, given_by="parent", carer="Zebedee Quill", phone="07700 900555", safe=["call"])
    assert queries.lost("baseline") == set()


@pytest.mark.parametrize("bad", [{"given_by": "nobody"}, {"carer": " "}, {"phone": ""}])
def test_what_cannot_be_right_of_a_family_that_was_found_is_refused(call, team, bad):
    trace = search(call, team)
    told = {"given_by": "worker", "carer": "Zebedee Quill", "phone": "07700 900555", "safe": ["call"]} | bad
    with pytest.raises(Refused):
        actions.found(by=team, trace=trace, **told)
    trace.refresh_from_db()
    assert trace.state == "open" and not trace.lines.exists()


def test_the_search_is_recorded_and_closed_on_its_pages(call, team, browse):
    trace, client = search(call, team), browse("survey_team")
    at = f"/fieldwork/traces/{trace.pk}/"
    assert client.post(at, {"tried": "worker", "note": "On holiday"}).status_code == 302
    assert "On holiday" in client.get(at).content.decode()
    assert 'value="quill@example.org"' in client.get(f"{at}found/").content.decode()
    assert client.post(f"{at}lost/", {"note": ""}).status_code == 302
    assert "Lost" in client.get("/fieldwork/traces/").content.decode()


@pytest.mark.parametrize("role", ["coordinator", "trial_manager", "practitioner", "funder"])
def test_others_do_not_call(programme, call, role):
    with pytest.raises(NotAllowed):
        log(call, programme.people[role], "no_answer")
    assert not Attempt.objects.exists()
