from __future__ import annotations

import uuid

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from attunement.journey.arms import actions, policies, queries
from attunement.journey.arms.forms import LevelsForm, TypedForm
from attunement.journey.arms.models import Allocation, Scheme
from attunement.journey.people.models import Person
from attunement.journey.people.pages import act, one, press
from attunement.journey.people.permissions import page
from attunement.journey.referral.models import Family

A_PAGE = 500


@page("arms.lock")
def scheme(request: HttpRequest) -> HttpResponse:
    """The allocation scheme: what it is, of a draft how far it can be guessed, who locked it. Never what it has drawn."""
    found = Scheme.objects.select_related("set_up_by", "locked_by").defer("sealed_seed").order_by("-version")
    versions = [(each, queries.in_words(each), "" if each.locked_at else queries.foreseen(each)) for each in found]
    changed, unusable = queries.waiting_change()
    return render(request, "arms/scheme.html", {"versions": versions, "changed": changed, "unusable": unusable,
                                                "back_url": reverse("start")})


@page("arms.set_up")
def set_up(request: HttpRequest) -> HttpResponse:
    return press(request, lambda: actions.set_up(by=request.user), to=reverse("scheme"),
                 done="The scheme is set up. A second person locks it.")


@page("arms.lock")
def lock(request: HttpRequest) -> HttpResponse:
    """The second person's page: what will be locked, and the words to type."""
    person: Person = request.user  # type: ignore[assignment]
    draft = Scheme.objects.filter(locked_at=None).select_related("set_up_by").order_by("-version").first()
    if draft is None:
        return redirect("scheme")
    form = TypedForm(f"lock version {draft.version}", request.POST or None)
    return act(request, form, lambda _given: actions.lock(by=person), to=reverse("recovery"), button="Lock this scheme",
               title=f"Lock version {draft.version} of the scheme", template="arms/lock.html", scheme=draft,
               done="The scheme is locked. Take its certificate away, and print the recovery shares.",
               words=queries.in_words(draft), foreseen=queries.foreseen(draft), back_url=reverse("scheme"))


@page("arms.list")
def allocations(request: HttpRequest) -> HttpResponse:
    """Every allocation with its place and arm. Opening a page of it is one reading, and recorded as one."""
    person: Person = request.user  # type: ignore[assignment]
    found = Allocation.visible_to(person, "arms.list").order_by("at", "id").select_related(
        "family__site", "stratum__scheme", "allocated_by")
    listed = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    rows = actions.read_list(by=person, allocations=listed)
    return render(request, "arms/allocations.html", {"rows": rows, "listed": listed, "back_url": reverse("scheme")})


@page("arms.allocate")
def allocate(request: HttpRequest, code: str) -> HttpResponse:
    """What is checked before a family is allocated, and the button once all of it holds."""
    person: Person = request.user  # type: ignore[assignment]
    family = one(Family.visible_to(person, "arms.allocate"), code=code)
    record = reverse("family", args=[family.code])
    checks, asked = list(policies.checks(family)), queries.asked_factors()
    warnings, questions = policies.warned_of(family), policies.questions()
    form = LevelsForm(asked, request.POST or None, initial={"key": uuid.uuid4()}, warned=bool(warnings),
                      asks=bool(questions))
    return act(request, form, lambda given: actions.allocate(
                   by=person, family=family, levels={each.code: given[each.code] for each in asked}, **form.facts()),
               to=record, title=f"Allocate family {family.code}", button="Allocate this family",
               done=f"Family {family.code} has been allocated.", template="arms/allocate.html", family=family,
               checks=checks, ready=not any(check.reason for check in checks), back_url=record, warnings=warnings,
               questions=questions, allocated_on=queries.allocated_on(family), by_rule=policies.allocates_by_rule())
