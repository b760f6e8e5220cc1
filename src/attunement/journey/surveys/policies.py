"""May a questionnaire be opened, or answered, now?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from attunement.journey.consent import queries as consent
from attunement.journey.people.models import Person, Site
from attunement.journey.referral.models import Contact, Family
from attunement.journey.surveys.calling import on_call
from attunement.journey.surveys.models import MODES, Answer, OnCall, Questionnaire, SwitchedOff
from attunement.journey.surveys.questions import licence_ended, raises_alerts, spoken, time_point
from attunement.journey.trail import clock, versions
from attunement.journey.trail.errors import Refused
from attunement.journey.trail.models import Message
from attunement.study.calendar import window

KEPT_ON_PHONES = timedelta(hours=72)


class Closed(Refused):
    """Nothing can be answered here any more."""


# The days on which families were allocated, never the arm: the allocation stage hangs its answer here.
allocation_days: list[Callable[[list[int]], dict[int, date]]] = []


def allocated_on(families: list[int]) -> dict[int, date]:
    """Family id → the day it was allocated, of those that were."""
    return {family: day for ask in allocation_days for family, day in ask(families).items()}


def can_open(family: Family, code: str) -> date | None:
    """Refuses, or returns the last day on which the questionnaire may be answered (None: no last day)."""
    point = time_point(code)
    if SwitchedOff.objects.filter(time_point=code).exists():
        raise Refused("This questionnaire has been switched off for the whole study.")
    consented, asked = consent.may_be_asked(family)
    if not consented:
        raise Refused("Record the family's consent first.")
    if not asked:
        raise Refused("The family no longer wants to be asked, or must not be contacted.")
    day = allocated_on([family.pk]).get(family.pk)
    if point.months_after is None:
        if day is not None:
            raise Refused("The family has been allocated: the first questionnaire belongs before that.")
        return None
    if day is None:
        raise Refused("This questionnaire is asked after allocation, and the family has not been allocated.")
    first, last = window(point, day)
    if not first <= clock.today() <= last:
        raise Refused(f"It may be answered from {first:%-d %B %Y} to {last:%-d %B %Y}; "
                      f"today is {clock.today():%-d %B %Y}.")
    return last


def can_answer(paper: Questionnaire, on: date | None = None) -> None:
    """`on`: the day on which the answer was given, which may lie before that of its arrival."""
    if paper.locked_at is not None:
        raise Closed(_("These questions are closed. Nothing more is needed from you."))
    if paper.state == "complete":
        raise Closed(_("You have finished these questions already. Thank you."))
    if paper.state == "stopped" or not consent.allows(paper.family_id, "surveys"):
        raise Closed(_("These questions are closed. Nothing more is needed from you."))
    if paper.last_day and (on or clock.today()) > paper.last_day:
        raise Closed(_("The time for these questions has passed. Nothing more is needed from you."))


def licence_holds(code: str, version: int, language: str) -> None:
    """An ended licence takes no new questionnaire; one that was begun may be finished."""
    slug = licence_ended(code, version, language)
    if slug:
        raise Refused(f"The licence for the words of {slug} has ended: no new questionnaire can be opened with them.")


def can_be_read_in(paper: Questionnaire, language: str) -> None:
    """Refused when a question has no words in that language."""
    if language not in {known.code for known in spoken(paper.study_version, paper.time_point)}:
        raise Refused(_("These questions are not there in that language."))


def not_locked(paper: Questionnaire) -> None:
    if paper.locked_at is not None:
        by = paper.locked_by.name if paper.locked_by else "a colleague"
        raise Refused(f"{by} locked this form on {clock.day_of(paper.locked_at):%-d %B %Y}. It must be unlocked first.")


def not_just_answered(paper: Questionnaire, instrument: str, item: int, seen: int) -> None:
    """The family's own answer, given while staff had the question before them, is not overwritten unawares."""
    newer = Answer.objects.filter(questionnaire=paper, instrument=instrument, item=item, mode="self",
                                  sequence__gt=seen).first()
    if newer is not None:
        raise Refused(f"The family answered this question itself at {timezone.localtime(newer.given_at):%H:%M}, while you "
                      "had it before you. Leave it as it is, or give the answer again to put yours in its place.")


def known_mode(mode: str) -> str:
    if mode not in dict(MODES):
        raise Refused("Say how the answers were given.")
    return mode


def when_given(sequence: int | None) -> datetime:
    """The moment that a sender states, in milliseconds: never in the future, and never older than phones may keep."""
    now = clock.now()
    if sequence is None:
        return now
    earliest = now - KEPT_ON_PHONES
    if not earliest.timestamp() <= sequence / 1000 <= now.timestamp():
        return earliest if sequence / 1000 < earliest.timestamp() else now
    return datetime.fromtimestamp(sequence / 1000, UTC)


def somebody_is_on_call(family: Family, code: str, version: int) -> None:
    """Questions that may raise an alert are not asked where nobody would be called."""
    if raises_alerts(code, version) and not on_call(family.site.code):
        raise Refused(f"Some of these questions may show that somebody is in danger, and nobody is on call at site "
                      f"{family.site.code}. Put somebody on its on-call list first.")


def can_be_called(person: Person, site: Site) -> None:
    if not person.may("surveys.alerts", site.code):
        raise Refused("This person may not see alerts of this site. Choose a coordinator of the site, somebody of the "
                      "survey team or a trial manager.")


def somebody_stays_on_call(entry: OnCall) -> None:
    others = OnCall.objects.filter(site=entry.site, until=None).exclude(pk=entry.pk).exists()
    if not others and any(raises_alerts(point.code) for point in versions.current().time_points):
        raise Refused("This is the last person on the list. Put somebody else on it first.")


def must_not_leave(message: Message) -> str:
    """Why a message with a link to questions must not leave any more; asked at the moment of sending."""
    paper = message.link is not None and Questionnaire.objects.filter(
        family__links=message.link, time_point=F("family__links__leads_to")).first()
    if not paper:
        return ""
    if paper.state == "complete":
        return "the family has answered"
    if paper.state == "stopped":
        return "the family is not asked any more"
    return "the time for these questions has passed" if paper.last_day and clock.today() > paper.last_day else ""


def safe_by_hand(family: Family) -> dict[str, str]:
    """Route -> number or address, of the ways to send a link that the family said are safe."""
    contact = Contact.objects.filter(family=family).first()
    return {route: known for route in ("text", "mail") if contact and (known := contact.reaches(route))}


def stop_open(family: Family) -> None:
    """What a withdrawal or a change of circumstances does here."""
    Questionnaire.objects.filter(family=family, state="open").update(state="stopped")
