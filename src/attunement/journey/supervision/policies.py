"""May supervision be booked, or recorded, now?"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

from attunement.journey.films.models import Clip
from attunement.journey.people.models import Person
from attunement.journey.supervision import queries
from attunement.journey.supervision.models import Supervision
from attunement.journey.trail import clock
from attunement.journey.trail.errors import Refused

SHORTEST, LONGEST = 15, 480
FAR = timedelta(days=366)


def can_book(supervisor: Person, trainee: Person, booked_for: date, minutes: int) -> None:
    if not trainee.holds("practitioner"):
        raise Refused("Supervision is booked with a practitioner.")
    if not SHORTEST <= minutes <= LONGEST:
        raise Refused(f"Minutes lie between {SHORTEST} and {LONGEST}.")
    if abs(booked_for - clock.today()) > FAR:
        raise Refused("The day is more than a year away. Check the year.")
    booked = Supervision.objects.filter(supervisor=supervisor, trainee=trainee, state="booked")
    if booked.filter(booked_for=booked_for).exists():
        raise Refused("You have booked supervision with this trainee on this day already.")


def can_be_recorded(supervision: Supervision, minutes: int | None) -> None:
    if supervision.state != "booked":
        raise Refused("This supervision has been recorded already.")
    if supervision.booked_for > clock.today():
        raise Refused("It lies in the future.")
    if minutes is not None and not 1 <= minutes <= LONGEST:
        raise Refused(f"Minutes lie between 1 and {LONGEST}.")


def clips_are_shared(supervisor: Person, trainee: Person, clips: Collection[Clip]) -> None:
    shared = set(queries.clips_shared(supervisor, trainee).filter(pk__in=[clip.pk for clip in clips]))
    if shared != set(clips):
        raise Refused("A clip here is not the trainee's, or its family does not agree to supervision use.")
