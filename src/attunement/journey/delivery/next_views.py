"""What comes next after a draw, for the coordinator."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from attunement.journey.arms.actions import read_arms
from attunement.journey.delivery import next_actions, queries
from attunement.journey.delivery.forms import OwnWorkerForm, ToldForm
from attunement.journey.people.models import Person
from attunement.journey.people.pages import act, one
from attunement.journey.people.permissions import page
from attunement.journey.referral.models import Family
from attunement.journey.trail import versions


@page("delivery.assign")
def next_steps(request: HttpRequest) -> HttpResponse:
    """Families that were drawn: whom to tell, and who waits for a practitioner. Opening it is one reading of arms."""
    person: Person = request.user  # type: ignore[assignment]
    steps = list(queries.next_steps(person))
    arms = read_arms(by=person, families=[step.family for step in steps], why="what comes next")
    names = {arm.code: arm.name for arm in versions.current().arms}
    rows = [(step, names.get(arms.get(step.family_id, ""), ""), step.receives and not step.family.assignments.all())
            for step in steps]
    return render(request, "delivery/next_steps.html", {"rows": rows, "back_url": reverse("start")})


@page("delivery.assign")
def told(request: HttpRequest, code: str) -> HttpResponse:
    """The day on which the family was told, whichever arm it is in."""
    family = one(Family.visible_to(request.user, "delivery.assign"), code=code)  # type: ignore[arg-type]
    return act(request, ToldForm(request.POST or None), lambda given: next_actions.tell(
        by=request.user, family=family, **given), to=reverse("next_steps"), title=f"Family {code} was told",
        button="Record this", done="It is recorded that the family was told.", back_url=reverse("next_steps"),
        intro="Tell the family what it is offered. Both groups are told in the same way.")


@page("delivery.assign")
def own_worker(request: HttpRequest, code: str) -> HttpResponse:
    """Is the family's own worker a practitioner? Asked in both arms."""
    family = one(Family.visible_to(request.user, "delivery.assign"), code=code)  # type: ignore[arg-type]
    known = getattr(family, "own_worker", None)
    form = OwnWorkerForm(family.site, known, request.POST or None)
    return act(request, form, lambda _given: next_actions.record_own_worker(by=request.user, family=family, **form.facts()),
               to=reverse("family", args=[code]), title=f"The own worker of family {code}", button="Record this",
               done="It is recorded.", back_url=reverse("family", args=[code]))
