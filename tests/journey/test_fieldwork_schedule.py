"""Reminders go once, by a safe way, on their days; and nothing goes after a stop."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attunement.journey.arms import actions as arms
from attunement.journey.consent import actions as consent
from attunement.journey.fieldwork import actions, schedule
from attunement.journey.fieldwork.models import Call, Sending
from attunement.journey.referral import actions as referral
from attunement.journey.referral.models import Contact
from attunement.journey.surveys.models import Questionnaire
from attunement.journey.trail import clock, outbox, versions
from attunement.journey.trail.models import Message
from attunement.study.calendar import window
from tests.cast import FIRST_DAY

SAFE = {"address": "1 Long Lane, Anytown, AB1 2CD", "safe": ["text", "call", "mail", "post"]}


def on_day(day: int):
    return clock.at(clock.local(FIRST_DAY + timedelta(days=day)))


def days_of(family) -> list[tuple[int, str, str]]:
    return list(Sending.objects.filter(family=family).values_list("day", "route", "state"))


def test_each_step_is_taken_on_its_day_by_its_route_and_no_more(programme):
    family = programme.consented(**SAFE)
    for day in range(20):
        with on_day(day):
            before = Sending.objects.count()
            schedule.run()
            schedule.run()
            assert Sending.objects.count() - before == (day in (0, 3, 7, 10, 14))
            outbox.send_waiting.call()
    assert days_of(family) == [(0, "text", "posted"), (3, "mail", "posted"), (7, "call", "call"), (10, "text", "posted"),
                               (14, "post", "letter")]
    assert Message.objects.filter(family=family.code, sent_at__isnull=False).count() == 3


def test_no_message_says_what_it_is_about(programme):
    programme.consented(**SAFE)
    schedule.run()
    message = Message.objects.get(link__isnull=False)
    assert message.subject == "Your page" and message.body.startswith("Here is your page: http") and message.once
    assert not any(word in (message.body + message.subject).lower() for word in ("vig", "question", "study", "quill"))


@pytest.mark.parametrize(("safe", "route", "state"), [
    (["mail"], "mail", "posted"), (["call"], "", "nowhere"), ([], "", "nowhere")])
def test_only_a_safe_way_is_taken_and_where_there_is_none_staff_are_told(programme, browse, safe, route, state):
    family = programme.consented(**(SAFE | {"safe": safe}))
    schedule.run()
    assert days_of(family) == [(0, route, state)]
    page = browse("survey_team").get("/fieldwork/messages/").content.decode()
    assert ("Hand a link over" in page) == (state == "nowhere")


def test_a_server_that_was_down_sends_the_last_step_that_is_due_and_not_all_of_them(programme):
    family = programme.consented(**SAFE)
    with on_day(11):
        assert schedule.run() == {"posted": 1}
    assert days_of(family) == [(0, "", "passed"), (3, "", "passed"), (7, "", "passed"), (10, "text", "posted")]


def test_a_step_that_is_more_than_a_week_late_is_not_taken(programme):
    programme.consented(**SAFE)
    with on_day(21):
        assert not schedule.run()


def test_the_follow_up_counts_from_randomisation_alone(programme):
    with on_day(2):
        family = programme.baselined(**SAFE)
    with on_day(5):
        made = arms.allocate(by=programme.people["coordinator"], family=family)
    point = next(one for one in schedule.versions.current().time_points if one.months_after)
    first, _last = window(point, clock.day_of(made.at))
    for day, wanted in ((first - timedelta(days=1), 0), (first, 1), (first + timedelta(days=3), 2)):
        with clock.at(clock.local(day)):
            schedule.run()
        assert Sending.objects.filter(family=family, time_point=point.code).count() == wanted


def complete(programme, family):
    programme.answered(family)


def withdraw(programme, family):
    consent.withdraw(by=programme.people["coordinator"], family=family, purpose="survey", mode="telephone")


def end_links(programme, family):
    consent.revoke_links(by=programme.people["coordinator"], family=family)


def not_by_text(programme, family):
    contact = Contact.objects.get(family=family)
    referral.change_contact(by=programme.people["survey_team"], family=family, carer=contact.carer, phone=contact.phone,
                            email=contact.email, safe=["mail"])


def another_number(programme, family):
    referral.change_contact(by=programme.people["survey_team"], family=family, carer="Zebedee Quill", phone="07700 900999",
                            safe=["text"])


def befalls(kind):
    def change(programme, family):
        consent.record_change(by=programme.people["coordinator"], family=family, kind=kind, happened_on=clock.today())
    return change


STOPS = {"complete": (complete, "the family has answered"), "withdrawn": (withdraw, "the family has withdrawn"),
         "links ended": (end_links, "the link in it has ended"),
         "not safe": (not_by_text, "this way of reaching the family is not safe"),
         "another number": (another_number, "the family is reached otherwise by now"),
         **{kind: (befalls(kind), "") for kind in ("removed", "other_carer", "adopted", "died", "parent_died", "unsafe")}}


@pytest.mark.parametrize("stop", STOPS)
def test_nothing_that_waits_leaves_after_a_stop(programme, stop):
    family = programme.consented(**SAFE)
    schedule.run()
    do, why = STOPS[stop]
    do(programme, family)
    outbox.send_waiting.call()
    message = Message.objects.get(link__isnull=False)
    assert message.sent_at is None and message.stopped and not message.body
    assert why in message.stopped


@pytest.mark.parametrize("stop", ["complete", "withdrawn", "removed", "other_carer", "adopted", "died", "parent_died",
                                  "unsafe"])
def test_no_step_is_taken_after_a_stop(programme, stop):
    family = programme.consented(**SAFE)
    STOPS[stop][0](programme, family)
    for day in (0, 3, 7, 10, 14):
        with on_day(day):
            schedule.run()
    assert not Sending.objects.filter(family=family).exists() and not Call.objects.filter(family=family).exists()


def test_a_family_that_moved_is_still_asked(programme):
    family = programme.consented(**SAFE)
    befalls("moved")(programme, family)
    assert schedule.run() == {"posted": 1}


def test_a_step_cannot_stand_twice_in_the_database(programme):
    family = programme.consented(**SAFE)
    schedule.run()
    one = Sending.objects.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        Sending.objects.create(family=family, time_point=one.time_point, day=one.day, state="call", made_at=clock.now())


def test_what_dies_between_the_step_and_its_message_leaves_neither(programme, monkeypatch):
    family = programme.consented(**SAFE)
    monkeypatch.setattr(schedule.surveys, "post_link", lambda **_given: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        schedule.run()
    monkeypatch.undo()
    assert not Sending.objects.exists() and not Questionnaire.objects.filter(family=family).exists()
    assert schedule.run() == {"posted": 1}


def test_a_questionnaire_that_cannot_be_opened_is_held_up_and_said(programme, monkeypatch, browse):
    programme.consented(**SAFE)
    assert "held up" not in browse("survey_team").get("/fieldwork/messages/").content.decode()

    def ended(*_given):
        raise schedule.Refused("The licence has ended.")

    monkeypatch.setattr("attunement.journey.surveys.policies.licence_holds", ended)
    assert schedule.run() == {"held_up": 1} and not Sending.objects.exists()
    assert "The licence has ended." in browse("survey_team").get("/fieldwork/messages/").content.decode()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 30), max_size=12))
def test_whatever_days_the_server_runs_no_step_is_taken_twice_and_days_only_grow(programme, days):
    taken: list[int] = []
    planned = versions.current().fieldwork.steps
    for day in sorted(days):
        come = schedule.steps_due(planned, FIRST_DAY, FIRST_DAY + timedelta(days=day), set(taken))
        assert not come or come[-1].day <= day < come[-1].day + 7
        taken += [step.day for step in come]
    assert taken == sorted(set(taken))


def test_the_task_comes_again_the_next_morning(programme):
    from django.utils import timezone
    from django_tasks_db.models import DBTaskResult

    schedule.daily.call()
    planned = DBTaskResult.objects.get(task_path=schedule.daily.module_path, status="READY")
    assert timedelta(hours=20) < planned.run_after - timezone.now() <= timedelta(hours=22)
    schedule.wake()
    assert DBTaskResult.objects.filter(task_path=schedule.daily.module_path, status="READY").count() == 1


def test_a_call_by_hand_and_one_by_schedule_are_one(programme):
    family = programme.consented(**SAFE)
    by_hand = actions.ask_for_call(by=programme.people["survey_team"], family=family, code="baseline")
    with on_day(7):
        schedule.run()
    assert Call.objects.get() == by_hand
