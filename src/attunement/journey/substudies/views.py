from __future__ import annotations

import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from attunement.journey.arms.forms import AllocateForm, OpeningForm, TypedForm
from attunement.journey.people.models import Person
from attunement.journey.people.pages import act, one, press
from attunement.journey.people.permissions import page
from attunement.journey.referral.models import Family
from attunement.journey.substudies import actions, opening_actions, policies, queries
from attunement.journey.substudies.models import Scheme
from attunement.journey.trail.errors import Refused
from attunement.study.schema import Substudy


def _named(code: str) -> Substudy:
    try:
        return policies.in_force(code)
    except Refused:
        raise Http404 from None


def _file(content: bytes | str, kind: str, name: str) -> HttpResponse:
    return HttpResponse(content, headers={"Content-Type": kind, "Content-Disposition": f'attachment; filename="{name}"'})


@page("arms.lock")
def substudies(request: HttpRequest) -> HttpResponse:
    """Every sub-study with its scheme, who locked it, and how many families are in it. Never what it has drawn."""
    return render(request, "substudies/substudies.html", {
        "states": [queries.state_of(each) for each in queries.running()], "back_url": reverse("start")})


@page("arms.set_up")
def set_up(request: HttpRequest, substudy: str) -> HttpResponse:
    code = _named(substudy).code
    return press(request, lambda: actions.set_up(by=request.user, substudy=code), to=reverse("substudies"),
                 done="The scheme is set up. A second person locks it.")


@page("arms.lock")
def lock(request: HttpRequest, substudy: str) -> HttpResponse:
    """The second person's page: what will be locked, and the words to type."""
    person: Person = request.user  # type: ignore[assignment]
    state = queries.state_of(_named(substudy))
    if state.draft is None:
        return redirect("substudies")
    _scheme, words, foreseen = state.versions[0]
    form = TypedForm(f"lock {state.substudy.code} {state.draft.version}", request.POST or None)
    return act(request, form, lambda _given: actions.lock(by=person, substudy=state.substudy.code),
               to=reverse("substudies"), title=f"Lock the sub-study {state.substudy.code}", button="Lock this scheme",
               done="The scheme is locked. Take its certificate away.", template="substudies/lock.html",
               scheme=state.draft, words=words, foreseen=foreseen, substudy=state.substudy, back_url=reverse("substudies"))


@page("arms.lock")
def opening(request: HttpRequest, substudy: str) -> HttpResponse:
    """The end of a sub-study: one person proposes to open its seed, a second one agrees."""
    person: Person = request.user  # type: ignore[assignment]
    state = queries.state_of(_named(substudy))
    code, waiting = state.substudy.code, state.opening
    shown = {"template": "substudies/opening.html", "title": f"Open the seed of the sub-study {code}", "state": state,
             "to": reverse("open_substudy", args=[code]), "back_url": reverse("substudies")}
    if waiting is None:
        return act(request, OpeningForm(request.POST or None),
                   lambda given: opening_actions.propose(by=person, substudy=code, **given),
                   done="Proposed. A second person agrees to it.", button="Propose this", **shown)
    return act(request, TypedForm("i agree", request.POST or None),
               lambda _given: opening_actions.agree(by=person, substudy=code), done="Two people have agreed to it.",
               button="Agree", **shown)


@page("arms.list")
def log(request: HttpRequest, substudy: str) -> HttpResponse:
    """The opened log to take away; every download is in the trail."""
    code = _named(substudy).code
    return _file(opening_actions.export(by=request.user, substudy=code), "text/plain; charset=utf-8", f"{code}-log.txt")


@page("arms.lock")
def certificate(request: HttpRequest, substudy: str, version: int) -> HttpResponse:
    scheme = one(Scheme.objects.exclude(certificate=""), substudy=_named(substudy).code, version=version)
    content = opening_actions.certificate(by=request.user, scheme=scheme)
    return _file(content, "application/json", f"{scheme.substudy}-certificate-{version}.json")


@page("arms.allocate")
def allocate(request: HttpRequest, code: str, substudy: str) -> HttpResponse:
    """What is checked before a family is allocated in a sub-study, and the button once all of it holds."""
    person: Person = request.user  # type: ignore[assignment]
    family, asked = one(Family.visible_to(person, "arms.allocate"), code=code), _named(substudy)
    record, checks = reverse("family", args=[family.code]), list(policies.checks(family, asked))
    form = AllocateForm(request.POST or None, initial={"key": uuid.uuid4()}, asks=False)
    return act(request, form, lambda given: actions.allocate(by=person, family=family, substudy=asked.code,
                                                             key=str(given["key"])),
               to=record, title=f"Allocate family {family.code} in: {asked.title}", button="Allocate this family",
               done=f"Family {family.code} has been allocated in: {asked.title}", template="arms/allocate.html",
               family=family, checks=checks, ready=not any(check.reason for check in checks), back_url=record,
               allocated_on=queries.allocated_on(family).get(asked.code))
