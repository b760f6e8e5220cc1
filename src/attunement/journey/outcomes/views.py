from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from attunement.journey.outcomes import actions, queries
from attunement.journey.outcomes.forms import SupplyForm
from attunement.journey.outcomes.models import Extract, Pending
from attunement.journey.people.models import Person, Site
from attunement.journey.people.pages import act, one
from attunement.journey.people.permissions import page

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LARGEST = 20 * 1024 * 1024


def sites_of(person: Person, right: str = "outcomes.supply"):  # type: ignore[no-untyped-def]
    codes = person.sites_with(right)
    return Site.objects.all() if codes is None else Site.objects.filter(code__in=codes)


def attachment(content: bytes | str, name: str, kind: str = XLSX) -> HttpResponse:
    return HttpResponse(content, headers={"Content-Type": kind, "Content-Disposition": f'attachment; filename="{name}"'})


@page("outcomes.supply")
def returns(request: HttpRequest) -> HttpResponse:
    """What is due, what waits to be mended or approved, and what was taken in."""
    person: Person = request.user  # type: ignore[assignment]
    rows = [(site, queries.due(site), Pending.visible_to(person).filter(site=site).first(),
             Extract.visible_to(person).filter(site=site)) for site in sites_of(person)]
    return render(request, "outcomes/returns.html", {"rows": rows})


@page("outcomes.supply")
def download(request: HttpRequest, site_code: str) -> HttpResponse:
    site = one(sites_of(request.user), code=site_code)  # type: ignore[arg-type]
    return attachment(actions.download(by=request.user, site=site), f"records-{site.code}.xlsx")


@page("outcomes.supply")
def download_set(request: HttpRequest, site_code: str) -> HttpResponse:
    site = one(sites_of(request.user), code=site_code)  # type: ignore[arg-type]
    return attachment(actions.download_set(by=request.user, site=site), f"records-{site.code}.zip", "application/zip")


@page("outcomes.sheet")
def own_sheet(request: HttpRequest, site_code: str) -> HttpResponse:
    """The authority's own sheet, to be filled with its child ids and kept inside."""
    site = one(sites_of(request.user, "outcomes.sheet"), code=site_code)  # type: ignore[arg-type]
    return attachment(queries.own_sheet(site), f"own-sheet-{site.code}.csv", "text/csv; charset=utf-8")


@page("outcomes.supply", largest_body=LARGEST)
def supply(request: HttpRequest) -> HttpResponse:
    """Reads what is sent; what it says is shown on the next page, and nothing counts yet."""
    person: Person = request.user  # type: ignore[assignment]
    form = SupplyForm(sites_of(person), request.POST or None, request.FILES or None)

    def read(given: dict[str, object]) -> Pending:
        files = [(one.name or "", one.read()) for one in given["workbook"]]  # type: ignore[attr-defined]
        return actions.supply(by=person, site=given["site"], content=files, drop_columns=given["columns"] == "drop")

    return act(request, form, read, to=lambda pending: reverse("records_check", args=[pending.site.code]),
               title="Send the filled workbook", button="Read the workbook", template="outcomes/supply.html")


@page("outcomes.supply")
def accepted(request: HttpRequest, extract_id: int) -> HttpResponse:
    """A return that was taken in: each child's outcomes, with the rows that they rest on."""
    extract = one(Extract.visible_to(request.user), pk=extract_id)  # type: ignore[arg-type]
    outcomes = extract.outcomes.select_related("child__family__site").order_by("child__family__code")
    return render(request, "outcomes/accepted.html", {"extract": extract, "outcomes": outcomes,
                                                      "back_url": reverse("returns")})
