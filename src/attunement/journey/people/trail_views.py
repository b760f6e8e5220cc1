from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from attunement.journey.people.permissions import page
from attunement.journey.trail import queries

FILTERS = ("verb", "family", "who", "site")


@page("trail.read")
def trail(request: HttpRequest) -> HttpResponse:
    """The audit trail, newest first, by kind of event, family, person and site."""
    chosen = {name: request.GET.get(name, "").strip() for name in FILTERS}
    listed = Paginator(queries.matching(**chosen), 100).get_page(request.GET.get("page"))
    return render(request, "trail/trail.html", {"listed": listed, "chosen": chosen})
