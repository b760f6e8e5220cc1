from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from attunement.journey.outcomes import actions, queries
from attunement.journey.outcomes.forms import SupplyForm
from attunement.journey.outcomes.models import Extract
from attunement.journey.people.models import Person, Site
from attunement.journey.people.pages import one
from attunement.journey.people.permissions import page
from attunement.journey.trail.errors import Refused

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LARGEST = 20 * 1024 * 1024


def _sites(person: Person):  # type: ignore[no-untyped-def]
    codes = person.sites_with("outcomes.supply")
    return Site.objects.all() if codes is None else Site.objects.filter(code__in=codes)


@page("outcomes.supply")
def returns(request: HttpRequest) -> HttpResponse:
    """What is due, and what was taken in."""
    person: Person = request.user  # type: ignore[assignment]
    rows = [(site, len(queries.due(site)), Extract.visible_to(person).filter(site=site)) for site in _sites(person)]
    return render(request, "outcomes/returns.html", {"rows": rows})


@page("outcomes.supply")
def download(request: HttpRequest, site_code: str) -> HttpResponse:
    site = one(_sites(request.user), code=site_code)  # type: ignore[arg-type]
    content = actions.download(by=request.user, site=site)
    return HttpResponse(content, headers={"Content-Type": XLSX,
                                          "Content-Disposition": f'attachment; filename="records-{site.code}.xlsx"'})


@page("outcomes.supply", largest_body=LARGEST)
def supply(request: HttpRequest) -> HttpResponse:
    """Takes in a filled workbook, or shows every fault with its place."""
    person: Person = request.user  # type: ignore[assignment]
    form = SupplyForm(_sites(person), request.POST or None, request.FILES or None)
    shown: dict[str, object] = {"form": form, "title": "Send the filled workbook", "button": "Read the workbook"}
    if request.method == "POST" and form.is_valid():
        try:
            actions.supply(by=person, site=form.cleaned_data["site"], content=form.cleaned_data["workbook"].read())
        except Refused as refusal:
            form.add_error("workbook", str(refusal))
            shown["findings"] = getattr(refusal, "findings", ())
        else:
            return render(request, "outcomes/taken_in.html", {"back_url": reverse("returns")})
    return render(request, "outcomes/supply.html", shown, status=422 if form.errors else 200)
