"""What a family sees of a questionnaire, on its own link: one question at a time, and never an earlier answer."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _

from attunement.journey.consent.by_link import by_link, closed
from attunement.journey.consent.models import Link
from attunement.journey.surveys import actions, policies, queries
from attunement.journey.surveys.forms import Problem
from attunement.journey.surveys.models import Questionnaire
from attunement.journey.surveys.questions import SKIP, Question, asked, module_of, named
from attunement.journey.trail.errors import NotAllowed, Refused

View = Callable[..., HttpResponse]


def told(_request: HttpRequest, sentence: str, status: int = 410) -> HttpResponse:
    """What the script is told when nothing was saved."""
    return JsonResponse({"problem": sentence}, status=status)


def on_paper(say: Callable[[HttpRequest, str], HttpResponse] = closed) -> Callable[[View], View]:
    """The view gets the questionnaire that the link leads to, and speaks its language; `say` tells of a closed one."""

    def declare(view: View) -> View:
        @by_link(to_consent=False)
        @wraps(view)
        def opened(request: HttpRequest, link: Link, token: str) -> HttpResponse:
            paper = queries.of_link(link)
            if paper is None:
                return say(request, _("There is nothing to answer here now."))
            with translation.override(paper.language):
                try:
                    return view(request, link, paper, token)
                except (policies.Closed, NotAllowed) as end:
                    return say(request, str(end))

        return opened

    return declare


def _all(paper: Questionnaire) -> tuple[Question, ...]:
    return asked(paper.study_version, paper.time_point, paper.language)


@on_paper()
def intro(request: HttpRequest, link: Link, paper: Questionnaire, token: str) -> HttpResponse:
    policies.can_answer(paper)
    following = queries.next_open(paper)
    begun = following is None or following.place > 1
    return render(request, "surveys/intro.html", {"token": token, "total": len(_all(paper)), "begun": begun})


@on_paper()
def question(request: HttpRequest, link: Link, paper: Questionnaire, token: str) -> HttpResponse:
    """The first question that is open, or with `?place=` one before it. A post saves and goes on."""
    policies.can_answer(paper)
    if request.method == "POST":
        return _take(request, link, paper, token)
    following = queries.next_open(paper)
    if following is None:
        return render(request, "surveys/hand_in.html", {"token": token})
    return _show(request, paper, token, following, queries.earlier(paper, following, request.GET.get("place", "")))


def _show(request: HttpRequest, paper: Questionnaire, token: str, following: Question, shown: Question,
          problem: str = "") -> HttpResponse:
    context: dict[str, Any] = {"token": token, "question": shown, "following": following, "total": len(_all(paper))}
    if problem:
        context["form"] = Problem(problem)
    return render(request, "surveys/question.html", context, status=422 if problem else 200)


def _take(request: HttpRequest, link: Link, paper: Questionnaire, token: str) -> HttpResponse:
    shown = None
    try:
        shown = named(paper.study_version, paper.time_point, paper.language, request.POST.get("item", ""))
        if request.POST.get("go") == "back":
            return redirect(f"{request.path}?place={max(1, shown.place - 1)}")
        _save(request, link, paper, shown)
    except (policies.Closed, NotAllowed):
        raise
    except Refused as refusal:
        following = queries.next_open(paper) or _all(paper)[-1]
        return _show(request, paper, token, following, shown or following, str(refusal))
    if shown.place == len(_all(paper)) and queries.next_open(paper) is None:
        actions.complete(by=link, questionnaire_id=paper.pk)
        return redirect("survey_thanks", token=token)
    return redirect(request.path)


def _save(request: HttpRequest, link: Link, paper: Questionnaire, shown: Question) -> None:
    given = SKIP if request.POST.get("go") == "skip" else request.POST.get("value", "")
    actions.save_answer(by=link, questionnaire_id=paper.pk, instrument=shown.instrument, item=shown.item, given=given)


@on_paper()
def module(request: HttpRequest, link: Link, paper: Questionnaire, token: str) -> HttpResponse:
    """Every question at once, for the script; no answer is in it."""
    policies.can_answer(paper)
    text = module_of(paper.study_version, paper.time_point, paper.language)
    return HttpResponse(text, content_type="application/json")


@on_paper(told)
def save(request: HttpRequest, link: Link, paper: Questionnaire, token: str) -> HttpResponse:
    """One answer from the script: 204 when it lies in the database, else a sentence."""
    if request.method != "POST":
        return HttpResponse(status=405, headers={"Allow": "POST"})
    try:
        _save(request, link, paper, named(paper.study_version, paper.time_point, paper.language,
                                          request.POST.get("item", "")))
    except policies.Closed:
        raise
    except Refused as refusal:
        return told(request, str(refusal), 422)
    return HttpResponse(status=204)


@on_paper()
def finish(request: HttpRequest, link: Link, paper: Questionnaire, token: str) -> HttpResponse:
    """Hands the questionnaire in. When a question is open still, it is shown."""
    if request.method != "POST":
        return redirect("survey_question", token=token)
    try:
        actions.complete(by=link, questionnaire_id=paper.pk)
    except policies.Closed:
        raise
    except Refused:
        return redirect("survey_question", token=token)
    return redirect("survey_thanks", token=token)


@on_paper()
def thanks(request: HttpRequest, link: Link, paper: Questionnaire, token: str) -> HttpResponse:
    if paper.state != "complete":
        return redirect("survey_intro", token=token)
    return render(request, "surveys/thanks.html")
