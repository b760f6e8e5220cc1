"""What became of each message is shown; what did not arrive is sent anew; a letter is printed once."""

from __future__ import annotations

import shutil
from datetime import timedelta

import pytest
from django.conf import settings as live

from attunement.journey.consent import actions as consent
from attunement.journey.consent.models import Link
from attunement.journey.fieldwork import actions, queries, schedule
from attunement.journey.fieldwork.models import Sending
from attunement.journey.surveys import actions as surveys
from attunement.journey.trail import clock, outbox, senders
from attunement.journey.trail.errors import Refused
from attunement.journey.trail.models import Message
from tests.cast import FIRST_DAY
from tests.journey.test_outbox import Mailbox, mail_server

SAFE = {"address": "1 Long Lane, Anytown, AB1 2CD", "safe": ["text", "call", "mail", "post"]}


@pytest.fixture(autouse=True)
def empty():
    shutil.rmtree(live.PLACE.root / "outbox", ignore_errors=True)


@pytest.fixture
def family(programme):
    made = programme.consented(**SAFE)
    schedule.run()
    return made


def newest() -> Message:
    return Message.objects.filter(link__isnull=False).latest("pk")


def state(family) -> str:
    return queries.rows([family])[0].state


def test_each_state_is_shown_from_waiting_to_delivered(family, browse):
    assert state(family) == "waiting"
    outbox.send_waiting.call()
    assert state(family) == "sent"
    for field, said in (("delivered_at", "Delivered"), ("failed_at", "Did not arrive")):
        Message.objects.update(**{field: clock.now()})
        page = browse("trial_manager").get("/fieldwork/messages/").content.decode()
        assert said in page and "Send again" not in page and "07700" not in page
    assert "Send again" in browse("survey_team").get("/fieldwork/messages/?state=failed").content.decode()


def test_why_a_message_was_stopped_is_shown(programme, family, browse):
    consent.withdraw(by=programme.people["coordinator"], family=family, purpose="survey", mode="visit")
    outbox.send_waiting.call()
    assert "The family has withdrawn" in browse("survey_team").get(f"/families/{family.code}/fieldwork/").content.decode()


def refuse(*_given):
    raise ConnectionError("quill@example.org")


def give_up(monkeypatch):
    monkeypatch.setattr(senders, "send", refuse)
    for hours in range(0, 60, 3):
        with clock.at(clock.local(FIRST_DAY) + timedelta(hours=hours)):
            outbox.send_waiting.call()
    monkeypatch.undo()


def test_what_was_given_up_is_sent_anew_with_a_link_of_its_own(programme, family, monkeypatch, browse):
    give_up(monkeypatch)
    old = newest()
    assert state(family) == "given_up"
    assert browse("survey_team").post(f"/fieldwork/messages/{old.pk}/again/").status_code == 302
    made = newest()
    assert made.pk != old.pk and made.link != old.link and Sending.objects.get(day=0).message == made
    assert outbox.send_waiting.call() == 1
    old.refresh_from_db()
    assert old.sent_at is None and old.stopped == queries.ANEW and not old.body
    with pytest.raises(Refused, match="Only what could not"):
        actions.send_again(by=programme.people["survey_team"], message=made)


def test_nothing_is_sent_anew_after_a_stop(programme, family, monkeypatch):
    give_up(monkeypatch)
    programme.answered(family)
    with pytest.raises(Refused, match="The family has answered"):
        actions.send_again(by=programme.people["survey_team"], message=newest())


def test_a_link_sent_by_hand_stands_beside_the_schedule(programme, family):
    surveys.send_link(by=programme.people["coordinator"], family=family, code="baseline", route="text")
    assert sorted(str(row.day) for row in queries.rows([family])) == ["0", "None"]


