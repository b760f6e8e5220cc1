"""The door: who may open a page, how large a body it takes, and what no cache or search engine may keep."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest, PermissionDenied
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import get_template

from attunement.journey.people.models import Person
from attunement.journey.people.roles import BY_LINK, PUBLIC
from attunement.journey.trail.errors import NotAllowed, Refused

FAMILIES = ("/q/", "/c/")
Answer = Callable[[HttpRequest], HttpResponseBase]


class Door:
    """Asks every view for its declared right before it, or any part of an upload, is read.

    A cookie with a NUL is none of ours, and PostgreSQL could not look for it: it is dropped.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.COOKIES = {name: value for name, value in request.COOKIES.items() if "\0" not in value}
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        return response

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponseBase | None:
        right = getattr(view, "permission", None)
        if right is None:
            raise PermissionDenied("This page declares no permission.")
        if _body_length(request) > getattr(view, "largest_body", settings.DATA_UPLOAD_MAX_MEMORY_SIZE):
            return render(request, "413.html", status=413)
        if right in (PUBLIC, BY_LINK):
            return None
        if not isinstance(request.user, Person):
            return redirect_to_login(request.get_full_path())
        if not request.user.may(right):
            raise PermissionDenied
        take_in = getattr(view, "take_in", None)
        if take_in is not None and request.method == "POST":
            request.upload_handlers = take_in(request, **kwargs)
        return None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """An action's refusal that no view caught is a page with its sentence, never a traceback."""
        if isinstance(exception, NotAllowed):
            return render(request, "403.html", {"sentence": str(exception)}, status=403)
        if isinstance(exception, Refused):
            return render(request, "refused.html", {"sentence": str(exception)}, status=409)
        return None


def went_wrong(request: HttpRequest) -> HttpResponse:
    """The page for what no view caught. A full disk, or a database that has gone away, undid the action: that is said.

    It is made without the request, for whoever asked would have to be looked up in that database.
    """
    undone = isinstance(sys.exception(), OperationalError)
    page, status = ("503.html", 503) if undone else ("500.html", 500)
    return HttpResponse(get_template(page).render({"staff": not request.path.startswith(FAMILIES)}), status=status)


class SecondFactor:
    """Where the deployment asks for it, staff set up an authenticator app before anything else."""

    ALLOWED = ("/accounts/", "/static/")

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if settings.STAFF_TOTP and isinstance(request.user, Person) and not request.path.startswith(self.ALLOWED):
            from allauth.mfa.utils import is_mfa_enabled

            if not is_mfa_enabled(request.user):
                return redirect("mfa_activate_totp")
        return self.get_response(request)


def _body_length(request: HttpRequest) -> int:
    """The stated length of the body; one that is no number is refused (400) before anything tries to read by it."""
    stated = request.META.get("CONTENT_LENGTH") or "0"
    if not (stated.isascii() and stated.isdigit()):
        raise BadRequest("The length of the request is not a number.")
    return int(stated) if len(stated) < 19 else sys.maxsize
