"""What a family sees of its films: what is kept, who may see it and who did, and the button that has it wiped.

A code that the practitioner gives in the room opens the page, for an hour: films are not shown, but that they are
there is told.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from attunement.journey.consent import actions as consent
from attunement.journey.consent.by_link import by_link, closed, pages
from attunement.journey.consent.models import Link
from attunement.journey.delivery.permissions import caseload, need_caseload
from attunement.journey.films import ending_actions, keeping_queries, sharing_actions
from attunement.journey.films.models import AUDIENCES, Film
from attunement.journey.people.models import Person
from attunement.journey.people.pages import one, press
from attunement.journey.people.permissions import page
from attunement.journey.referral.models import Family
from attunement.journey.trail import clock
from attunement.journey.trail.actions import action
from attunement.journey.trail.errors import Refused

FILMS = "films"
LASTS = timedelta(hours=1)
pages[FILMS] = "family_films"


def _still_open(link: Link) -> bool:
    return link.leads_to == FILMS and link.made_at + LASTS > clock.now()


def _over(request: HttpRequest) -> HttpResponse:
    return closed(request, _("This page was open for an hour. If you want to see it again, ask your worker for a new "
                             "code."))


@by_link(to_consent=False)
def films(request: HttpRequest, link: Link, token: str) -> HttpResponse:
    with translation.override(link.family.language):
        if not _still_open(link):
            return _over(request)
        kept = Film.objects.filter(family=link.family).select_related("session").order_by("added_at")
        shown = [{"film": film, "audiences": [row for row in keeping_queries.audiences(film) if row.code != "practitioner"],
                  "watched": keeping_queries.watched(film), "until": keeping_queries.stays_until(film),
                  "copies": film.copies.count(), "deletion": getattr(film, "deletion", None)} for film in kept]
        return render(request, "films/family_films.html", {"token": token, "shown": shown, "words": _words()})


def _words() -> dict[str, str]:
    """Each audience in the family's words."""
    return {"practitioner": _("Your worker"), "supervisor": _("Your worker's teacher"),
            "peers": _("Other workers who learn this"), "research": _("People who study how it works"),
            "training": _("People in training, as short clips"), "parent_copy": _("A copy for you to keep")}


def _change(request: HttpRequest, link: Link, token: str, film_id: UUID, do: Any, done: str) -> HttpResponse:
    with translation.override(link.family.language):
        if not _still_open(link):
            return _over(request)
        film = one(Film.objects.select_related("family__site").filter(family=link.family), pk=film_id)

        def quietly() -> None:
            with suppress(Refused):
                do(film)

        return press(request, quietly, to=reverse("family_films", args=[token]), done=done)


@by_link(to_consent=False)
def say(request: HttpRequest, link: Link, token: str, film_id: UUID, audience: str) -> HttpResponse:
    """One tap: from now on these people may not see it any more, or may."""
    yes = request.POST.get("say") == "yes"
    if audience not in dict(AUDIENCES):
        return closed(request, _("Look at the address again. A part of it may be missing."), status=404)
    return _change(request, link, token, film_id,
                   lambda film: sharing_actions.share(by=link, film=film, given={audience: yes}),
                   _("We have written it down. It holds from now on."))


@by_link(to_consent=False)
def wipe(request: HttpRequest, link: Link, token: str, film_id: UUID) -> HttpResponse:
    """Asks once more, as nothing brings a film back; then nobody watches it, and it goes."""
    if request.method == "POST" and request.POST.get("sure") != "yes" and _still_open(link):
        with translation.override(link.family.language):
            film = one(Film.objects.select_related("session").filter(family=link.family), pk=film_id)
            return render(request, "films/family_wipe.html", {"token": token, "film": film})
    return _change(request, link, token, film_id, lambda film: ending_actions.ask_deletion(by=link, film=film),
                   _("Nobody can watch this film any more. It will be wiped."))


@page("films.add")
def give_code(request: HttpRequest, code: str) -> HttpResponse:
    """A code for the family, shown once: typed on the code page, it opens the list of its films for an hour."""
    person: Person = request.user  # type: ignore[assignment]
    family = one(caseload(person).select_related("site"), code=code)
    if request.method != "POST":
        return HttpResponse(status=405, headers={"Allow": "POST"})
    made = films_code(by=person, family=family)
    return render(request, "films/family_code.html", {"family": family, "code": f"{made[:4]} {made[4:]}",
                                                      "back_url": reverse("own_family", args=[family.code])})


@action
def films_code(*, by: Person, family: Family) -> str:
    need_caseload(by, family)
    return consent.code_for(by=by, family=family, leads_to=FILMS)
