"""Three senders behind the same five functions; GOV.UK Notify's is held to the real client, talking to a server here."""

from __future__ import annotations

import importlib.util
import inspect
import io
import logging
import shutil
import warnings
from dataclasses import replace
from datetime import timedelta
from importlib import import_module

import pytest

from attunement.journey.trail import clock, outbox, senders
from attunement.journey.trail.actions import post
from attunement.journey.trail.models import Message
from attunement.web.place import PlaceError, create
from tests.journey.notify_like import KEY, SECRET, TEMPLATES, notify

FIVE = ("send_mail", "send_text", "send_letter", "state_of", "faults")
HERE = importlib.util.find_spec("notifications_python_client") is not None
if not HERE:
    warnings.warn("notifications-python-client is not installed: GOV.UK Notify's sender is NOT tested", stacklevel=1)
real = pytest.mark.skipif(not HERE, reason="notifications-python-client is NOT installed: nothing holds the sender to it")


@pytest.mark.parametrize("name", senders.KNOWN)
def test_every_sender_has_the_same_five_functions_and_no_other(name):
    sender = import_module(f"attunement.journey.trail.senders.{name}")
    own = {each for each, value in vars(sender).items() if inspect.isfunction(value) and not each.startswith("_")
           and value.__module__.startswith("attunement")}
    assert own == set(FIVE) and isinstance(sender.CARRIES, frozenset) and isinstance(sender.TELLS, bool)


@pytest.fixture(autouse=True)
def empty(settings):
    shutil.rmtree(settings.PLACE.root / "outbox", ignore_errors=True)


@pytest.fixture
def by_notify(programme, settings):
    with notify() as server:
        settings.OUTBOX_SENDER = "notify"
        settings.PLACE = replace(
            settings.PLACE, notify_key=KEY, notify_address=f"http://127.0.0.1:{server.server_address[1]}",
            notify_mail_template=TEMPLATES["email"], notify_text_template=TEMPLATES["sms"],
            notify_letter_template=TEMPLATES["letter"])
        yield server


def message(route: str = "text", address: str = "07700 900123", **facts) -> Message:
    words = "Here is your page: https://x/q/abc/"
    made = post(route=route, address=address, subject="Your page", body=words, once=True, **facts)
    assert made is not None
    return made


@real
@pytest.mark.parametrize(("route", "kind", "address", "told"), [
    ("mail", "email", "quill@example.org", {"subject": "Your page", "body": "Here is your page: https://x/q/abc/"}),
    ("text", "sms", "07700 900123", {"body": "Here is your page: https://x/q/abc/"}),
    ("post", "letter", "Z. Quill, 1 Long Lane, AB1 2CD", {
        "subject": "Your page", "body": "Here is your page: https://x/q/abc/", "address_line_1": "Z. Quill",
        "address_line_2": "1 Long Lane", "address_line_3": "AB1 2CD"})])
def test_a_message_is_taken_once_by_its_route_with_its_template(by_notify, route, kind, address, told):
    sent = message(route, address)
    assert outbox.send_waiting.call() == 1 and outbox.send_waiting.call() == 0
    one, = by_notify.taken.values()
    assert (one["type"], one["asked"]["personalisation"]) == (kind, told)
    assert one["reference"] and not any(word in one["reference"] for word in ("quill", "07700", "A001"))
    sent.refresh_from_db()
    assert sent.carrier == one["id"] and not sent.body


@real
@pytest.mark.parametrize(("status", "field"), [
    ("delivered", "delivered_at"), ("received", "delivered_at"), ("permanent-failure", "failed_at"),
    ("temporary-failure", "failed_at"), ("technical-failure", "failed_at"), ("cancelled", "failed_at"), ("sending", None)])
def test_what_became_of_it_is_asked_later(by_notify, status, field):
    sent = message()
    outbox.send_waiting.call()
    next(iter(by_notify.taken.values()))["status"] = status
    outbox.send_waiting.call()
    sent.refresh_from_db()
    assert [name for name in ("delivered_at", "failed_at") if getattr(sent, name)] == [field] * (field is not None)


