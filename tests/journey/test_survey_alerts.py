"""An answer that needs a person: the alert, the words on the page, the calls, and who took it."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from django_tasks_db.models import DBTaskResult

from attunement.journey.consent.actions import find_link
from attunement.journey.surveys import actions, alert_actions, policies, watch
from attunement.journey.surveys.models import Alert, AlertCall, Answer, OnCall, Questionnaire
from attunement.journey.trail import clock
from attunement.journey.trail.errors import NotAllowed, Refused
from attunement.journey.trail.models import Entry, Message
from tests.journey.risky import ask_risky, link_to
from tests.risk_sequences import play

AFRAID, HARM = "demo_safety:2", "demo_safety:3"


@pytest.fixture
def family(programme):
    ask_risky(programme, "coordinator", "survey_team")
    return programme.consented()


@pytest.fixture
def token(programme, family):
    return link_to(programme, family)


@pytest.fixture
def phone(browse):
    return browse(None)


def text(response) -> str:
    return response.content.decode()


def save(phone, token, item, value, **more):
    return phone.post(f"/q/{token}/save/", {"item": item, "value": value} | more)


def test_an_answer_that_meets_a_rule_raises_an_alert_with_the_answer(phone, token, family):
    assert save(phone, token, AFRAID, "1").status_code == 204
    alert = Alert.objects.get()
    assert (alert.instrument, alert.item, alert.kind, alert.rule_version) == ("demo_safety", 2, "domestic_abuse", "1")
    assert alert.questionnaire.family == family and Answer.objects.get().value == 1
    save(phone, token, HARM, "0")
    save(phone, token, "demo_safety:1", "3")
    save(phone, token, HARM, "", go="skip")
    assert Alert.objects.count() == 1


def test_nothing_is_saved_when_the_alert_cannot_be(phone, token, monkeypatch):
    def broken(*_all, **_named):
        raise RuntimeError("the database is full")

    monkeypatch.setattr(actions, "raise_for", broken)
    phone.raise_request_exception = False
    assert save(phone, token, AFRAID, "1").status_code == 500
    assert not Answer.objects.exists()


def test_a_later_answer_does_not_erase_it_and_sending_it_twice_does_not_double_it(phone, token):
    key = "0" * 36
    for _time in range(2):
        save(phone, token, HARM, "2", key=key)
    save(phone, token, HARM, "0", key="1" * 36)
    assert save(phone, token, HARM, "2", key=key).status_code == 204
    assert Alert.objects.count() == 1 and Answer.objects.get().value == 0
    assert Entry.objects.filter(verb="surveys.alert_raised").count() == 1


def test_a_new_answer_after_somebody_took_the_first_raises_another(programme, phone, token):
    save(phone, token, HARM, "2", key="0" * 36)
    alert_actions.acknowledge(by=programme.people["coordinator"], alert=Alert.objects.get(), taken="spoke")
    save(phone, token, HARM, "2", key="0" * 36)
    assert Alert.objects.count() == 1
    save(phone, token, HARM, "1", key="1" * 36)
    assert Alert.objects.filter(acknowledged_at=None).count() == 1


def test_an_answer_that_arrives_after_a_later_one_raises_its_alert_and_does_not_hold(phone, token):
    now = int(clock.now().timestamp() * 1000)
    save(phone, token, HARM, "0", key="1" * 36, at=now - 1000)
    save(phone, token, HARM, "3", key="0" * 36, at=now - 9000)
    assert Answer.objects.get().value == 0 and Alert.objects.get().item == 3
    assert Alert.objects.get().given_at == clock.now() - timedelta(seconds=9)


def test_words_where_help_is_are_the_answer_to_the_very_post(phone, token):
    page = phone.post(f"/q/{token}/question/", {"item": AFRAID, "value": "2"})
    assert page.status_code == 200 and "0808 2000 247" in text(page) and f"/q/{token}/question/" in text(page)
    assert phone.post(f"/q/{token}/question/", {"item": "demo_safety:1", "value": "0"}).status_code == 302
    last = phone.post(f"/q/{token}/question/", {"item": HARM, "value": "1"})
    assert "116 123" in text(last) and f"/q/{token}/thanks/" in text(last)
    assert Questionnaire.objects.get().state == "complete"


def test_the_script_has_the_words_before_it_needs_them(phone, token):
    questions = phone.get(f"/q/{token}/module/").json()["questions"]
    assert [each.get("above") for each in questions] == [None, 0, 0]
    assert "0808 2000 247" in questions[1]["signpost"] and "116 123" in questions[2]["signpost"]


def test_families_are_told_before_they_start_that_nobody_watches(phone, token):
    assert "your worker may call you later" in text(phone.get(f"/q/{token}/"))


def test_calls_go_down_the_list_until_somebody_takes_it(programme, phone, token):
    save(phone, token, HARM, "2")
    alert, people, start = Alert.objects.get(), programme.people, clock.now()
    assert [call.person for call in AlertCall.objects.all()] == [people["coordinator"]]
    with clock.at(start + timedelta(minutes=59)):
        assert watch.look.func() == 0
    for minutes, called in ((60, ["survey_team"]), (120, ["coordinator", "survey_team", "trial_manager"])):
        before = AlertCall.objects.count()
        with clock.at(start + timedelta(minutes=minutes)):
            assert watch.look.func() == 1 and watch.look.func() == 0
        assert [call.person for call in AlertCall.objects.all()[before:]] == [people[name] for name in called]
    alert_actions.acknowledge(by=people["survey_team"], alert=alert, taken="spoke")
    with clock.at(start + timedelta(days=9)):
        assert watch.look.func() == 0


def test_a_call_names_nobody_and_says_nothing(phone, token, family):
    save(phone, token, HARM, "2")
    message = Message.objects.get(address="coordinator@example.org")
    assert message.body == f"Somebody is waiting for you: http://localhost:8000/alerts/{Alert.objects.get().pk}/"
    assert family.code not in message.subject + message.body and message.family == ""


def test_the_next_look_is_planned_with_the_alert(phone, token, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        save(phone, token, HARM, "2")
    planned = DBTaskResult.objects.get(task_path=watch.look.module_path, status="READY")
    assert timedelta(minutes=58) < planned.run_after - planned.enqueued_at < timedelta(minutes=61)


def test_somebody_takes_it_and_says_what_was_done(browse, phone, token):
    save(phone, token, HARM, "2")
    staff, alert = browse("coordinator"), Alert.objects.get()
    page = text(staff.get("/alerts/"))
    assert f"Alert {alert.pk}" in page and "Waits" in page and "Thoughts of self-harm" in page
    assert "Nearly every day" not in text(staff.get(f"/alerts/{alert.pk}/"))
    assert staff.post(f"/alerts/{alert.pk}/", {}).status_code == 422
    assert "why nothing is needed" in text(staff.post(f"/alerts/{alert.pk}/", {"taken": "no_need"}))
    assert staff.post(f"/alerts/{alert.pk}/", {"taken": "spoke", "note": "At nine."}).status_code == 302
    page = text(staff.get(f"/alerts/{alert.pk}/"))
    assert "I spoke with the parent" in page and "At nine." in page
    again = staff.post(f"/alerts/{alert.pk}/", {"taken": "spoke"})
    assert again.status_code == 422 and "Somebody has taken this alert already" in text(again)
    assert "At nine." not in Entry.objects.get(verb="surveys.alert_acknowledged").what


def test_another_site_does_not_see_it(browse, phone, token):
    save(phone, token, HARM, "2")
    number = Alert.objects.get().pk
    assert "No alert has been raised" in text(browse("coordinator_b").get("/alerts/"))
    assert browse("coordinator_b").get(f"/alerts/{number}/").status_code == 404
    assert browse("practitioner").get(f"/alerts/{number}/").status_code == 403


def test_no_risky_question_is_asked_where_nobody_is_on_call(programme):
    ask_risky(programme)
    family = programme.consented()
    with pytest.raises(Refused, match="nobody is on call at site A"):
        programme.questionnaire(family)


def test_who_is_on_call_is_a_list_with_an_order(browse, programme):
    ask_risky(programme)
    manager, people = browse("trial_manager"), programme.people
    for name in ("survey_team", "coordinator"):
        assert manager.post("/alerts/on-call/add/A/", {"person": people[name].pk}).status_code == 302
    page = text(manager.get("/alerts/on-call/"))
    assert page.index("<li>Survey Team") < page.index("<li>Coordinator")
    assert manager.post("/alerts/on-call/add/A/", {"person": people["funder"].pk}, follow=True).status_code == 200
    assert OnCall.objects.filter(until=None).count() == 2
    entry = OnCall.objects.first()
    assert browse("coordinator_b").post(f"/alerts/on-call/remove/{entry.pk}/").status_code == 404
    assert browse("coordinator_b").post("/alerts/on-call/add/A/", {"person": people["coordinator"].pk}).status_code == 404
    manager.post(f"/alerts/on-call/remove/{entry.pk}/")
    last = OnCall.objects.get(until=None)
    with pytest.raises(Refused, match="last person on the list"):
        alert_actions.take_off_call(by=people["trial_manager"], entry=last)


def test_only_those_who_may_take_an_alert_can_be_called(programme):
    for name in ("funder", "coordinator_b", "practitioner"):
        with pytest.raises(Refused, match="may not see alerts"):
            policies.can_be_called(programme.people[name], programme.sites["A"])
    with pytest.raises(NotAllowed):
        alert_actions.put_on_call(by=programme.people["funder"], site=programme.sites["A"],
                                  person=programme.people["coordinator"])


def test_a_correction_can_raise_an_alert(programme, phone, token, family):
    for item in ("1", "2", "3"):
        save(phone, token, f"demo_safety:{item}", "0")
    phone.post(f"/q/{token}/finish/")
    actions.correct_answer(by=programme.people["trial_manager"], questionnaire=Questionnaire.objects.get(),
                           instrument="demo_safety", item=3, given="2", why="The parent called")
    assert Alert.objects.get().item == 3


@pytest.mark.parametrize("seed", range(60))
def test_any_sequence_of_answers_raises_just_the_alerts_it_must(programme, family, token, seed):
    """A share of `python -m tests.risk_sequences 10000`."""
    raised, wanted = play(find_link(token), Questionnaire.objects.get(family=family), random.Random(seed))
    assert raised == wanted
