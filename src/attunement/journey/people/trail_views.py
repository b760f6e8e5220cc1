from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from attunement.journey.people.forms import TrailForm
from attunement.journey.people.models import Person
from attunement.journey.people.permissions import page
from attunement.journey.people.registry import trail_values
from attunement.journey.trail import queries


@page("trail.read")
def trail(request: HttpRequest) -> HttpResponse:
    """The audit trail, newest first, by kind of event, family, person, site and day. Masked readers see no arm in it."""
    person: Person = request.user  # type: ignore[assignment]
    form = TrailForm(request.GET)
    chosen = form.cleaned_data if form.is_valid() else {}
    arms = person.sites_with("arms.see") is None
    listed = Paginator(queries.matching(arms=arms, **chosen), 100).get_page(request.GET.get("page"))
    entries = list(listed)
    known = {number: value for values in trail_values for number, value in values(person, entries).items()}
    rows = [(entry, known.get(entry.number, "")) for entry in entries]
    return render(request, "trail/trail.html", {"listed": listed, "rows": rows, "form": form, "arms": arms})
