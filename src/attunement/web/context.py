"""What every page knows."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from attunement.journey.people.models import Person
from attunement.journey.trail import versions


def page(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    known: dict[str, Any] = {"demonstration": settings.DEMONSTRATION}
    if isinstance(user, Person):
        known["study_name"] = versions.current().programme
        known["navigation"] = [{"url": reverse("start"), "label": "Start", "current": request.path == "/"}]
    return known
