"""Calls, letters, messages sent anew, and looking for families that cannot be reached."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from attunement.journey.consent import actions as consent
from attunement.journey.consent.models import Link
from attunement.journey.fieldwork import policies, queries
from attunement.journey.fieldwork.models import Attempt, Call, Sending, Trace, TraceLine
from attunement.journey.fieldwork.schedule import open_call
from attunement.journey.people.models import Person
from attunement.journey.people.permissions import need
from attunement.journey.referral.actions import change_contact
from attunement.journey.referral.models import Contact, Family
from attunement.journey.surveys import actions as surveys
from attunement.journey.surveys.models import Questionnaire
from attunement.journey.trail import clock, versions
from attunement.journey.trail.actions import action, record
from attunement.journey.trail.errors import Refused
from attunement.journey.trail.models import Message

RIGHT = "fieldwork.work"
NEXT_DAY = timedelta(days=1)


@action
def ask_for_call(*, by: Person, family: Family, code: str) -> Call:
    """Puts a family on the call list by hand: it asked for a call, or cannot read."""
    need(by, RIGHT, family.site.code)
    policies.may_go_on(family, code)
    return open_call(by=by, family=family, code=code)


@action
def log_call(*, by: Person, call: Call, outcome: str, at: datetime | None = None, note: str = "") -> Attempt:
    """Records a call that was made. `at`: the time agreed, for an appointment."""
    call = Call.objects.select_for_update().get(pk=call.pk)
    family = call.family
    need(by, RIGHT, family.site.code)
    if call.state != "open":
        raise Refused("This family is not on the call list any more.")
    if outcome not in dict(Attempt.OUTCOMES):
        raise Refused("Say how the call ended.")
    if outcome == "done":
        _is_answered(call)
    else:
        policies.may_go_on(family, call.time_point)
    if outcome == "appointment":
        _can_be_kept(call, at)
    made = Attempt.objects.create(call=call, by=by, at=clock.now(), outcome=outcome, note=note.strip())
    record(by=by, verb="fieldwork.called", family=family.code, site=family.site.code, call=call.pk, outcome=outcome,
           attempt=call.attempts.count())
    _follow(by, call, outcome, at)
    return made


def _is_answered(call: Call) -> None:
    if not Questionnaire.objects.filter(family=call.family, time_point=call.time_point, state="complete").exists():
        raise Refused("The answers have not been handed in. Hand them in first, or say how else the call ended.")


def _can_be_kept(call: Call, at: datetime | None) -> None:
    if at is None or at <= clock.now():
        raise Refused("Give the day and the hour of the appointment; both lie in the future.")
    paper = Questionnaire.objects.filter(family=call.family, time_point=call.time_point).first()
    if paper is not None and paper.last_day and clock.day_of(at) > paper.last_day:
        raise Refused(f"The questions may be answered until {paper.last_day:%-d %B %Y}. Agree on an earlier day.")
    contact, hour = Contact.objects.filter(family=call.family).first(), timezone.localtime(at).hour
    if contact is not None and not contact.from_hour <= hour < contact.to_hour:
        raise Refused(f"It is safe to call from {contact.from_hour} to {contact.to_hour} o'clock only.")


def _follow(by: Person, call: Call, outcome: str, at: datetime | None) -> None:
    """What an outcome leads to: an appointment, another day, the end of the calls, a search."""
    call.appointment = outcome == "appointment"
    call.next_at = at if call.appointment and at else clock.now() + NEXT_DAY
    call.interpreter = call.interpreter or outcome == "interpreter"
    tried = call.attempts.filter(outcome="no_answer").count()
    looked_for = {"wrong_number": "wrong_number", "no_answer": "no_answer" * (
        tried >= versions.current().fieldwork.calls_before_tracing)}.get(outcome, "")
    if outcome in Attempt.CLOSES or looked_for:
        call.state, call.closed_at = "closed", clock.now()
    call.save(update_fields=["appointment", "next_at", "interpreter", "state", "closed_at"])
    if outcome == "wrong_number":
        _not_by_that_number(by, call.family)
    if looked_for:
        open_trace(by=by, family=call.family, code=call.time_point, why=looked_for)


def _not_by_that_number(by: Person, family: Family) -> None:
    """Somebody else reads what is sent to a wrong number: neither texts nor calls go there any more."""
    contact = Contact.objects.get(family=family)
    change_contact(by=by, family=family, carer=contact.carer, phone="", email=contact.email, address=contact.address,
                   safe=[route for route in contact.safe if route not in ("text", "call")],
                   hours=(contact.from_hour, contact.to_hour))


@action
def send_again(*, by: Person, message: Message) -> Message:
    """Sends anew what could not leave or did not arrive, with a link of its own; the old message never leaves."""
    link = Link.objects.select_related("family__site").filter(pk=message.link).first()
    message = Message.objects.select_for_update().get(pk=message.pk)
    if link is None:
        raise Refused("This message went to nobody's page. It cannot be sent again from here.")
    family = link.family
    need(by, RIGHT, family.site.code)
    if not queries.may_be_sent_again(message):
        raise Refused("Only what could not be sent, or did not arrive, is sent again.")
    policies.may_go_on(family, link.leads_to)
    contact = Contact.objects.filter(family=family).first()
    address = contact.reaches(message.route) if contact else ""
    if not address:
        raise Refused("This way of reaching the family is not safe, or not known any more. Choose another.")
    message.stopped, message.body = queries.ANEW, ""
    message.save(update_fields=["stopped", "body"])
    made = surveys.post_link(by=by, family=family, code=link.leads_to, route=message.route, address=address, once=True)[1]
    assert made is not None
    Sending.objects.filter(message=message).update(message=made)
    record(by=by, verb="fieldwork.sent_again", family=family.code, site=family.site.code, before=message.pk,
           message=made.pk)
    return made


@action
def print_letter(*, by: Person, sending: Sending) -> str:
    """Makes the link of a letter that is to be printed and posted; returns its token, to be seen this once."""
    sending = Sending.objects.select_for_update().get(pk=sending.pk)
    family = sending.family
    need(by, RIGHT, family.site.code)
    if sending.state != "letter":
        raise Refused("This letter was printed already. Open the family's questionnaires to make another link.")
    policies.may_go_on(family, sending.time_point)
    contact = Contact.objects.filter(family=family).first()
    if contact is None or not contact.reaches("post"):
        raise Refused("Post is not safe for this family any more. Nothing is printed.")
    token = consent.give_link(by=by, family=family, leads_to=sending.time_point)
    sending.state, sending.printed_by = "printed", by
    sending.save(update_fields=["state", "printed_by"])
    record(by=by, verb="fieldwork.letter_printed", family=family.code, site=family.site.code,
           time_point=sending.time_point, day=sending.day)
    return token


@action
def open_trace(*, by: Person, family: Family, code: str, why: str) -> Trace:
    """Begins to look for a family that cannot be reached."""
    need(by, RIGHT, family.site.code)
    if policies.why_stopped(family, code) != policies.LOST:
        policies.may_go_on(family, code)
    if why not in dict(Trace.WHYS):
        raise Refused("Say why the family is looked for.")
    trace, new = Trace.objects.get_or_create(family=family, time_point=code, state="open", defaults={
        "why": why, "opened_at": clock.now()})
    if new:
        record(by=by, verb="fieldwork.trace_opened", family=family.code, site=family.site.code, time_point=code, why=why)
    return trace


@action
def note_trace(*, by: Person, trace: Trace, tried: str, note: str = "") -> TraceLine:
    """Records what was tried to find the family."""
    if tried not in dict(TraceLine.TRIED) or tried in ("new_contact", "found", "lost"):
        raise Refused("Say what was tried.")
    return _line(by, _open(by, trace), tried, note=note)


@action
def found(*, by: Person, trace: Trace, given_by: str, carer: str, **contact: Any) -> Call:
    """The family is found: its new contact details, who gave them, and it is on the call list again."""
    trace = _open(by, trace)
    if given_by not in dict(TraceLine.GIVERS):
        raise Refused("Say who gave the new contact details.")
    change_contact(by=by, family=trace.family, carer=carer, **contact)
    _line(by, trace, "new_contact", given_by=given_by)
    _close(by, trace, "found")
    return open_call(by=by, family=trace.family, code=trace.time_point)


@action
def lost(*, by: Person, trace: Trace, note: str = "") -> None:
    """Nothing more can be tried. The family keeps its arm and stays in the flow; this questionnaire counts as lost."""
    trace = _open(by, trace)
    if not trace.lines.exists():
        raise Refused("Record first what was tried to find the family.")
    _close(by, trace, "lost", note)


def _open(by: Person, trace: Trace) -> Trace:
    trace = Trace.objects.select_for_update().get(pk=trace.pk)
    need(by, RIGHT, trace.family.site.code)
    if trace.state != "open":
        raise Refused("The search is closed.")
    return trace


def _line(by: Person, trace: Trace, tried: str, *, given_by: str = "", note: str = "") -> TraceLine:
    made = TraceLine.objects.create(trace=trace, by=by, at=clock.now(), tried=tried, given_by=given_by, note=note.strip())
    record(by=by, verb="fieldwork.traced", family=trace.family.code, site=trace.family.site.code, trace=trace.pk,
           tried=tried, given_by=given_by)
    return made


def _close(by: Person, trace: Trace, state: str, note: str = "") -> None:
    trace.state, trace.closed_at, trace.closed_by = state, clock.now(), by
    trace.save(update_fields=["state", "closed_at", "closed_by"])
    _line(by, trace, state, note=note)
