"""May this family be written to, called or looked for now? The stop rules, asked at the moment of each."""

from __future__ import annotations

from django.db import connection

from attunement.journey.fieldwork.models import Call, Trace
from attunement.journey.referral.models import Contact, Family
from attunement.journey.surveys import policies as surveys
from attunement.journey.trail import clock
from attunement.journey.trail.errors import Refused
from attunement.journey.trail.models import Message
from attunement.study.schema import Step

LOST, UNWILLING = "the family is lost", "the family does not want to be asked these questions"
# SQL as it stands: asked for every family on every list, and again before anything is done.
_STOPS = ("SELECT EXISTS (SELECT 1 FROM surveys_questionnaire WHERE family_id = %s AND time_point = %s "
          "AND state = 'complete'), EXISTS (SELECT 1 FROM fieldwork_attempt a JOIN fieldwork_call c ON c.id = a.call_id "
          "WHERE c.family_id = %s AND c.time_point = %s AND a.outcome = 'refused'), (SELECT state FROM fieldwork_trace "
          "WHERE family_id = %s AND time_point = %s ORDER BY id DESC LIMIT 1)")
_REFUSED = ("SELECT 1 FROM consent_link l JOIN fieldwork_call c ON c.family_id = l.family_id "
            "AND c.time_point = l.leads_to JOIN fieldwork_attempt a ON a.call_id = c.id "
            "WHERE l.id = %s AND a.outcome = 'refused'")


def why_stopped(family: Family, code: str) -> str:
    """Why nothing more is sent, rung up or looked for; empty when all may go on."""
    with connection.cursor() as cursor:
        cursor.execute(_STOPS, [family.pk, code] * 3)
        answered, refused, trace = cursor.fetchone()
    if answered:
        return "the family has answered"
    if refused:
        return UNWILLING
    if trace == "lost":
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
    if message.link is None:
        return ""
    with connection.cursor() as cursor:
        cursor.execute(_REFUSED, [message.link])
        return UNWILLING if cursor.fetchone() else ""


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
