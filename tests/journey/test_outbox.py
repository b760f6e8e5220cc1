"""What waits in the outbox leaves once, by file or by mail; what cannot leave is tried again, and is never lost."""

from __future__ import annotations

import io
import logging
import re
import shutil
import socketserver
import threading
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.conf import settings as live
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from attunement.journey.consent import actions as consent
from attunement.journey.consent.policies import must_not_leave
from attunement.journey.people import views as people_views
from attunement.journey.trail import clock, outbox
from attunement.journey.trail.actions import post
from attunement.journey.trail.models import Message
from attunement.web.logs import Plain


class Mailbox(socketserver.StreamRequestHandler):
    """Just enough SMTP (RFC 5321) to take a letter; addresses at refuse.example are refused."""

    def handle(self) -> None:
        self.wfile.write(b"220 ready\r\n")
        while line := self.rfile.readline().decode().strip():
            word = line[:4].upper()
            if word == "DATA":
                self.wfile.write(b"354 go on\r\n")
                letter = []
                while (text := self.rfile.readline().decode().rstrip("\r\n")) != ".":
                    letter.append(text)
                self.server.letters.append("\n".join(letter))  # type: ignore[attr-defined]
            refused = word == "RCPT" and "refuse.example" in line
            self.wfile.write(b"550 nobody here\r\n" if refused else b"250 ok\r\n")
            if word == "QUIT":
                return


@contextmanager
def mail_server(settings, answers=Mailbox):
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), answers) as server:
        server.letters = []
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        by_mail(settings, server.server_address[1])
        yield server.letters
        server.shutdown()


def by_mail(settings, port: int) -> None:
    settings.OUTBOX_SENDER = "smtp"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port


def letter(address: str = "quill@example.org", **facts) -> Message:
    return post(**{"route": "mail", "address": address, "subject": "Your page", "body": "Here it is: https://x/q/"} | facts)


def file_of(message: Message):
    return live.PLACE.root / "outbox" / f"{message.pk:08}.txt"


@pytest.fixture(autouse=True)
def empty():
    shutil.rmtree(live.PLACE.root / "outbox", ignore_errors=True)


def test_a_message_becomes_a_file_once_whose_name_says_nothing(programme):
    message = letter("zebedee.quill@example.org")
    assert outbox.send_waiting.call() == 1
    path = file_of(message)
    assert re.fullmatch(r"\d{8}\.txt", path.name) and "zebedee.quill@example.org" in path.read_text()
    path.unlink()
    assert outbox.send_waiting.call() == 0 and not path.exists()


def test_one_task_is_enough_for_many_messages(programme):
    for _message in range(3):
        outbox.wake()
    assert DBTaskResult.objects.ready().count() == 1


def test_a_letter_leaves_by_mail(programme, settings):
    with mail_server(settings) as letters:
        letter(subject="Ihre Seite: für Sie")
        assert outbox.send_waiting.call() == 1 and outbox.send_waiting.call() == 0
    assert len(letters) == 1
    assert "To: quill@example.org" in letters[0] and re.search(r"Message-ID: <\d+\.\d+@localhost>", letters[0])


def test_a_text_message_is_no_letter(programme, settings):
    with mail_server(settings) as letters:
        message = letter("07700 900123", route="text")
        outbox.send_waiting.call()
    assert not letters and file_of(message).exists()


@pytest.mark.parametrize("spoilt", [
    {"address": "nobody@refuse.example"}, {"subject": "two\nlines"}, {"address": "no\naddress"}])
def test_one_bad_letter_holds_up_no_other(programme, settings, spoilt):
    with mail_server(settings) as letters:
        bad, good = letter(**spoilt), letter("good@example.org")
        assert outbox.send_waiting.call() == 1
    bad.refresh_from_db()
    good.refresh_from_db()
    assert len(letters) == 1 and good.sent_at and bad.sent_at is None and bad.tries == 1


