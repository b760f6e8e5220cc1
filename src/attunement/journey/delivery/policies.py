"""May a practitioner be assigned, or a session planned or recorded, now?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from attunement.journey.arms.queries import allocated_on
from attunement.journey.consent import queries as consent
from attunement.journey.delivery.models import Assignment, NextStep, OwnWorker, Session
from attunement.journey.delivery.queries import ENDS_DELIVERY
from attunement.journey.people.models import Person
from attunement.journey.referral.models import Family
from attunement.journey.trail import clock, versions
from attunement.journey.trail.errors import Refused
from attunement.study.planned import said

LONGEST = 600
FAR = timedelta(days=366)
TIME_CATEGORIES = [("training", "Training"), ("editing", "Editing films"), ("meeting", "Meetings"), ("other", "Other")]
HAND_OVER_REASONS = [("left", "The practitioner leaves"), ("absent", "The practitioner is away for long"),
                     ("caseload", "The caseload is too large"), ("family_asked", "The family asked for it"),
                     ("other", "Another reason")]
RECORDED = {code for code, _label in Session.STATES} - {"planned"}
FIRST_VISIT = timedelta(days=7)
# From the stage that trains: why a practitioner may not start with families yet; empty when nothing is known against it.
not_ready: list[Callable[[Person], str]] = []


def arm_receives_programme(arm: str | None) -> None:
    if arm is None:
        raise Refused("The family has not been allocated yet.")
    if not receives_programme(arm):
        raise Refused("This family receives usual care, so no practitioner is assigned.")


def receives_programme(arm: str) -> bool:
    return any(known.code == arm and known.receives_programme for known in versions.current().arms)


def practitioner_can_take(practitioner: Person, family: Family) -> None:
    if not any(held.role == "practitioner" and held.site_id == family.site_id for held in practitioner.held):
        raise Refused("This person is not a practitioner at the family's site.")
    if OwnWorker.objects.filter(family=family, person=practitioner).exists():
        raise Refused("This practitioner is the family's own worker. Choose another one.")
    for why in not_ready:
        if sentence := why(practitioner):
            raise Refused(sentence)
    delivery = versions.current().delivery
    room, now = delivery.families_per_practitioner, Assignment.objects.filter(practitioner=practitioner, until=None)
    if delivery.families_is_ceiling and now.count() >= room:
        raise Refused(f"This practitioner works with {room} families already, which is the study's ceiling.")


def day_can_be_planned(day: date) -> None:
    if day < clock.today():
        raise Refused("The day lies in the past. Choose today or a later day.")
    if day > clock.today() + FAR:
        raise Refused("The day is more than a year away. Check the year.")


def can_record(session: Session, state: str, held_on: date | None, minutes: dict[str, int | None]) -> None:
    still_planned(session)
    if state not in RECORDED:
        raise Refused("Say whether the session was held, not attended or cancelled.")
    if any(value is not None and not 0 <= value <= LONGEST for value in minutes.values()):
        raise Refused(f"Minutes lie between 0 and {LONGEST}.")
    if state == "held":
        _can_have_been_held(session, held_on, minutes)


def _can_have_been_held(session: Session, held_on: date | None, minutes: dict[str, int | None]) -> None:
    if held_on is None or held_on > clock.today():
        raise Refused("Give the day on which it was held. It cannot lie in the future.")
    day = allocated_on(session.family)
    if day is None or held_on < day:
        raise Refused("Give the day on which it was held. It cannot lie before the family was allocated.")
    if not minutes.get("minutes"):
        raise Refused("Give the minutes with the family.")
    if not consent.allows(session.family, "contact"):
        raise Refused("The family has withdrawn from taking part, so no session is recorded as held.")


def still_planned(session: Session) -> None:
    if session.state != "planned":
        raise Refused("This session has been recorded already.")


def still_offered(family: Family) -> None:
    if not consent.given(family) or family.changes.filter(kind__in=ENDS_DELIVERY).exists():
        raise Refused("The family no longer takes part.")


def warnings_before_draw(family: Family) -> list[str]:
    """What speaks against a draw today, though it stops none: too little time, or no practitioner with room."""
    return [*_too_late(clock.today()), *_no_room(family)]


def _too_late(day: date) -> list[str]:
    study = versions.current()
    end = said(study, "delivery")
    if end is None or end.end is None or not study.delivery.sessions:
        return []
    last = day + FIRST_VISIT + timedelta(weeks=max(plan.week for plan in study.delivery.sessions))
    if last <= end.end:
        return []
    return [f"{len(study.delivery.sessions)} sessions do not fit any more: started in a week, the last would be on "
            f"{last:%-d %B %Y}, and delivery ends on {end.end:%-d %B %Y}."]


def _no_room(family: Family) -> list[str]:
    planned = versions.current().delivery.families_per_practitioner
    there = Person.objects.filter(is_active=True, holdings__role="practitioner", holdings__site=family.site_id,
                                  holdings__until=None).distinct()
    if any(person.assignments.filter(until=None).count() < planned for person in there):
        return []
    return [f"No practitioner at this site has room: each works with the {planned} families planned, or more."
            if there else "There is no practitioner at this site."]


def can_be_told(step: NextStep | None, family: Family, told_on: date) -> None:
    day = allocated_on(family)
    if step is None or day is None:
        raise Refused("The family has not been allocated yet, so there is nothing to tell.")
    if step.told_on is not None:
        raise Refused("The family has been told already.")
    if not day <= told_on <= clock.today():
        raise Refused("Give the day on which the family was told: from its allocation to today.")
