"""A questionnaire asked by telephone: one question a page, and at the end how long help took."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from attunement.journey.people.pages import act, one, press
from attunement.journey.people.permissions import page
from attunement.journey.referral.models import Family
from attunement.journey.surveys import actions, policies, queries
from attunement.journey.surveys.forms import HelpForm, Problem
from attunement.journey.surveys.models import Questionnaire
from attunement.journey.surveys.questions import SKIP, Question, asked, named, not_validated
from attunement.journey.trail.errors import Refused

MODE = "telephone"


@page("surveys.telephone")
def telephone(request: HttpRequest, code: str, point: str) -> HttpResponse:
    family = one(Family.visible_to(request.user, "surveys.telephone"), code=code)
    back = reverse("family_surveys", args=[code])
    if "begin" in request.POST:
        return press(request, lambda: actions.open_questionnaire(by=request.user, family=family, code=point),
                     to=request.path)
    paper = one(Questionnaire.visible_to(request.user, "surveys.telephone"), family=family, time_point=point)
    policies.can_answer(paper)
    following = queries.next_open(paper)
    if following is None:
        return act(request, HelpForm(request.POST or None), lambda given: actions.complete(
            by=request.user, questionnaire_id=paper.pk, mode=MODE, **given), to=back, button="Hand in",
            title="All questions are answered", done="The interview is handed in.", back_url=back)
    if request.method == "POST":
        return _take(request, paper, following)
    return _show(request, paper, following, queries.earlier(paper, following, request.GET.get("place", "")))


def _take(request: HttpRequest, paper: Questionnaire, following: Question) -> HttpResponse:
    shown = following
    try:
        shown = named(paper.study_version, paper.time_point, paper.language, request.POST.get("item", ""))
        if request.POST.get("go") == "back":
            return redirect(f"{request.path}?place={max(1, shown.place - 1)}")
        given = SKIP if request.POST.get("go") == "skip" else request.POST.get("value", "")
        actions.save_answer(by=request.user, questionnaire_id=paper.pk, instrument=shown.instrument, item=shown.item,
                            given=given, mode=MODE)
    except policies.Closed:
        raise
    except Refused as refusal:
        return _show(request, paper, following, shown, str(refusal))
    return redirect(request.path)


def _show(request: HttpRequest, paper: Questionnaire, following: Question, shown: Question,
          problem: str = "") -> HttpResponse:
    code, point = paper.family.code, paper.time_point
    return render(request, "surveys/telephone.html", {
        "family": paper.family, "question": shown, "following": following, "own": not_validated(point),
        "total": len(asked(paper.study_version, point, paper.language)), "form": Problem(problem) if problem else None,
        "language": paper.language, "back_url": reverse("family_surveys", args=[code])},
        status=422 if problem else 200)
