"""Booking supervision and recording what became of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from attunement.journey.films.models import Clip
from attunement.journey.people.models import Person
from attunement.journey.people.permissions import need
from attunement.journey.supervision import policies
from attunement.journey.supervision.models import Supervision
from attunement.journey.trail.actions import action, post, record
from attunement.journey.trail.errors import NotAllowed, Refused


@action
def book(*, by: Person, trainee: Person, booked_for: date, minutes: int) -> Supervision:
    """Books supervision with a trainee. Supervisors work at every site, so there is no site to ask for."""
    need(by, "supervision.hold")
    Person.objects.select_for_update().get(pk=trainee.pk)
    policies.can_book(by, trainee, booked_for, minutes)
    made = Supervision.objects.create(supervisor=by, trainee=trainee, booked_for=booked_for, minutes_booked=minutes)
    post(route="mail", address=trainee.email, subject="Something new on your list",
         body="There is something new on your list. Sign in to see it.")
    record(by=by, verb="supervision.booked", site=_site(trainee), supervision=made.pk, trainee=trainee.pk,
           booked_for=booked_for, minutes=minutes)
    return made


@action
def hold(*, by: Person, supervision: Supervision, minutes: int | None, clips: Iterable[Clip] = ()) -> Supervision:
    """Records supervision as held, with the clips that were looked at, or (minutes None) as missed."""
    need(by, "supervision.hold")
    supervision = (Supervision.objects.select_for_update(of=("self",)).select_related("trainee").get(pk=supervision.pk))
    if supervision.supervisor_id != by.pk:
        raise NotAllowed("This supervision is another supervisor's.")
    policies.can_be_recorded(supervision, minutes)
    seen = list(clips)
    if seen and minutes is None:
        raise Refused("No clips are looked at in supervision that was missed.")
    policies.clips_are_shared(by, supervision.trainee, seen)
    supervision.state, supervision.minutes_held = ("held", minutes) if minutes else ("missed", None)
    supervision.save(update_fields=["state", "minutes_held"])
    supervision.clips.set(seen)
    record(by=by, verb=f"supervision.{supervision.state}", site=_site(supervision.trainee), supervision=supervision.pk,
           trainee=supervision.trainee_id, minutes=minutes, clips=len(seen))
    return supervision


def _site(trainee: Person) -> str:
    return next((held.site.code for held in trainee.held if held.role == "practitioner" and held.site), "")
