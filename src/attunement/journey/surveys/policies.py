"""May a questionnaire be opened, or answered, now?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from django.utils.translation import gettext as _

from attunement.journey.consent import queries as consent
from attunement.journey.referral.models import Family
from attunement.journey.surveys.models import Questionnaire, SwitchedOff
from attunement.journey.surveys.questions import licence_ended, time_point
from attunement.journey.trail import clock
from attunement.journey.trail.errors import Refused
from attunement.study.calendar import window


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
    if not consent.given(family):
        raise Refused("Record the family's consent first.")
    if not consent.allows(family, "surveys") or not consent.may_be_contacted(family):
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


def can_answer(paper: Questionnaire) -> None:
    if paper.state == "complete":
        raise Closed(_("You have finished these questions already. Thank you."))
    if paper.state == "stopped" or not consent.allows(paper.family_id, "surveys"):
        raise Closed(_("These questions are closed. Nothing more is needed from you."))
    if paper.last_day and clock.today() > paper.last_day:
        raise Closed(_("The time for these questions has passed. Nothing more is needed from you."))


def licence_holds(code: str, version: int, language: str) -> None:
    """An ended licence takes no new questionnaire; one that was begun may be finished."""
    slug = licence_ended(code, version, language)
    if slug:
        raise Refused(f"The licence for the words of {slug} has ended: no new questionnaire can be opened with them.")


def stop_open(family: Family) -> None:
    """What a withdrawal or a change of circumstances does here."""
    Questionnaire.objects.filter(family=family, state="open").update(state="stopped")
