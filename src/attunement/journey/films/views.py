from __future__ import annotations

from typing import Any
from uuid import UUID

from csp.constants import NONCE
from csp.decorators import csp_update
from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from attunement.journey.delivery.models import Session
from attunement.journey.films import actions, desk_queries, permissions, playing, policies, queries
from attunement.journey.films.forms import ClipForm, FilmForm
from attunement.journey.films.models import Clip, Film
from attunement.journey.films.upload_views import going_on
from attunement.journey.films.uploads import SealingHandler
from attunement.journey.people.models import Person
from attunement.journey.people.pages import act, one, press
from attunement.journey.people.permissions import page
from attunement.journey.trail.errors import Refused

DESK = ["built/wavesurfer.js", "built/wavesurfer-regions.js", "player.js", "desk_marks.js", "desk_look.js",
        "desk_lists.js", "desk.js"]


@page("films.watch")
def films(request: HttpRequest) -> HttpResponse:
    """The films that this person may know of, newest first."""
    listed = Paginator(queries.with_clips(Film.visible_to(request.user)), 100).get_page(request.GET.get("page"))
    return render(request, "films/films.html", {"listed": listed})


@page("films.add", largest_body=settings.MAX_FILM_BYTES)
def add(request: HttpRequest, session_id: int) -> HttpResponse:
    """Adds a film to a session that was held."""
    session = one(permissions.own_sessions(request.user), pk=session_id)
    form = FilmForm(*((request.POST, request.FILES) if request.method == "POST" else ()))

    def keep(given: dict[str, Any]) -> Film:
        return actions.add_film(by=request.user, session=session,  # type: ignore[arg-type]
                                arriving=given["film"].arriving, reaffirmed=given["agreed"],
                                only_family=not given["others"])

    return act(request, form, keep,
               to=lambda film: reverse("film", args=[film.pk]) + "?added", title="Add a film",
               template="films/add.html", session=session, refusal=_refusal(session), largest=settings.MAX_FILM_BYTES,
               going_on=going_on(request, session.pk), back_url=reverse("session", args=[session.pk]))


def _refusal(session: Session) -> str:
    try:
        policies.can_add(session)
    except Refused as refusal:
        return str(refusal)
    return ""


def take_in(request: HttpRequest, session_id: int) -> list[SealingHandler]:
    """The door asks for this before anything of the body is read: not this person's session, no upload."""
    session = one(permissions.own_sessions(request.user), pk=session_id)
    return [SealingHandler(request, fault=_refusal(session))]


add.take_in = take_in  # type: ignore[attr-defined]


@csp_update({"style-src": [NONCE]})  # type: ignore[untyped-decorator]
@page("films.watch")
def film(request: HttpRequest, film_id: UUID) -> HttpResponse:
    """A film on the desk: the player, everybody's marks, and for the family's practitioner what marks more."""
    person: Person = request.user  # type: ignore[assignment]
    found = one(Film.visible_to(person), pk=film_id)
    form = ClipForm(found, request.POST or None)
    family_reviews = found.family.sessions.filter(kind="review", cycle=found.session.cycle)
    return act(request, form, lambda given: actions.mark_clip(by=person, film=found, **given),
               to=reverse("film", args=[found.pk]), title="Film", done="The clip is marked.",
               template="films/film.html", film=found, clips=queries.shown(found.clips.all()),
               may_watch=permissions.may_watch(person, found), own=permissions.is_own(person, found.family),
               principles=desk_queries.principles(), scripts=DESK, review=family_reviews.order_by("number").first(),
               facts=queries.facts(found), back_url=reverse("films"))


@page("films.watch")
def play(request: HttpRequest, film_id: UUID) -> HttpResponseBase:
    """A film's bytes, by range."""
    if request.method not in ("GET", "HEAD"):
        return HttpResponse(status=405, headers={"Allow": "GET, HEAD"})
    return playing.play(request, one(Film.visible_to(request.user), pk=film_id))


@page("films.mark")
def take_out(request: HttpRequest, clip_id: int) -> HttpResponse:
    """Takes a clip out, and goes back to where it was asked for: the review, or the film."""
    clip = one(Clip.visible_to(request.user), pk=clip_id)
    review = request.POST.get("review", "")
    known = review.isdecimal() and len(review) < 19
    to = reverse("review", args=[int(review)]) if known else reverse("film", args=[clip.film_id])
    return press(request, lambda: actions.take_out_clip(by=request.user, clip=clip), to=to, done="It is taken out.")
