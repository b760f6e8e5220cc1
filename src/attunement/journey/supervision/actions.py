"""Booking supervision and recording what became of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from attunement.journey.consent import queries as consent
from attunement.journey.films.models import Clip
from attunement.journey.people.models import Person
from attunement.journey.people.permissions import need
from attunement.journey.supervision.models import Supervision
from attunement.journey.trail import clock
from attunement.journey.trail.actions import action, record
from attunement.journey.trail.errors import NotAllowed, Refused

LONGEST = 480


@action
def book(*, by: Person, trainee: Person, booked_for: date, minutes: int) -> Supervision:
    """Books supervision with a trainee."""
    need(by, "supervision.hold")
    if not trainee.holds("practitioner"):
        raise Refused("Supervision is booked with a practitioner.")
    if not 15 <= minutes <= LONGEST:
        raise Refused(f"Minutes lie between 15 and {LONGEST}.")
    made = Supervision.objects.create(supervisor=by, trainee=trainee, booked_for=booked_for, minutes_booked=minutes)
    record(by=by, verb="supervision.booked", supervision=made.pk, trainee=trainee.pk, minutes=minutes)
    return made


@action
def hold(*, by: Person, supervision: Supervision, minutes: int | None, clips: Iterable[Clip] = ()) -> Supervision:
    """Records supervision as held, with the clips that were looked at, or (minutes None) as missed."""
    need(by, "supervision.hold")
    supervision = Supervision.objects.select_for_update().get(pk=supervision.pk)
    if supervision.supervisor_id != by.pk:
        raise NotAllowed("This supervision is another supervisor's.")
    if supervision.state != "booked":
        raise Refused("This supervision has been recorded already.")
    if supervision.booked_for > clock.today():
        raise Refused("It lies in the future.")
    if minutes is not None and not 1 <= minutes <= LONGEST:
        raise Refused(f"Minutes lie between 1 and {LONGEST}.")
    seen = list(clips)
    for clip in seen:
        if clip.film.added_by_id != supervision.trainee_id or not consent.allows(clip.film.family, "supervision"):
            raise Refused("A clip here is not the trainee's, or its family does not agree to supervision use.")
    supervision.state, supervision.minutes_held = ("held", minutes) if minutes else ("missed", None)
    supervision.save(update_fields=["state", "minutes_held"])
    supervision.clips.set(seen)
    record(by=by, verb=f"supervision.{supervision.state}", supervision=supervision.pk, minutes=minutes, clips=len(seen))
    return supervision
