"""The tus 1.0 protocol, thinly: how films come in over connections that break. What counts is sealed and on the disk."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from django.urls import reverse
from django.utils.http import http_date
from django.views.decorators.http import require_http_methods

from attunement.film.sealed import CHUNK, SealedError
from attunement.journey.films import incoming, permissions, policies, upload_actions
from attunement.journey.films.models import CAME_FROM, Upload
from attunement.journey.films.store import not_stored
from attunement.journey.people.pages import one
from attunement.journey.people.permissions import page
from attunement.journey.trail import clock
from attunement.journey.trail.errors import Refused

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,creation-defer-length,checksum,termination,expiration"
SUMS: dict[str, Callable[[], Any]] = {"sha1": hashlib.sha1, "sha256": hashlib.sha256}
BYTES = "application/offset+octet-stream"
_LONGEST_NUMBER = 16


class Answer(Exception):
    """A request that the protocol answers with this status."""

    def __init__(self, status: int, said: str = "", **headers: str) -> None:
        super().__init__(said)
        self.response = HttpResponse(said, status=status, content_type="text/plain; charset=utf-8",
                                     headers={name.replace("_", "-"): value for name, value in headers.items()})


def tus(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The protocol's frame: the method's override, and faults as statuses."""

    @wraps(view)
    def framed(request: HttpRequest, **which: Any) -> HttpResponse:
        method = request.headers.get("X-HTTP-Method-Override", "").upper()
        if request.method == "POST" and method in ("PATCH", "DELETE", "HEAD"):
            request.method = method
        try:
            response = view(request, **which)
        except Answer as answer:
            response = answer.response
        except incoming.Busy:
            response = Answer(423, "Another request is sending to this film.").response
        except Refused as refusal:
            response = Answer(403, str(refusal)).response
        except FileNotFoundError:
            response = Answer(410, "This upload is over.").response
        except OSError as error:
            response = Answer(507, not_stored(error)).response
        except SealedError as error:
            response = Answer(500, str(error)).response
        response["Tus-Resumable"] = VERSION
        response["Cache-Control"] = "no-store"
        return response

    return framed


@page("films.add", largest_body=settings.MAX_FILM_BYTES)
@require_http_methods(["OPTIONS", "POST", "GET"])
@tus
def uploads(request: HttpRequest, session_id: int) -> HttpResponse:
    """POST begins an upload to a session of the own caseload; OPTIONS says what is spoken; GET lists what is on its way."""
    session = one(permissions.own_sessions(request.user), pk=session_id)
    _speaks(request)
    if request.method == "OPTIONS":
        return HttpResponse(status=204, headers={
            "Tus-Version": VERSION, "Tus-Extension": EXTENSIONS, "Tus-Max-Size": str(settings.MAX_FILM_BYTES),
            "Tus-Checksum-Algorithm": ",".join(SUMS)})
    if request.method == "GET":
        raise Answer(405, "Films are listed on the session's page.", Allow="OPTIONS, POST")
    about = _metadata(request.headers.get("Upload-Metadata", ""))
    came_from = about.get("from", "gallery")
    upload = upload_actions.begin_upload(
        by=request.user, session=session, length=_length(request),  # type: ignore[arg-type]
        reaffirmed=about.get("agreed") == "yes", only_family=about.get("others") != "yes",
        came_from=came_from if came_from in dict(CAME_FROM) else "gallery")
    headers = {"Location": reverse("upload", args=[upload.pk]), "Upload-Expires": http_date(upload.until.timestamp())}
    if request.headers.get("Content-Type") == BYTES and request.META.get("CONTENT_LENGTH") not in (None, "", "0"):
        headers["Upload-Offset"] = str(_take(request, upload, 0))
    return HttpResponse(status=201, headers=headers)


@page("films.add", largest_body=settings.MAX_FILM_BYTES)
@require_http_methods(["OPTIONS", "HEAD", "PATCH", "DELETE", "POST", "GET"])
@tus
def upload(request: HttpRequest, upload_id: UUID) -> HttpResponse:
    """HEAD tells how much is here, PATCH adds to it, DELETE gives it up."""
    found = one(Upload.visible_to(request.user), pk=upload_id)  # type: ignore[arg-type]
    _speaks(request)
    if request.method == "OPTIONS":
        return HttpResponse(status=204, headers={"Tus-Version": VERSION, "Tus-Extension": EXTENSIONS,
                                                 "Tus-Max-Size": str(settings.MAX_FILM_BYTES)})
    act = {"HEAD": _tell, "PATCH": _patch, "DELETE": _give_up}.get(request.method or "")
    if act is None:
        raise Answer(405, Allow="OPTIONS, HEAD, PATCH, DELETE")
    return act(request, found)


def _speaks(request: HttpRequest) -> None:
    """Asked when it is known that the address is this person's: to all others it is not there."""
    if request.method not in ("OPTIONS", "GET") and request.headers.get("Tus-Resumable") != VERSION:
        raise Answer(412, "This server speaks tus 1.0.0.", Tus_Version=VERSION)


def _tell(_request: HttpRequest, upload: Upload) -> HttpResponse:
    if upload.state == "kept":
        return _told(upload, upload.length or 0)
    _still_open(upload)
    return _told(upload, incoming.arrived(upload.pk))