@pytest.mark.parametrize(("left", "again"), [(True, 0), (False, 1)])
def test_a_server_killed_while_it_writes_leaves_one_message(family, monkeypatch, left, again):
    """The process dies between the claim and its note: before the file was there, or after."""
    real = senders.send

    def killed(message):
        if left:
            real(message)
        raise SystemExit

    monkeypatch.setattr(senders, "send", killed)
    with pytest.raises(SystemExit):
        outbox.send_waiting.call()
    monkeypatch.undo()
    with clock.at(clock.now() + timedelta(minutes=3)):
        assert outbox.send_waiting.call() == again
    assert newest().sent_at and state(family) == "sent"


def test_where_nobody_knows_whether_it_left_it_waits_for_a_person(family, monkeypatch, settings):
    settings.OUTBOX_SENDER = "smtp"
    Message.objects.filter(pk=newest().pk).update(route="mail", address="quill@example.org")

    def killed(_message):
        raise SystemExit

    monkeypatch.setattr(senders, "send", killed)
    with pytest.raises(SystemExit):
        outbox.send_waiting.call()
    monkeypatch.setattr(senders, "send", refuse)
    with clock.at(clock.now() + timedelta(days=2)):
        assert outbox.send_waiting.call() == 0
    row, = queries.rows([family])
    assert row.state == "unknown" and row.again and not newest().body


def test_a_letter_is_printed_once_and_says_nothing(programme, browse):
    family = programme.consented(**SAFE)
    with clock.at(clock.local(FIRST_DAY + timedelta(days=14))):
        schedule.run()
        sending, client = Sending.objects.get(day=14), browse("survey_team")
        at = f"/fieldwork/letters/{sending.pk}/print/"
        assert client.get(at).status_code == 405
        page = client.post(at).content.decode()
        assert "1 Long Lane" in page and "/q/" in page and "Zebedee Quill" in page
        assert not any(word in page.lower() for word in ("interaction", "vig", "survey", family.code.lower()))
        assert Link.objects.filter(family=family).count() == 1
        assert client.post(at).status_code == 302 and Link.objects.filter(family=family).count() == 1
    assert "printed" in [row.state for row in queries.rows([family])]


def test_a_letter_is_not_printed_after_a_stop(programme):
    family = programme.consented(**SAFE)
    with clock.at(clock.local(FIRST_DAY + timedelta(days=14))):
        schedule.run()
        programme.answered(family)
        with pytest.raises(Refused, match="has answered"):
            actions.print_letter(by=programme.people["survey_team"], sending=Sending.objects.get(day=14))


@pytest.mark.parametrize("at", ["/fieldwork/messages/0/again/", "/fieldwork/messages/x/again/",
                                "/fieldwork/calls/99999/", "/fieldwork/letters/99999/print/",
                                "/fieldwork/traces/99999/", "/fieldwork/vouchers/99999/"])
def test_what_is_not_there_is_not_there(family, browse, at):
    assert browse("survey_team").post(at).status_code == 404


class Breaks(Mailbox):
    """Takes a letter whole, and hangs up before it says so."""

    def handle(self) -> None:
        self.wfile.write(b"220 ready\r\n")
        while line := self.rfile.readline().decode().strip():
            if line.upper() == "DATA":
                self.wfile.write(b"354 go on\r\n")
                while self.rfile.readline().strip() != b".":
                    pass
                self.server.letters.append(line)  # type: ignore[attr-defined]
                return
            self.wfile.write(b"250 ok\r\n")


@pytest.mark.parametrize(("once", "tries"), [(True, 1), (False, 2)])
def test_a_line_that_breaks_after_the_letter_is_not_answered_by_a_second_letter_to_a_family(family, settings, once, tries):
    Message.objects.filter(pk=newest().pk).update(route="mail", address="quill@example.org", once=once)
    with mail_server(settings, Breaks) as letters:
        for minutes in (0, 2, 5):
            with clock.at(clock.local(FIRST_DAY) + timedelta(minutes=minutes)):
                assert outbox.send_waiting.call() == 0
    assert len(letters) == newest().tries == tries
    assert state(family) == ("unknown" if once else "waiting")
