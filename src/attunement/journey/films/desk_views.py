"""What the desk's script asks and sends. Every answer holds all marks as they stand, everybody's."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse

from attunement.film import FilmError, still
from attunement.journey.films import actions, desk_actions, desk_queries, looks, permissions
from attunement.journey.films.desk_forms import ChangeForm, CommentForm, MarkForm, ReelForm, StillForm
from attunement.journey.films.models import Clip, Film, Still
from attunement.journey.people.models import Person
from attunement.journey.people.pages import one
from attunement.journey.people.permissions import page
from attunement.journey.trail.errors import NotAllowed, Refused

UNREADABLE = "The page sent something that cannot be kept. Load the page again."


def _watched(request: HttpRequest, film_id: UUID) -> Film:
    film = one(Film.visible_to(request.user), pk=film_id)  # type: ignore[arg-type]
    if not permissions.may_watch(request.user, film):  # type: ignore[arg-type]
        raise NotAllowed("This film is not shared with you, or the family no longer agrees.")
    return film


def answered(request: HttpRequest, film: Film, form: type[forms.Form], do: Callable[[dict[str, Any]], Any]) -> HttpResponse:
    """Runs `do` with what was sent; a refusal comes back as a sentence, and the state of the desk in either case."""
    if request.method != "POST":
        return HttpResponse(status=405, headers={"Allow": "POST"})
    sent, refused = form(request.POST), ""
    if not sent.is_valid():
        refused = UNREADABLE
    else:
        try:
            do(sent.cleaned_data)
        except Refused as refusal:
            refused = str(refusal)
    state = desk_queries.state(film, request.user)  # type: ignore[arg-type]
    return JsonResponse(state | {"refused": refused}, status=409 if refused else 200)


@page("films.watch")
def desk(request: HttpRequest, film_id: UUID) -> HttpResponse:
    """Everybody's marks, stills and comments on a film, and the reel of its cycle."""
    return JsonResponse(desk_queries.state(_watched(request, film_id), request.user))  # type: ignore[arg-type]


@page("films.watch")
def glance(request: HttpRequest, film_id: UUID) -> HttpResponse:
    """How loud the film is, and how its sheets of small pictures are cut."""
    return JsonResponse(looks.glance(_watched(request, film_id)))


@page("films.watch")
def sheet(request: HttpRequest, film_id: UUID, number: int) -> HttpResponse:
    """A sheet of small pictures."""
    found = looks.sheet(_watched(request, film_id), number)
    if found is None:
        raise Http404
    return HttpResponse(found, content_type="image/jpeg")


@page("films.mark")
def mark(request: HttpRequest, film_id: UUID) -> HttpResponse:
    film = _watched(request, film_id)
    return answered(request, film, MarkForm, lambda sent: desk_actions.keep_mark(by=request.user, film=film, **sent))


@page("films.mark")
def change(request: HttpRequest, clip_id: int) -> HttpResponse:
    clip = one(Clip.visible_to(request.user), pk=clip_id)  # type: ignore[arg-type]
    return answered(request, clip.film, ChangeForm,
                    lambda sent: desk_actions.change_mark(by=request.user, clip=clip, **sent))


@page("films.mark")
def drop(request: HttpRequest, clip_id: int) -> HttpResponse:
    clip = one(Clip.visible_to(request.user), pk=clip_id)  # type: ignore[arg-type]
    return answered(request, clip.film, forms.Form, lambda _sent: actions.take_out_clip(by=request.user, clip=clip))


@page("films.mark")
def reel(request: HttpRequest, film_id: UUID) -> HttpResponse:
    film = _watched(request, film_id)
    return answered(request, film, ReelForm, lambda sent: desk_actions.order_reel(by=request.user, film=film, **sent))


@page("films.watch")
def comment(request: HttpRequest, film_id: UUID) -> HttpResponse:
    film = _watched(request, film_id)
    return answered(request, film, CommentForm, lambda sent: desk_actions.comment(by=request.user, film=film, **sent))


@page("films.watch")
def keep_still(request: HttpRequest, film_id: UUID) -> HttpResponse:
    film = _watched(request, film_id)
    return answered(request, film, StillForm, lambda sent: desk_actions.keep_still(by=request.user, film=film, **sent))


@page("films.watch")
def show_still(request: HttpRequest, still_id: int) -> HttpResponse:
    """One picture, made from the film now. That it was looked at is written down before."""
    found = one(Still.visible_to(request.user), pk=still_id)  # type: ignore[arg-type]
    person: Person = request.user  # type: ignore[assignment]
    actions.note_viewing(by=person, film=found.film)
    made = BytesIO()
    try:
        with looks.opened(found.film) as clear:
            still(clear, made, frame=found.frame, form="jpeg")
    except FilmError as error:
        raise Refused(str(error)) from None
    return HttpResponse(made.getvalue(), content_type="image/jpeg")