def _told(upload: Upload, offset: int) -> HttpResponse:
    length = {"Upload-Defer-Length": "1"} if upload.length is None else {"Upload-Length": str(upload.length)}
    return HttpResponse(status=200, headers={"Upload-Offset": str(offset), **length,
                                             "Upload-Expires": http_date(upload.until.timestamp())})


def _patch(request: HttpRequest, upload: Upload) -> HttpResponse:
    if request.headers.get("Content-Type") != BYTES:
        raise Answer(415, f"Send the bytes as {BYTES}.")
    offset = _number(request.headers.get("Upload-Offset"))
    if offset is None:
        raise Answer(400, "Upload-Offset must be a whole number.")
    if upload.state == "kept":
        raise Answer(409, "All of this film is here.", Upload_Offset=str(upload.length))
    _still_open(upload)
    policies.can_add(upload.session)
    if "Upload-Length" in request.headers:
        said = _length(request) or 0
        if upload.length is None:
            upload_actions.say_length(by=request.user, upload=upload, length=said)  # type: ignore[arg-type]
        elif upload.length != said:
            raise Answer(400, "The length of this film was said already.")
    now_here = _take(request, upload, offset)
    return HttpResponse(status=204, headers={
        "Upload-Offset": str(now_here), "Upload-Expires": http_date(_until(upload).timestamp())})


def _give_up(request: HttpRequest, upload: Upload) -> HttpResponse:
    if upload.state == "kept":
        raise Answer(403, "This film is kept. Its family can have it deleted.")
    _still_open(upload)
    upload_actions.end_upload(by=request.user, upload=upload)  # type: ignore[arg-type]
    return HttpResponse(status=204)


def _take(request: HttpRequest, upload: Upload, offset: int) -> int:
    """Adds the request's body at `offset`; how much is here then. A broken connection leaves what came, unless a sum
    was promised for the whole."""
    algorithm, wanted = _sum(request.headers.get("Upload-Checksum"))
    coming = int(request.META.get("CONTENT_LENGTH") or 0)
    with incoming.turn(upload.pk) as mine:
        if mine.pieces.size != offset:
            raise Answer(409, "This is not where the film goes on.", Upload_Offset=str(mine.pieces.size))
        if offset + coming > _room(upload):
            raise Answer(413, "This is more than the film was said to hold.")
        found, came = SUMS[algorithm]() if algorithm else None, 0
        try:
            while came < coming and (block := _read(request, min(CHUNK, coming - came))):
                mine.add(block, provisional=found is not None)
                came += len(block)
                if found:
                    found.update(block)
        except OSError:
            if found:
                mine.drop_from(offset)
            raise
        if found and (came < coming or found.digest() != wanted):
            mine.drop_from(offset)
            raise Answer(460, "The sum does not fit these bytes. Send them again.", Upload_Offset=str(offset))
        here = mine.settle(confirmed=found is not None)
    upload_actions.live_longer(upload)
    return here


def _read(request: HttpRequest, most: int) -> bytes:
    """The next bytes, up to a whole piece; none when the connection has broken."""
    block = b""
    try:
        while len(block) < most and (more := request.read(most - len(block))):
            block += more
    except (UnreadablePostError, ConnectionError):
        return block
    return block


def _room(upload: Upload) -> int:
    return upload.length if upload.length is not None else settings.MAX_FILM_BYTES


def _still_open(upload: Upload) -> None:
    if upload.state != "arriving" or upload.until <= clock.now():
        raise Answer(410, upload.fault or "This upload is over.")


def _until(upload: Upload) -> datetime:
    return Upload.objects.values_list("until", flat=True).get(pk=upload.pk).astimezone(UTC)


def _length(request: HttpRequest) -> int | None:
    """The stated length; None when it is deferred."""
    length, deferred = request.headers.get("Upload-Length"), request.headers.get("Upload-Defer-Length")
    if (length is None) == (deferred is None) or deferred not in (None, "1"):
        raise Answer(400, "Say either Upload-Length or Upload-Defer-Length: 1.")
    number = _number(length) if length is not None else None
    if length is not None and number is None:
        raise Answer(400, "Upload-Length must be a whole number.")
    if number is not None and number > settings.MAX_FILM_BYTES:
        raise Answer(413, policies.TOO_LARGE)
    return number


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER else None


def _sum(header: str | None) -> tuple[str, bytes]:
    if header is None:
        return "", b""
    algorithm, _space, text = header.partition(" ")
    try:
        wanted = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise Answer(400, "Upload-Checksum cannot be read.") from None
    if algorithm not in SUMS or not wanted:
        raise Answer(400, f"Upload-Checksum takes {', '.join(SUMS)}.")
    return algorithm, wanted


def _metadata(header: str) -> dict[str, str]:
    """Known words only; a file's name is neither read nor kept."""
    found = {}
    for pair in header.split(","):
        name, _space, value = pair.strip().partition(" ")
        if name in ("agreed", "from", "others"):
            try:
                found[name] = base64.b64decode(value, validate=True).decode()
            except (binascii.Error, UnicodeDecodeError):
                raise Answer(400, "Upload-Metadata cannot be read.") from None
    return found
