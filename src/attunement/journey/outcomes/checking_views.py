"""The page on which a return is looked at: what to mend, what differs, and a named person's word that it may count."""

from __future__ import annotations

import io

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from attunement.journey.outcomes import actions, queries
from attunement.journey.outcomes.forms import ApproveForm, DatesForm
from attunement.journey.outcomes.models import Pending
from attunement.journey.outcomes.shown import tiers, unmapped
from attunement.journey.outcomes.views import attachment, sites_of
from attunement.journey.people.models import Person
from attunement.journey.people.pages import act, one, press
from attunement.journey.people.permissions import page
from attunement.records.corrections import corrections
from attunement.records.findings import grouped

MOST_CHANGES = 200


def _waiting(request: HttpRequest, site_code: str) -> Pending:
    person: Person = request.user  # type: ignore[assignment]
    return one(Pending.visible_to(person).select_related("site"), site__code=site_code)


@page("outcomes.supply")
def check(request: HttpRequest, site_code: str) -> HttpResponse:
    """The findings by tier and cause; once there is nothing to mend, the difference and the approval."""
    pending = _waiting(request, site_code)
    returned = queries.read_again(pending)
    changes = queries.differs(pending, returned) if returned.ok else []
    causes = grouped(returned.findings) if returned.ok else ()
    form = ApproveForm(causes, request.POST or None, initial={"sha256": pending.sha256})
    counts = {kind: sum(change.kind == kind for change in changes) for kind in ("added", "changed", "vanished")}
    return act(request, form, lambda given: actions.approve(by=request.user, pending=pending, sha256=given["sha256"],
                                                            explained=form.explained()),
               to=lambda extract: reverse("records_accepted", args=[extract.pk]),
               title=f"The return of {pending.site.name}", button="Approve: from now on these rows count",
               done="The return has been taken in.", template="outcomes/check.html", pending=pending, returned=returned,
               discard_url=reverse("records_discard", args=[site_code]),
               tiers=tiers(returned.findings), changes=changes[:MOST_CHANGES], counts=counts,
               more=max(0, len(changes) - MOST_CHANGES), before=queries.last_accepted(pending.site),
               unmapped=unmapped(pending), back_url=reverse("returns"),
               dates=DatesForm() if any(one.cause == "ambiguous" for one in returned.findings) else None)


@page("outcomes.supply")
def corrected_rows(request: HttpRequest, site_code: str) -> HttpResponse:
    """Only the rows that need a person, with what is expected."""
    pending = _waiting(request, site_code)
    content = io.BytesIO()
    corrections(content, pending.kept, queries.read_again(pending).findings)
    return attachment(content.getvalue(), f"corrections-{pending.site.code}.xlsx")


@page("outcomes.supply")
def dates(request: HttpRequest, site_code: str) -> HttpResponse:
    pending = _waiting(request, site_code)
    return press(request, lambda: actions.say_dates(by=request.user, pending=pending, dates=request.POST.get("dates", "")),
                 to=reverse("records_check", args=[site_code]), done="The dates have been read again.")


@page("outcomes.supply")
def spelling(request: HttpRequest, site_code: str) -> HttpResponse:
    site = one(sites_of(request.user), code=site_code)  # type: ignore[arg-type]
    given = {name: request.POST.get(name, "") for name in ("sheet", "column", "mark", "code")}
    waits = Pending.objects.filter(site=site).exists()
    return press(request, lambda: actions.map_spelling(by=request.user, site=site, **given),
                 to=reverse("records_check", args=[site_code]) if waits else reverse("returns"),
                 done="The table of spellings is changed, and the return is read again.")


@page("outcomes.supply")
def discard(request: HttpRequest, site_code: str) -> HttpResponse:
    pending = _waiting(request, site_code)
    return press(request, lambda: actions.discard(by=request.user, pending=pending), to=reverse("returns"),
                 done="The return has been thrown away. Nothing of it was taken in.")
