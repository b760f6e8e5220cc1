"""May this family be written to, called or looked for now? The stop rules, asked at the moment of each."""

from __future__ import annotations

from django.db.models import F

from attunement.journey.fieldwork.models import Attempt, Call, Trace
from attunement.journey.referral.models import Contact, Family
from attunement.journey.surveys import policies as surveys
from attunement.journey.surveys.models import Questionnaire
from attunement.journey.trail import clock
from attunement.journey.trail.errors import Refused
from attunement.journey.trail.models import Message
from attunement.study.schema import Step

LOST = "the family is lost"


def why_stopped(family: Family, code: str) -> str:
    """Why nothing more is sent, rung up or looked for; empty when all may go on."""
    if Questionnaire.objects.filter(family=family, time_point=code, state="complete").exists():
        return "the family has answered"
    if Attempt.objects.filter(call__family=family, call__time_point=code, outcome="refused").exists():
        return "the family does not want to be asked these questions"
    newest = Trace.objects.filter(family=family, time_point=code).last()
    if newest is not None and newest.state == "lost":
        return LOST
    try:
        surveys.can_open(family, code)
    except Refused as refusal:
        return str(refusal)
    return ""


def may_go_on(family: Family, code: str) -> None:
    stopped = why_stopped(family, code)
    if stopped:
        raise Refused(f"{stopped[:1].upper()}{stopped[1:].rstrip('.')}. Nothing more is done here.")


def must_not_leave(message: Message) -> str:
    """A message that waits is stopped too when the family has refused these questions, or is lost, meanwhile."""
    refused = message.link is not None and Attempt.objects.filter(
        call__family__links=message.link, call__time_point=F("call__family__links__leads_to"), outcome="refused").exists()
    return "the family does not want to be asked these questions" if refused else ""


def route_of(family: Family, step: Step) -> tuple[str, str]:
    """The first route of the step that is safe, and its number or address; two empty texts where none is."""
    contact = Contact.objects.filter(family=family).first()
    for route in (step.route, *step.otherwise):
        address = contact.reaches(route) if contact else ""
        if address:
            return route, address
    return "", ""


def stop_all(family: Family) -> None:
    """What a withdrawal or a change of circumstances does here."""
    Call.objects.filter(family=family, state="open").update(state="stopped", closed_at=clock.now())
    Trace.objects.filter(family=family, state="open").update(state="stopped", closed_at=clock.now())