@real
@pytest.mark.parametrize("code", [400, 403, 429, 500, 503])
def test_what_notify_refuses_is_tried_again_and_taken_once(by_notify, code):
    sent = message()
    by_notify.fails = [code]
    assert outbox.send_waiting.call() == 0 and not by_notify.taken
    with clock.at(clock.now() + timedelta(minutes=2)):
        assert outbox.send_waiting.call() == 1
    sent.refresh_from_db()
    assert len(by_notify.taken) == 1 and sent.sent_at


@real
def test_a_line_that_breaks_after_notify_took_it_leads_to_one_message(by_notify):
    sent = message()
    by_notify.dies = 1
    assert outbox.send_waiting.call() == 0 and len(by_notify.taken) == 1
    with clock.at(clock.now() + timedelta(minutes=2)):
        assert outbox.send_waiting.call() == 1
    sent.refresh_from_db()
    assert list(by_notify.taken) == [sent.carrier]


@real
@pytest.mark.parametrize(("left", "again"), [(True, 0), (False, 1)])
def test_after_a_kill_notify_is_asked_whether_it_has_the_message(by_notify, monkeypatch, left, again):
    sent, handed = message(), senders.send

    def killed(waiting):
        if left:
            handed(waiting)
        raise SystemExit

    monkeypatch.setattr(senders, "send", killed)
    with pytest.raises(SystemExit):
        outbox.send_waiting.call()
    monkeypatch.undo()
    with clock.at(clock.now() + timedelta(minutes=3)):
        assert outbox.send_waiting.call() == again
    sent.refresh_from_db()
    assert len(by_notify.taken) == 1 and sent.sent_at


@real
def test_neither_key_nor_number_nor_words_stand_in_logs_or_errors(by_notify, caplog):
    caplog.set_level(logging.DEBUG)
    handler = logging.StreamHandler(out := io.StringIO())
    logging.getLogger("notifications_python_client").addHandler(handler)
    message()
    by_notify.fails = [400, 500]
    outbox.send_waiting.call()
    text = caplog.text + out.getvalue() + repr(senders.settings.PLACE)
    logging.getLogger("notifications_python_client").removeHandler(handler)
    assert "could not leave (NotTaken)" in text
    for secret in (SECRET, KEY, "07700", "/q/abc", "Bearer"):
        assert secret not in text


@real
def test_a_letter_without_a_whole_address_is_not_handed_over(by_notify):
    message("post", "Somewhere")
    assert outbox.send_waiting.call() == 0 and not by_notify.taken


@real
def test_a_sender_that_is_set_up_has_no_faults(by_notify):
    assert senders.chosen().faults() == []


@pytest.mark.parametrize(("setting", "sentence"), [
    ({"notify_key": "x"}, "no key of GOV.UK Notify"), ({"notify_text_template": "7"}, "notify_text_template"),
    ({"notify_mail_template": ""}, "notify_mail_template")])
def test_a_setting_that_cannot_be_right_is_named_and_not_quoted(by_notify, settings, setting, sentence):
    settings.PLACE = replace(settings.PLACE, **setting)
    found = senders.chosen().faults()
    assert any(sentence in fault for fault in found) and SECRET not in " ".join(found)


def test_an_address_of_notify_that_is_none_is_refused_at_the_start(tmp_path):
    with pytest.raises(PlaceError, match="notify_address must look like"):
        create(tmp_path / "x", notify_address="api.notifications")


@pytest.mark.parametrize("name", ["file", "smtp"])
def test_the_other_senders_have_no_faults_and_tell_what_they_know(programme, settings, name):
    settings.OUTBOX_SENDER, settings.EMAIL_HOST = name, "localhost"
    waiting = message("text")
    assert senders.chosen().faults() == [] and senders.chosen().state_of(waiting) == "unsent"
    outbox.send_waiting.call()
    waiting.refresh_from_db()
    assert senders.chosen().state_of(waiting) == "sent"
