from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from attunement.journey.people.models import Person
from attunement.journey.people.pages import act, one
from attunement.journey.people.permissions import page
from attunement.journey.people.registry import columns, panels
from attunement.journey.referral import actions
from attunement.journey.referral.forms import ChildForm, ReferralForm
from attunement.journey.referral.models import Child, Family
from attunement.journey.trail import versions

A_PAGE = 500


@page("referral.see")
def families(request: HttpRequest) -> HttpResponse:
    """The families that this person may see, with what each later stage knows of them."""
    person: Person = request.user  # type: ignore[assignment]
    listed = Paginator(Family.visible_to(person).prefetch_related("children"), A_PAGE).get_page(request.GET.get("page"))
    shown = [column for column in columns if person.may(column.right)]
    ids = [family.pk for family in listed]
    words = [(column.title, column.words(ids)) for column in shown]
    reasons = {rule.code: rule.reason for rule in versions.current().eligibility}
    rows = [(family, _children(family, reasons), [(title, known.get(family.pk, "")) for title, known in words])
            for family in listed]
    return render(request, "referral/families.html", {"rows": rows, "columns": shown, "listed": listed,
                                                      "may_refer": person.may("referral.refer")})


def _children(family: Family, reasons: dict[str, str]) -> str:
    return "; ".join(f"{child.letter}: {'eligible' if child.eligible else reasons.get(child.reason, child.reason)}"
                     for child in family.children.all())


@page("referral.refer")
def refer(request: HttpRequest) -> HttpResponse:
    person: Person = request.user  # type: ignore[assignment]
    form = ReferralForm(person, request.POST or None)
    return act(request, form, lambda _given: actions.refer(by=person, **form.facts()), to=_record_of_child,
               title="Refer a family", button="Refer this family", done="The referral is recorded.")


@page("referral.refer")
def sibling(request: HttpRequest, code: str) -> HttpResponse:
    family = one(Family.visible_to(request.user, "referral.refer"), code=code)
    form = ChildForm(request.POST or None)
    return act(request, form, lambda _given: actions.refer_sibling(by=request.user, family=family, **form.facts()),
               to=_record_of_child, title=f"A further child of family {family.code}", button="Add this child")


def _record_of_child(child: Child) -> str:
    return reverse("family", args=[child.family.code])


@page("referral.see")
def record(request: HttpRequest, code: str) -> HttpResponse:
    """A family's record: each stage adds its panel, and what this person may do now."""
    person: Person = request.user  # type: ignore[assignment]
    family = one(Family.visible_to(person), code=code)
    shown = [panel for make in panels if (panel := make(person, family)) is not None]
    return render(request, "referral/record.html", {"family": family, "panels": shown, "back_url": reverse("families")})
