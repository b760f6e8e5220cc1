"""The lock's pages: where it stands, the step that comes next, the report on scrambled groups, and the editions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from attunement.journey.oversight import lock_actions, stepping
from attunement.journey.oversight import lock_forms as forms
from attunement.journey.oversight.models import Lock, PlanLock
from attunement.journey.oversight.steps import KINDS, following
from attunement.journey.oversight.views import REPORT_STYLE
from attunement.journey.people.models import Person
from attunement.journey.people.pages import act, one, press
from attunement.journey.people.permissions import need, page

# Steps with a page of their own; the others are a button. Those of a snapshot are on its own addresses.
ASKED: dict[str, tuple[type[Form], Callable[..., Any]]] = {
    "cut": (forms.CutForm, lock_actions.cut), "review": (forms.MinutesForm, lock_actions.hold_blind_review),
    "draft": (forms.DraftForm, lock_actions.draft), "reviewed": (forms.OutcomeOfReviewForm, lock_actions.review_draft)}
PRESSED: dict[str, Callable[..., Any]] = {
    "queries": lock_actions.close_queries, "frozen": lock_actions.freeze, "run": lock_actions.run,
    "results": lock_actions.store_results, "rerun": lock_actions.rerun, "final": lock_actions.finish}
ELSEWHERE = {"key": "release", "report": "build_report"}


@page("oversight.report")
def locks(request: HttpRequest) -> HttpResponse:
    """Every lock with its last step, and the way to begin one."""
    person: Person = request.user  # type: ignore[assignment]
    rows = [(lock, KINDS[lock.last.code].title if lock.last else "") for lock in Lock.objects.select_related("plan")]
    return render(request, "oversight/locks.html", {"rows": rows, "may_begin": person.may("oversight.lock"),
                                                    "plan": PlanLock.objects.last()})


@page("oversight.lock")
def begin(request: HttpRequest) -> HttpResponse:
    return press(request, lambda: lock_actions.begin(by=request.user), to=_to_its_page, done="The lock has begun.")


@page("oversight.report")
def lock(request: HttpRequest, lock_id: int) -> HttpResponse:
    """Where the lock stands: its steps, whether their chain holds, what comes next and who takes it."""
    person: Person = request.user  # type: ignore[assignment]
    found = one(Lock.objects.select_related("plan", "snapshot"), pk=lock_id)
    works = person.may("oversight.lock") or person.may("oversight.analyse")
    steps = list(found.steps.select_related("by"))
    codes = {step.code for step in steps}
    # Before the release a hash of what holds the arms is for those alone who run the trial.
    hashes = person.may("oversight.lock") or person.may("arms.see") or "key" in codes
    rows = [(step, KINDS[step.code], _said(step.said) if works else []) for step in steps]
    return render(request, "oversight/lock.html", {
        "lock": found, "rows": rows, "hashes": hashes, "broken": stepping.broken(found), "works": works,
        "nexts": [(kind, _address(found, kind.code), person.may(kind.right), kind.code in ASKED)
                  for kind in following(steps[-1].code if steps else None)],
        "scrambled": works and "queries" in codes, "editions": found.editions.all()})


@page("oversight.report")
def step(request: HttpRequest, lock_id: int, code: str) -> HttpResponse:
    """Takes a step: a form where it asks for something, else a button. The action asks for its right."""
    found = one(Lock.objects.all(), pk=lock_id)
    if code in PRESSED:
        return press(request, lambda: PRESSED[code](by=request.user, lock=found), to=reverse("lock", args=[lock_id]),
                     done=f"{KINDS[code].title}: done and signed.")
    if code not in ASKED:
        raise Http404
    kind, (form, do) = KINDS[code], ASKED[code]
    need(request.user, kind.right)
    return act(request, form(request.POST or None, request.FILES or None),
               lambda given: do(by=request.user, lock=found, **given), to=reverse("lock", args=[lock_id]),
               title=kind.title, intro=kind.says, button=kind.button, done=f"{kind.title}: done and signed.",
               back_url=reverse("lock", args=[lock_id]))


@page("oversight.analyse")
def scrambled(request: HttpRequest, lock_id: int) -> HttpResponse:
    """The report on made-up groups that the blind review looks at."""
    found = one(Lock.objects.filter(steps__code="queries").distinct(), pk=lock_id)
    return _file(found.path / "scrambled" / "report.html")


@page("oversight.report")
def edition(request: HttpRequest, lock_id: int, number: int) -> HttpResponse:
    """A draft or the final report as it went out."""
    return _file(one(one(Lock.objects.all(), pk=lock_id).editions.all(), number=number).path / "report.html")


def _file(path: Any) -> HttpResponse:
    if not path.is_file():
        raise Http404
    return HttpResponse(path.read_bytes(), headers={"Content-Security-Policy": REPORT_STYLE})


def _to_its_page(made: Lock | None) -> str:
    return reverse("lock", args=[made.pk]) if made else reverse("locks")


def _address(found: Lock, code: str) -> str:
    if code in ELSEWHERE:
        assert found.snapshot is not None
        return reverse(ELSEWHERE[code], args=[found.snapshot.name])
    return reverse("lock_step", args=[found.pk, code])


def _said(said: dict[str, Any]) -> list[tuple[str, Any]]:
    return [(name.replace("_", " ").capitalize(), told) for name, told in said.items() if told != "" and name != "minutes"]