def test_while_the_mail_server_is_down_letters_wait_and_are_tried_again(programme, settings):
    by_mail(settings, 1)
    message, start = letter(), clock.now()
    assert outbox.send_waiting.call() == 0
    planned = DBTaskResult.objects.get(run_after__gt=timezone.now(), status="READY")
    assert planned.run_after <= timezone.now() + timedelta(minutes=2)
    assert outbox.send_waiting.call() == 0
    message.refresh_from_db()
    assert message.tries == 1  # not due yet
    with mail_server(settings) as letters, clock.at(start + timedelta(minutes=2)):
        assert outbox.send_waiting.call() == 1
    assert len(letters) == 1


def test_tries_are_bounded_and_what_is_left_is_shown_to_the_trial_manager(programme, settings, browse):
    by_mail(settings, 1)
    message, start = letter(), clock.now()
    for hours in range(0, 60, 3):
        with clock.at(start + timedelta(hours=hours)):
            outbox.send_waiting.call()
    message.refresh_from_db()
    assert message.tries == outbox.MOST_TRIES and message.sent_at is None and outbox.given_up() == 1
    assert "1 message could not be sent" in browse("trial_manager").get("/progress/").content.decode()
    assert "could not be sent" not in browse("funder").get("/progress/").content.decode()


def test_nothing_new_waits_behind_a_planned_try(programme, settings):
    by_mail(settings, 1)
    letter()
    outbox.send_waiting.call()
    outbox.wake()
    assert DBTaskResult.objects.ready().count() == 1


def test_a_letter_to_a_family_that_withdrew_meanwhile_is_stopped(programme):
    family = programme.consented()
    message = letter(family=family.code)
    consent.withdraw(by=programme.people["coordinator"], family=family, purpose="taking_part", mode="visit")
    outbox.send_waiting.call()
    message.refresh_from_db()
    assert message.stopped == "the family has withdrawn" and message.sent_at is None and not file_of(message).exists()
    assert outbox.send_waiting.call() == 0


@pytest.fixture
def log():
    """What the server's own log handler writes."""
    handler = next(each for each in logging.getLogger().handlers if isinstance(each.formatter, Plain))
    written, before = io.StringIO(), handler.stream
    handler.setStream(written)
    yield written
    handler.setStream(before)


def fails(*_given, **_named):
    raise ValueError("Zebedee Quill, 07700 900123, answered 4")


def test_a_fault_inside_is_logged_without_a_name_an_answer_or_a_token(programme, browse, log, monkeypatch):
    token = "x" * 32
    monkeypatch.setattr(people_views, "lines_for", fails)
    monkeypatch.setattr(people_views.actions, "waiting", fails)
    for who, address in (("coordinator", "/?family=Quill"), (None, f"/invitation/{token}/")):
        client = browse(who)
        client.raise_request_exception = False
        assert client.get(address).status_code == 500
    lines = log.getvalue()
    assert "ValueError at test_outbox.py" in lines and "/invitation/…/" in lines
    for secret in ("Zebedee", "Quill", "07700", "answered", token):
        assert secret not in lines


def test_a_letter_that_fails_is_logged_by_its_number(programme, settings, log):
    by_mail(settings, 1)
    message = letter("zebedee.quill@example.org")
    outbox.send_waiting.call()
    assert f"Message {message.pk} could not leave" in log.getvalue() and "quill" not in log.getvalue()


def test_a_survey_link_that_waits_stays_when_the_survey_is_taken_back(programme):
    from attunement.journey.consent import actions as consent
    from attunement.journey.surveys import actions as surveys
    from attunement.journey.trail.models import Message

    family, staff = programme.consented(), programme.people["survey_team"]
    surveys.send_link(by=staff, family=family, code="baseline", route="text")
    message = Message.objects.get(family=family.code)
    assert must_not_leave(message) == ""
    consent.withdraw(by=programme.people["coordinator"], family=family, purpose="survey", mode="telephone")
    assert must_not_leave(message) == "the family has withdrawn"
