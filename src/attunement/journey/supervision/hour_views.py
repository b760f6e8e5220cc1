"""One supervision: what to watch before the hour, and notes both ways."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from attunement.journey.people.models import Person
from attunement.journey.people.pages import act, one
from attunement.journey.people.permissions import page
from attunement.journey.supervision import actions, queries
from attunement.journey.supervision.forms import BringForm, named
from attunement.journey.supervision.models import Supervision
from attunement.journey.supervision.training_forms import NoteForm
from attunement.journey.trail import clock


@page("supervision.hold")
def hour(request: HttpRequest, supervision_id: int) -> HttpResponse:
    """For the supervisor: the clips that the trainee brings, to be watched before the hour."""
    person: Person = request.user  # type: ignore[assignment]
    found = one(Supervision.objects.select_related("trainee", "supervisor").filter(supervisor=person), pk=supervision_id)
    return _hour(request, found, to=reverse("hour", args=[found.pk]), back=reverse("trainee", args=[found.trainee.code]))


@page("supervision.attend")
def own_hour(request: HttpRequest, supervision_id: int) -> HttpResponse:
    """For the trainee: what is brought, and the notes."""
    found = _own(request, supervision_id)
    return _hour(request, found, to=reverse("own_hour", args=[found.pk]), back=reverse("own_supervision"), own=True)


@page("supervision.attend")
def bring(request: HttpRequest, supervision_id: int) -> HttpResponse:
    """The trainee chooses what the supervisor watches before the hour."""
    found, back = _own(request, supervision_id), reverse("own_hour", args=[supervision_id])
    shared = queries.clips_shared(found.supervisor, found.trainee)
    form = BringForm(found, shared, request.POST or None)
    return act(request, form, lambda given: actions.bring(by=request.user, supervision=found, clips=given["clips"]),
               to=back, title="What to watch before the hour", button="Keep this", done="Your supervisor sees it.",
               back_url=back)


def _own(request: HttpRequest, supervision_id: int) -> Supervision:
    own = Supervision.objects.select_related("trainee", "supervisor").filter(trainee=request.user)  # type: ignore[misc]
    return one(own, pk=supervision_id)


def _hour(request: HttpRequest, found: Supervision, *, to: str, back: str, own: bool = False) -> HttpResponse:
    shared = queries.clips_shared(found.supervisor, found.trainee).filter(brought_to=found)
    return act(request, NoteForm(request.POST or None),
               lambda given: actions.write_note(by=request.user, supervision=found, **given), to=to,
               title=f"Supervision on {found.booked_for:%-d %B %Y}", button="Send this note", done="The note is kept.",
               template="supervision/hour.html", supervision=found, own=own, back_url=back, today=clock.today(),
               clips=[(clip, named(clip)) for clip in shared], notes=found.notes.select_related("by"))
