"""What every page knows."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from attunement.journey.people.models import Person
from attunement.journey.people.registry import menu
from attunement.journey.trail import versions


def page(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    known: dict[str, Any] = {"demonstration": settings.DEMONSTRATION}
    if isinstance(user, Person):
        known["study_name"] = versions.current().programme
        rights = user.rights()
        entries = [("Start", "start"), *((label, name) for right, label, name in menu if right in rights)]
        known["navigation"] = [{"url": url, "label": label, "current": request.path == url}
                               for label, url in ((label, reverse(name)) for label, name in entries)]
    return known
