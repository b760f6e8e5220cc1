from __future__ import annotations

from django.core.paginator import Paginator
from django.forms.models import model_to_dict
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from attunement.journey.people.models import Person
from attunement.journey.people.pages import act, one
from attunement.journey.people.permissions import page
from attunement.journey.people.registry import columns, panels
from attunement.journey.referral import actions, queries
from attunement.journey.referral.forms import (
    AgreementForm,
    AnewForm,
    ChildForm,
    ContactForm,
    NotApproachedForm,
    ReferralForm,
)
from attunement.journey.referral.models import Child, Contact, Family
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


@page("referral.contact")
def contact(request: HttpRequest, code: str) -> HttpResponse:
    """How the family is reached, and how it is safe to."""
    person: Person = request.user  # type: ignore[assignment]
    family = one(Family.visible_to(person, "referral.contact"), code=code)
    known = Contact.visible_to(person, "referral.contact").filter(family=family).first()
    form = ContactForm(request.POST or None, initial=model_to_dict(known) if known else {})
    return act(request, form, lambda _given: actions.change_contact(by=person, family=family, **form.contact()),
               to=reverse("family", args=[code]), title=f"How to reach family {code}", button="Keep this",
               done="It is kept.", back_url=reverse("family", args=[code]))


@page("referral.refer")
def agreement(request: HttpRequest, code: str) -> HttpResponse:
    """The family's answer to whether the study may get in touch."""
    family = one(Family.visible_to(request.user, "referral.refer"), code=code)
    return act(request, AgreementForm(request.POST or None), lambda given: actions.answer_to_contact(
        by=request.user, family=family, agreed=given["agreed"] == "yes"), to=reverse("family", args=[code]),
        title=f"What family {code} said", button="Record this", done="What the family said is recorded.",
        intro="If they say no, their name, contact and the child's date of birth are erased at once.",
        back_url=reverse("family", args=[code]))


@page("referral.refer")
def not_approached(request: HttpRequest) -> HttpResponse:
    """Monthly counts of families that were looked at and not asked."""
    person: Person = request.user  # type: ignore[assignment]
    reasons = {known.code: known.reason for known in versions.current().not_approached}
    counts = [(count, reasons.get(count.reason, count.reason)) for count in queries.not_approached(person)]
    return render(request, "referral/not_approached.html", {"counts": counts, "back_url": reverse("start")})


@page("referral.refer")
def count_not_approached(request: HttpRequest) -> HttpResponse:
    person: Person = request.user  # type: ignore[assignment]
    form = NotApproachedForm(person, request.POST or None)
    return act(request, form, lambda given: actions.count_not_approached(by=person, **given),
               to=reverse("not_approached"), title="Families that were not asked", button="Keep this count",
               done="The count is kept.", back_url=reverse("not_approached"))


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
    form = (AnewForm if family.erased else ChildForm)(request.POST or None)
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
