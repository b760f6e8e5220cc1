"""Playing a film: byte ranges of what lies sealed, opened chunk by chunk, to those who may watch, while they may."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

from attunement.film.sealed import CHUNK, SealedFile
from attunement.journey.films import actions, store
from attunement.journey.films.models import Film, Viewing
from attunement.journey.films.permissions import may_watch
from attunement.journey.people.models import Person
from attunement.journey.trail import clock
from attunement.journey.trail.errors import NotAllowed

PIECE = 4 * CHUNK
# A range is answered by its first PORTION bytes. The browser asks again, and so the right is asked again, every few
# seconds of film; and a player that has enough for now holds no thread of the server.
PORTION = 4 * 1024 * 1024
_RANGE = re.compile(r"\s*bytes\s*=\s*(\d{0,30})\s*-\s*(\d{0,30})\s*", re.IGNORECASE)
_TYPES = {"mov": "video/mp4", "matroska": "video/x-matroska"}
_WEBM = {"vp8", "vp9", "av1", "libdav1d"}


class NoSuchRange(Exception):
    """The bytes asked for lie beyond the end."""


def asked_range(header: str | None, size: int) -> tuple[int, int] | None:
    """First and last byte of a single range; None for the whole (no range, or none that we read); NoSuchRange."""
    found = _RANGE.fullmatch(header or "")
    if found is None or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if not first:
        begin, end = max(0, size - int(last)), size - 1
    else:
        begin, end = int(first), min(int(last or size), size - 1)
        if last and int(last) < begin:
            return None
    if begin >= size:
        raise NoSuchRange
    return begin, end


class Bytes:
    """Bytes `first`..`last` of an open film, in pieces. Asks `still` at each portion and stops when it says no."""

    def __init__(self, film: SealedFile, first: int, last: int, still: Callable[[], bool]) -> None:
        self._film, self._at, self._end, self._still = film, first, last + 1, still

    def __iter__(self) -> Iterator[bytes]:
        self._film.seek(self._at)
        ask_at = self._at + PORTION
        while self._at < self._end:
            if self._at >= ask_at:
                if not self._still():
                    return
                ask_at += PORTION
            piece = self._film.read(min(PIECE - self._at % PIECE, self._end - self._at))
            self._at += len(piece or b"")
            yield piece or b""

    def close(self) -> None:
        self._film.close()


def play(request: HttpRequest, film: Film) -> HttpResponseBase:
    """Answers one request for bytes of `film`: 200, 206 or 416."""
    person: Person = request.user  # type: ignore[assignment]
    if not may_watch(person, film):
        raise NotAllowed("This film is not shared with you, or the family no longer agrees.")
    content = store.open_film(film.pk, store.WORKING if film.ready_at else "")
    try:
        return _answer(request, film, person, content)
    except BaseException:
        content.close()
        raise


def _answer(request: HttpRequest, film: Film, person: Person, content: SealedFile) -> HttpResponseBase:
    mark = f'"{film.pk}-{store.WORKING}"' if film.ready_at else f'"{film.pk}"'
    meant = request.method == "GET" and request.headers.get("If-Range", mark) == mark
    headers = {"Accept-Ranges": "bytes", "ETag": mark, "Cache-Control": "no-store", "Content-Type": _type(film)}
    try:
        span = asked_range(request.headers.get("Range") if meant else None, content.size)
    except NoSuchRange:
        content.close()
        return HttpResponse(status=416, headers=headers | {"Content-Range": f"bytes */{content.size}"})
    first, last = span or (0, content.size - 1)
    if span:
        last = min(last, first + PORTION - 1)
        headers["Content-Range"] = f"bytes {first}-{last}/{content.size}"
    headers["Content-Length"] = str(last - first + 1)
    status = 206 if span else 200
    if request.method == "HEAD":
        content.close()
        return HttpResponse(status=status, headers=headers)
    viewing = None if first == 0 else _opened_lately(person, film)
    if viewing is None:
        viewing = actions.note_viewing(by=person, film=film, of=content.size)
    actions.note_span(viewing=viewing, first=first, last=last)
    pieces = Bytes(content, first, last, lambda: _still(person, film))
    return StreamingHttpResponse(pieces, status=status, headers=headers)


def _type(film: Film) -> str:
    if film.ready_at:
        return "video/mp4"
    if film.facts["container"] == "matroska" and film.facts["video_codec"] in _WEBM:
        return "video/webm"
    return _TYPES[film.facts["container"]]


def _opened_lately(person: Person, film: Film) -> Viewing | None:
    since = clock.now() - timedelta(seconds=settings.SESSION_COOKIE_AGE)
    return Viewing.objects.filter(film=film, by=person, at__gte=since).order_by("-id").first()


def _still(person: Person, film: Film) -> bool:
    """Asked anew of the database, in the middle of an answer."""
    return may_watch(Person.objects.get(pk=person.pk), Film.objects.select_related("family").get(pk=film.pk))
