from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from attunement.journey.delivery.queries import title
from attunement.journey.films.queries import with_clips
from attunement.journey.people.models import Person
from attunement.journey.people.pages import act, one
from attunement.journey.people.permissions import page
from attunement.journey.supervision import actions, queries
from attunement.journey.supervision.forms import BookForm, HoldForm
from attunement.journey.supervision.models import Supervision
from attunement.journey.trail import clock


@page("supervision.see")
def trainees(request: HttpRequest) -> HttpResponse:
    """All trainees on one page: stage, cycles, clients and hours against the pathway, and what is booked."""
    person: Person = request.user  # type: ignore[assignment]
    found = queries.trainees(clock.today())
    films = queries.films_waiting(person) if person.may("supervision.hold") else {}
    missed = queries.missed([each.person.pk for each in found])
    rows = [(each, films.get(each.person.pk, 0), missed.get(each.person.pk, 0)) for each in found]
    return render(request, "supervision/trainees.html", {
        "trainees": rows, "path": queries.pathway(clock.today()),
        "holds": person.may("supervision.hold"), "back_url": reverse("start")})


def found_trainee(code: str) -> Person:
    return one(Person.objects.filter(holdings__role="practitioner").distinct(), code=code)


@page("supervision.see")
def trainee(request: HttpRequest, code: str) -> HttpResponse:
    """One trainee: progress, every supervision, and the films that families agreed to share."""
    person: Person = request.user  # type: ignore[assignment]
    found, holds = found_trainee(code), person.may("supervision.hold")
    shared = with_clips(queries.films_shared(person, found)) if holds else []
    return render(request, "supervision/trainee.html", {
        "trainee": found, "holds": holds, "films": [(film, title(film.session)) for film in shared],
        "record": found.records.last(), "said_ready": getattr(found, "ready", None), "meetings": found.meetings.all(),
        "still": found.holds("practitioner"), "back_url": reverse("trainees"), **_progress_and_hours(person, found)})


@page("supervision.attend")
def own_supervision(request: HttpRequest) -> HttpResponse:
    """A trainee's own progress, and what is booked."""
    person: Person = request.user  # type: ignore[assignment]
    shown = _progress_and_hours(person, person)
    return render(request, "supervision/own.html", {"back_url": reverse("start"), **shown})


def _progress_and_hours(person: Person, trainee: Person) -> dict[str, object]:
    rows = Supervision.visible_to(person).filter(trainee=trainee).prefetch_related("clips")
    return {"progress": queries.progress(trainee, clock.today()), "path": queries.pathway(clock.today()),
            "rows": rows.order_by("-booked_for", "-id"), "today": clock.today()}


@page("supervision.hold")
def book(request: HttpRequest, code: str) -> HttpResponse:
    found = found_trainee(code)
    return act(request, BookForm(request.POST or None),
               lambda given: actions.book(by=request.user, trainee=found, **given), to=reverse("trainee", args=[code]),
               title=f"Book supervision with {found.name}", button="Book", done="Supervision is booked.",
               back_url=reverse("trainee", args=[code]))


@page("supervision.hold")
def record_supervision(request: HttpRequest, supervision_id: int) -> HttpResponse:
    """Held, with minutes and the clips that were looked at, or missed; by the supervisor whose it is."""
    person: Person = request.user  # type: ignore[assignment]
    found = one(Supervision.visible_to(person).filter(supervisor=person), pk=supervision_id)
    back = reverse("trainee", args=[found.trainee.code])
    form = HoldForm(found, queries.clips_shared(person, found.trainee), request.POST or None)
    return act(request, form, lambda _given: actions.hold(by=person, supervision=found, **form.facts()), to=back,
               title=f"Supervision with {found.trainee.name}, {found.booked_for:%-d %B %Y}", done="It is recorded.",
               back_url=back)
