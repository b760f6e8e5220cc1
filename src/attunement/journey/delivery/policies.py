"""May a practitioner be assigned, or a session planned or recorded, now?"""

from __future__ import annotations

from datetime import date, timedelta

from attunement.journey.arms.queries import allocated_on
from attunement.journey.consent import queries as consent
from attunement.journey.delivery.models import Assignment, Session
from attunement.journey.people.models import Person
from attunement.journey.referral.models import Family
from attunement.journey.trail import clock, versions
from attunement.journey.trail.errors import Refused

LONGEST = 600
FAR = timedelta(days=366)
TIME_CATEGORIES = [("training", "Training"), ("editing", "Editing films"), ("meeting", "Meetings"), ("other", "Other")]
HAND_OVER_REASONS = [("left", "The practitioner leaves"), ("absent", "The practitioner is away for long"),
                     ("caseload", "The caseload is too large"), ("family_asked", "The family asked for it"),
                     ("other", "Another reason")]
RECORDED = {code for code, _label in Session.STATES} - {"planned"}
ENDS_DELIVERY = {"died", "parent_died", "removed", "adopted"}


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
