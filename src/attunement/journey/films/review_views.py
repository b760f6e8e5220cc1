"""The shared review: what parent and practitioner look at together, in the family's language, with a signal or without."""

from __future__ import annotations

from io import BytesIO

from csp.decorators import csp_update
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from attunement.film import FilmError, cut
from attunement.journey.delivery.models import Session
from attunement.journey.films import actions, looks, permissions, policies, queries, review_actions
from attunement.journey.people.models import Person
from attunement.journey.people.pages import one
from attunement.journey.people.permissions import page
from attunement.journey.trail.errors import NotAllowed, Refused

TAPS = [("like", _("I like this")), ("new", _("I had not seen that")), ("more", _("More of this")),
        ("hard", _("This is hard to look at"))]


def _review(request: HttpRequest, session_id: int) -> Session:
    session = one(permissions.own_sessions(request.user), pk=session_id)  # type: ignore[arg-type]
    if session.kind != "review":
        raise Http404
    return session


@csp_update({"media-src": ["blob:"]})  # type: ignore[untyped-decorator]
@page("films.mark")
def review(request: HttpRequest, session_id: int) -> HttpResponse:
    """The parent's question and the clips; with the script, one moment at a time over the whole screen."""
    person: Person = request.user  # type: ignore[assignment]
    session = _review(request, session_id)
    question = getattr(session.family, "helping_question", None)
    clips = queries.shown(permissions.clips_to_review(session))
    with translation.override(session.family.language):
        return render(request, "films/review.html", {
            "session": session, "question": question, "clips": clips, "taps": TAPS, "lock": review_actions.lock(),
            "paper": review_actions.paper(person, session), "may_film": policies.has_come(session),
            "back_url": reverse("session", args=[session.pk])})


@page("films.mark")
def state(request: HttpRequest, session_id: int) -> HttpResponse:
    """Which clips may be looked at now: what is not named here goes from the tablet's memory."""
    session = _review(request, session_id)
    return JsonResponse({"clips": [clip.pk for clip in permissions.clips_to_review(session)]})


@page("films.mark")
def clip(request: HttpRequest, session_id: int, clip_id: int) -> HttpResponse:
    """A clip of this review and no picture more, for the tablet's memory. It is cut now and kept nowhere."""
    person: Person = request.user  # type: ignore[assignment]
    found = one(permissions.clips_to_review(_review(request, session_id)), pk=clip_id)
    if not permissions.may_watch(person, found.film):
        raise NotAllowed("This film is not shared with you, or the family no longer agrees.")
    actions.note_viewing(by=person, film=found.film)
    made = BytesIO()
    try:
        with looks.opened(found.film) as clear:
            cut(clear, made, first=found.first, last=found.last)
    except FilmError as error:
        raise Refused(str(error)) from None
    return HttpResponse(made.getvalue(), content_type="video/mp4")


@page("films.mark")
def late(request: HttpRequest, session_id: int) -> HttpResponse:
    """Takes what the tablet noted. 204: it is safe here, and the tablet may forget it; 422: it will never be taken."""
    session = _review(request, session_id)
    if request.method != "POST":
        return HttpResponse(status=405, headers={"Allow": "POST"})
    try:
        review_actions.take_late(by=request.user, review=session, sealed=request.POST.get("sealed", ""))  # type: ignore[arg-type]
    except Refused as refusal:
        return HttpResponse(str(refusal), status=422, content_type="text/plain; charset=utf-8")
    return HttpResponse(status=204)
