"""One page a film: who may see it, who is in it, the phone's copy, copies that left, who watched, and its end."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from attunement.journey.films import copies, ending_actions, keeping_queries, permissions, sharing_actions
from attunement.journey.films.keeping_forms import CopyForm, HoldForm, InShotForm, SharingForm, SureForm, named
from attunement.journey.films.models import Film, Hold
from attunement.journey.people.models import Person
from attunement.journey.people.pages import act, one, press
from attunement.journey.people.permissions import page
from attunement.journey.referral.models import Family

COPY = "The copy holds these clips and nothing else. Once given out it cannot be taken back."
NO_CLIP = "The family's films have no clip yet. Mark one first: a copy holds clips and nothing else."
EVERYBODY = ("Everybody who can be seen or heard. As long as somebody has not agreed, nobody but you can watch the film. "
             "Names are wiped with the film.")


def _own(request: HttpRequest, film_id: UUID) -> Film:
    """A film of the own caseload; a supervisor or a colleague changes nothing here."""
    person: Person = request.user  # type: ignore[assignment]
    own = Family.objects.filter(pk__in=permissions.caseload(person).values("pk"))
    return one(Film.visible_to(person).filter(family__in=own), pk=film_id)


def _back(film: Film) -> str:
    return reverse("film_keeping", args=[film.pk])


@page("films.watch")
def keeping(request: HttpRequest, film_id: UUID) -> HttpResponse:
    """What is kept and who may see it; for the family's practitioner, with what can be changed."""
    person: Person = request.user  # type: ignore[assignment]
    film = one(Film.visible_to(person), pk=film_id)
    return render(request, "films/keeping.html", {
        "film": film, "own": permissions.is_own(person, film.family), "audiences": keeping_queries.audiences(film),
        "in_shot": film.in_shot.all(), "copies": film.copies.select_related("by"),
        "back_url": reverse("film", args=[film.pk]),
        "watched": keeping_queries.watched(film), "sees_watchers": person.may("films.supervise"),
        "stays_until": keeping_queries.stays_until(film),
        "deletion": getattr(film, "deletion", None), "held": ending_actions.held(film)})


@page("films.add")
def share(request: HttpRequest, film_id: UUID) -> HttpResponse:
    film = _own(request, film_id)
    given = {row.code: row.given for row in keeping_queries.audiences(film)}
    form = SharingForm(given, request.POST or None)
    return act(request, form, lambda said: sharing_actions.share(
        by=request.user, film=film, given=said),  # type: ignore[arg-type]
               to=_back(film), title="Who may see this film", button="Write down what the parent said",
               done="It is written down, and holds from now on.", back_url=_back(film),
               intro="Ask the parent, and tick what they agree to for this film. What is not ticked ends at once.")


@page("films.add")
def in_shot(request: HttpRequest, film_id: UUID) -> HttpResponse:
    film = _own(request, film_id)
    form = InShotForm(request.POST or None, initial=named(film.in_shot.all()))
    return act(request, form, lambda _given: sharing_actions.name_in_shot(
        by=request.user, film=film, people=form.people()),  # type: ignore[arg-type]
        to=_back(film), title="Who is in this film", button="Write this down", done="It is written down.",
        back_url=_back(film), intro=EVERYBODY)


@page("films.add")
def phone_copy_gone(request: HttpRequest, film_id: UUID) -> HttpResponse:
    film = _own(request, film_id)
    return press(request, lambda: sharing_actions.confirm_phone_copy_gone(by=request.user, film=film),  # type: ignore[arg-type]
                 to=_back(film), done="It is written down: the phone holds no copy any more.")


@page("films.add")
def give_copy(request: HttpRequest, film_id: UUID) -> HttpResponse:
    """A clip or a reel to take away, for the parent or for training. It is listed with the film from then on."""
    film = _own(request, film_id)
    form = CopyForm(film, request.POST or None)
    made: list[bytes] = []

    def make(given: dict[str, Any]) -> None:
        made.append(copies.make_copy(by=request.user, film=film, clips=list(given["clips"]),  # type: ignore[arg-type]
                                     whom=given["whom"])[1])

    answer = act(request, form, make, to=_back(film), title="A copy to give out", button="Make the copy",
                 back_url=_back(film), intro=COPY if form.fields["clips"].queryset else NO_CLIP)  # type: ignore[attr-defined]
    if not made:
        return answer
    return HttpResponse(made[0], headers={"Content-Type": "video/mp4", "Cache-Control": "no-store",
                                          "Content-Disposition": 'attachment; filename="clips.mp4"'})


@page("films.add")
def ask_deletion(request: HttpRequest, film_id: UUID) -> HttpResponse:
    film = _own(request, film_id)
    return act(request, SureForm(request.POST or None),
               lambda _given: ending_actions.ask_deletion(by=request.user, film=film),  # type: ignore[arg-type]
               to=_back(film), title=f"Wipe a film of family {film.family.code}", button="Wipe this film",
               done="The film will be wiped in a few minutes. Nobody can watch it any more.", back_url=_back(film),
               intro="Its key is destroyed and every object of it removed. Copies that were given out stay where they are.")


def _holdable(person: Person) -> Any:
    """Films as rows, for who answers for legal holds: code and day, nothing that shows or tells what is in them."""
    return (Film.objects.select_related("family__site", "session")
            .filter(family__in=Family.visible_to(person, "films.hold")).order_by("-added_at", "pk"))


@page("films.hold")
def holds(request: HttpRequest) -> HttpResponse:
    person: Person = request.user  # type: ignore[assignment]
    listed = Paginator(_holdable(person).filter(deleted_at=None), 50).get_page(request.GET.get("page"))
    rows = [(film, film.holds.filter(until=None), keeping_queries.stays_until(film)) for film in listed]
    return render(request, "films/holds.html", {"rows": rows, "listed": listed, "back_url": reverse("start")})


@page("films.hold")
def hold(request: HttpRequest, film_id: UUID) -> HttpResponse:
    person: Person = request.user  # type: ignore[assignment]
    film = one(_holdable(person), pk=film_id)
    return act(request, HoldForm(request.POST or None), lambda given: ending_actions.hold(by=person, film=film, **given),
               to=reverse("film_holds"), title=f"Hold a film of family {film.family.code}", button="Hold it",
               done="The film is held. It is not deleted until the hold ends.", back_url=reverse("film_holds"))


@page("films.hold")
def release(request: HttpRequest, hold_id: int) -> HttpResponse:
    person: Person = request.user  # type: ignore[assignment]
    found = one(Hold.objects.select_related("film__family__site").filter(film__in=_holdable(person)), pk=hold_id)
    return press(request, lambda: ending_actions.release(by=person, hold=found), to=reverse("film_holds"),
                 done="The hold has ended.")
