"""May supervision be booked, or recorded, now?"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

from attunement.journey.films.models import Clip
from attunement.journey.people.models import Person
from attunement.journey.supervision import queries
from attunement.journey.supervision.models import Attendance, Meeting, Ready, Supervision
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


def near(day: date) -> None:
    if abs(day - clock.today()) > FAR:
        raise Refused("The day is more than a year away. Check the year.")


def still_booked(supervision: Supervision) -> None:
    if supervision.state != "booked":
        raise Refused("This supervision has been recorded already.")


def not_ready(person: Person) -> str:
    """Why somebody whose training is recorded here may not start yet; nothing is known of one whose is not."""
    if Ready.objects.filter(person=person).exists() or not Attendance.objects.filter(person=person).exists():
        return ""
    return "This practitioner's training is recorded, but nobody has said ready to start."


def can_meet(trainee: Person, stage: str, held_on: date, passed: bool) -> str:
    """What the meeting of a stage is called. A stage is passed once, in order, and when all it asks for is there."""
    if held_on > clock.today():
        raise Refused("The day lies in the future.")
    near(held_on)
    path = queries.pathway(held_on)
    names = [each.name for each in path.stages if each.ends_with] if path else []
    if path is None or stage not in names:
        raise Refused("Choose a stage of the pathway that ends with a meeting.")
    gone = set(Meeting.objects.filter(trainee=trainee, passed=True).values_list("stage", flat=True))
    if stage in gone:
        raise Refused("This stage has been passed already.")
    if passed and not set(names[:names.index(stage)]) <= gone:
        raise Refused("The stages are passed in their order. An earlier one is still open.")
    if passed and not queries.stage_is_done(trainee, path, stage):
        raise Refused("The stage asks for more cycles, clients or hours than there are yet.")
    return next(each.ends_with for each in path.stages if each.name == stage)


def can_be_recorded(supervision: Supervision, minutes: int | None) -> None:
    still_booked(supervision)
    if supervision.booked_for > clock.today():
        raise Refused("It lies in the future.")
    if minutes is not None and not 1 <= minutes <= LONGEST:
        raise Refused(f"Minutes lie between 1 and {LONGEST}.")


def clips_are_shared(supervisor: Person, trainee: Person, clips: Collection[Clip]) -> None:
    shared = set(queries.clips_shared(supervisor, trainee).filter(pk__in=[clip.pk for clip in clips]))
    if shared != set(clips):
        raise Refused("A clip here is not the trainee's, or its family does not agree to supervision use.")
