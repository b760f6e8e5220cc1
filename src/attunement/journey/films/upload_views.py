"""What is beside the protocol: the end of an upload, what shows that a file is the same, and giving up."""

from __future__ import annotations

import base64
import hashlib
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from attunement.film.sealed import SealedError
from attunement.journey.films import incoming, upload_actions
from attunement.journey.films.forms import FilmForm
from attunement.journey.films.models import Upload
from attunement.journey.people.pages import one, press
from attunement.journey.people.permissions import page
from attunement.journey.trail.errors import Refused

TAIL = 4 * 1024 * 1024


@page("films.add")
def finish(request: HttpRequest, upload_id: UUID) -> HttpResponse:
    """All of a film has been sent: on to its page, or the form again with the reason. 409: ask again in a moment."""
    upload = one(Upload.visible_to(request.user), pk=upload_id)  # type: ignore[arg-type]
    if request.method != "POST":
        return HttpResponse(status=405, headers={"Allow": "POST"})
    session = upload.session
    try:
        film = upload_actions.finish_upload(by=request.user, upload=upload)  # type: ignore[arg-type]
    except upload_actions.NotYet as wait:
        return HttpResponse(str(wait), status=409, content_type="text/plain; charset=utf-8")
    except Refused as refusal:
        form = FilmForm({"agreed": "on"}, {})
        form.errors.clear()
        form.add_error("film", str(refusal))
        return render(request, "films/add.html", {
            "form": form, "title": "Add a film", "session": session, "refusal": "", "largest": settings.MAX_FILM_BYTES,
            "going_on": going_on(request, session.pk), "back_url": reverse("session", args=[session.pk])}, status=422)
    return redirect(reverse("film", args=[film.pk]) + "?added")


@page("films.add")
def tail(request: HttpRequest, upload_id: UUID) -> HttpResponse:
    """The sum of the last bytes that arrived: with the length it shows whether a file is the one that was begun."""
    upload = one(Upload.visible_to(request.user).filter(state="arriving"), pk=upload_id)  # type: ignore[arg-type]
    try:
        with incoming.open_pieces(upload.pk) as pieces:
            offset, first = pieces.size, max(0, pieces.size - TAIL)
            pieces.seek(first)
            found = hashlib.sha256(pieces.read(offset - first) or b"").digest()
    except (OSError, SealedError):
        return HttpResponse(status=409)
    return JsonResponse({"offset": offset, "first": first, "sha256": base64.b64encode(found).decode()})


@page("films.add")
def give_up(request: HttpRequest, upload_id: UUID) -> HttpResponse:
    """Gives up a film that was cut off: what arrived of it goes."""
    upload = one(Upload.visible_to(request.user), pk=upload_id)  # type: ignore[arg-type]
    return press(request, lambda: upload_actions.end_upload(by=request.user, upload=upload),  # type: ignore[arg-type]
                 to=reverse("add_film", args=[upload.session_id]), done="What had arrived of the film is gone.")


def going_on(request: HttpRequest, session_id: int) -> list[Upload]:
    """The own uploads to this session that were begun and not finished."""
    mine = Upload.visible_to(request.user)  # type: ignore[arg-type]
    return list(mine.filter(session=session_id, state="arriving", length__isnull=False))
