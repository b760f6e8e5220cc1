"""A questionnaire that staff enter: by telephone, through an interpreter, for somebody, from paper. One question a page,
and at the end how long help took and why."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from attunement.journey.people.pages import act, one, press
from attunement.journey.people.permissions import page
from attunement.journey.referral.models import Family
from attunement.journey.surveys import actions, policies, queries
from attunement.journey.surveys.forms import HelpForm, Problem
from attunement.journey.surveys.models import HELPERS, MODES, Questionnaire
from attunement.journey.surveys.questions import SKIP, Question, asked, named, not_validated
from attunement.journey.trail import clock
from attunement.journey.trail.errors import Refused

ENTERED = {mode: words for mode, words in MODES if mode not in ("self", "visit")}


def how(request: HttpRequest) -> dict[str, str]:
    """The mode and the helper that this entry goes by, as the page carries them along."""
    mode, helper = (request.POST.get(name, "") or request.GET.get(name, "") for name in ("mode", "helper"))
    return {"mode": mode if mode in ENTERED else "telephone", "helper": helper if helper in dict(HELPERS) else ""}


def here(request: HttpRequest, **more: int) -> str:
    return f"{request.path}?{urlencode({**how(request), **more})}"


@page("surveys.telephone")
def telephone(request: HttpRequest, code: str, point: str) -> HttpResponse:
    family = one(Family.visible_to(request.user, "surveys.telephone"), code=code)
    back = reverse("family_surveys", args=[code])
    if "begin" in request.POST:
        return press(request, lambda: actions.open_questionnaire(by=request.user, family=family, code=point),
                     to=here(request))
    paper = one(Questionnaire.visible_to(request.user, "surveys.telephone"), family=family, time_point=point)
    policies.can_answer(paper)
    following = queries.next_open(paper)
    if following is None:
        return _hand_in(request, paper, back)
    if request.method == "POST":
        return _take(request, paper, following)
    return _show(request, paper, following, queries.earlier(paper, following, request.GET.get("place", "")))


def _hand_in(request: HttpRequest, paper: Questionnaire, back: str) -> HttpResponse:
    mode, helper = how(request).values()
    form = HelpForm(request.POST if "help_minutes" in request.POST else None, initial={"helper": helper})
    return act(request, form, lambda given: actions.complete(
        by=request.user, questionnaire_id=paper.pk, mode=mode, **given), to=back, title="All questions are answered",
        button="Hand in", done="The answers are handed in.", back_url=back)


def _take(request: HttpRequest, paper: Questionnaire, following: Question) -> HttpResponse:
    shown = following
    try:
        shown = named(paper.study_version, paper.time_point, paper.language, request.POST.get("item", ""))
        if request.POST.get("go") == "back":
            return redirect(here(request, place=max(1, shown.place - 1)))
        given = SKIP if request.POST.get("go") == "skip" else request.POST.get("value", "")
        seen = request.POST.get("seen", "")
        actions.save_answer(by=request.user, questionnaire_id=paper.pk, instrument=shown.instrument, item=shown.item,
                            given=given, seen=int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 16 else None,
                            **how(request))
    except policies.Closed:
        raise
    except Refused as refusal:
        return _show(request, paper, following, shown, str(refusal))
    return redirect(here(request))


def _show(request: HttpRequest, paper: Questionnaire, following: Question, shown: Question,
          problem: str = "") -> HttpResponse:
    code, point = paper.family.code, paper.time_point
    return render(request, "surveys/telephone.html", {
        "family": paper.family, "question": shown, "following": following, "own": not_validated(point),
        **how(request), "words": ENTERED[how(request)["mode"]], "now": f"{clock.now().timestamp() * 1000:.0f}",
        "total": len(asked(paper.study_version, point, paper.language)), "form": Problem(problem) if problem else None,
        "language": paper.language, "back_url": reverse("family_surveys", args=[code])},
        status=422 if problem else 200)
