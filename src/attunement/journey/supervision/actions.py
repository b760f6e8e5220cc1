"""Booking supervision, what is brought to it, notes both ways, what became of it; and the meetings that end a stage."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from attunement.journey.films.models import Clip
from attunement.journey.people.models import Person
from attunement.journey.people.permissions import need
from attunement.journey.supervision import policies
from attunement.journey.supervision.models import Meeting, Note, Supervision
from attunement.journey.trail import clock
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


@action
def bring(*, by: Person, supervision: Supervision, clips: Iterable[Clip]) -> Supervision:
    """What the trainee asks the supervisor to watch before the hour; it replaces what was asked before."""
    need(by, "supervision.attend")
    if supervision.trainee_id != by.pk:
        raise NotAllowed("This supervision is another trainee's.")
    supervision = Supervision.objects.select_for_update(of=("self",)).select_related("supervisor").get(pk=supervision.pk)
    policies.still_booked(supervision)
    brought = list(clips)
    policies.clips_are_shared(supervision.supervisor, by, brought)
    supervision.to_watch.set(brought)
    record(by=by, verb="supervision.brought", site=_site(by), supervision=supervision.pk, clips=len(brought))
    return supervision


@action
def write_note(*, by: Person, supervision: Supervision, text: str) -> Note:
    """A note from one to the other. The trail notes that there is one, not its words."""
    if by.pk not in (supervision.trainee_id, supervision.supervisor_id):
        raise NotAllowed("Notes are between the trainee and the supervisor.")
    need(by, "supervision.hold" if by.pk == supervision.supervisor_id else "supervision.attend")
    if not 1 <= len(text.strip()) <= 2000:
        raise Refused("Write the note in up to 2,000 characters.")
    made = Note.objects.create(supervision=supervision, by=by, text=text.strip(), written_at=clock.now())
    record(by=by, verb="supervision.noted", site=_site(supervision.trainee), supervision=supervision.pk)
    return made


@action
def hold_meeting(*, by: Person, trainee: Person, stage: str, held_on: date, passed: bool) -> Meeting:
    """The meeting that ends a stage of the pathway: the next stage begins when it is passed."""
    need(by, "supervision.hold")
    Person.objects.select_for_update().get(pk=trainee.pk)
    kind = policies.can_meet(trainee, stage, held_on, passed)
    made = Meeting.objects.create(trainee=trainee, stage=stage, kind=kind, held_on=held_on, passed=passed, recorded_by=by)
    record(by=by, verb="supervision.meeting", site=_site(trainee), trainee=trainee.pk, stage=stage, held_on=held_on,
           passed=passed)
    return made


def _site(trainee: Person) -> str:
    return next((held.site.code for held in trainee.held if held.role == "practitioner" and held.site), "")
