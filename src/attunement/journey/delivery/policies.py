"""May a practitioner be assigned, or a session recorded, now?"""

from __future__ import annotations

from datetime import date

from attunement.journey.consent import queries as consent
from attunement.journey.delivery.models import Assignment, Session
from attunement.journey.people.models import Person
from attunement.journey.referral.models import Family
from attunement.journey.trail import clock, versions
from attunement.journey.trail.errors import Refused

LONGEST = 600
TIME_CATEGORIES = [("training", "Training"), ("editing", "Editing films"), ("meeting", "Meetings"), ("other", "Other")]


def arm_receives_programme(arm: str | None) -> None:
    if arm is None:
        raise Refused("The family has not been allocated yet.")
    if not any(known.code == arm and known.receives_programme for known in versions.current().arms):
        raise Refused("This family receives usual care, so no practitioner is assigned.")


def practitioner_can_take(practitioner: Person, family: Family) -> None:
    if not any(held.role == "practitioner" and held.site_id == family.site_id for held in practitioner.held):
        raise Refused("This person is not a practitioner at the family's site.")
    delivery = versions.current().delivery
    room = delivery.families_per_practitioner
    if delivery.families_is_ceiling and Assignment.objects.filter(practitioner=practitioner, until=None).count() >= room:
        raise Refused(f"This practitioner works with {room} families already, which is the study's ceiling.")


def can_record(session: Session, state: str, held_on: date | None, minutes: dict[str, int | None]) -> None:
    if session.state != "planned":
        raise Refused("This session has been recorded already.")
    if state not in {code for code, _label in Session.STATES} - {"planned"}:
        raise Refused("Say whether the session was held, not attended or cancelled.")
    if state == "held" and (held_on is None or held_on > clock.today()):
        raise Refused("Give the day on which it was held. It cannot lie in the future.")
    if state == "held" and not minutes.get("minutes"):
        raise Refused("Give the minutes with the family.")
    if any(value is not None and not 0 <= value <= LONGEST for value in minutes.values()):
        raise Refused(f"Minutes lie between 0 and {LONGEST}.")
    if state == "held" and not consent.holds(session.family, "taking_part"):
        raise Refused("The family has withdrawn from taking part, so no session is recorded as held.")


def still_offered(family: Family) -> None:
    if not consent.given(family) or family.changes.filter(kind__in=["died", "removed", "adopted"]).exists():
        raise Refused("The family no longer takes part.")
