"""What a family sees of a questionnaire, on its own link: one question at a time, and never an earlier answer."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from attunement.journey.consent.by_link import by_link, closed
from attunement.journey.consent.models import Link
from attunement.journey.surveys import actions, policies, queries, sealed
from attunement.journey.surveys.forms import Problem
from attunement.journey.surveys.models import Questionnaire
from attunement.journey.surveys.questions import SKIP, Question, asked, module_of, named, not_watched, signpost, spoken
from attunement.journey.trail import clock, versions
from attunement.journey.trail.errors import NotAllowed, Refused
from attunement.study.schema import Language

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
    """Before the first question: how many there are, that nobody watches, and what the phone may do."""
    policies.can_answer(paper)
    if "language" in request.POST:
        return _speak(request, link, paper, token)
    if request.method == "POST":
        actions.choose(by=link, questionnaire_id=paper.pk, timing="timing" in request.POST, keeps="keeps" in request.POST)
        return redirect("survey_question", token=token)
    following = queries.next_open(paper)
    begun = following is None or following.place > 1
    return render(request, "surveys/intro.html", {
        "token": token, "total": len(_all(paper)), "begun": begun, "paper": paper,
        "not_watched": not_watched(paper.study_version, paper.language), "languages": _others(paper)})


def _others(paper: Questionnaire) -> list[Language]:
    return [known for known in spoken(paper.study_version, paper.time_point) if known.code != paper.language]


def _speak(request: HttpRequest, link: Link, paper: Questionnaire, token: str) -> HttpResponse:
    """Another language, and back to the page from which it was asked for."""
    with suppress(Refused):
        actions.speak(by=link, questionnaire_id=paper.pk, language=request.POST["language"])
    return redirect("survey_question" if "question" in request.POST else "survey_intro", token=token)


@on_paper()
def question(request: HttpRequest, link: Link, paper: Questionnaire, token: str) -> HttpResponse:
    """The first question that is open, or with `?place=` one before it. A post saves and goes on."""
    policies.can_answer(paper)
    if request.method == "POST":
        return _take(request, link, paper, token)
    following = queries.next_open(paper)
    if following is None:
        return render(request, "surveys/hand_in.html", {"token": token, "paper": paper, "lock": _lock(paper)})
    return _show(request, paper, token, following, queries.earlier(paper, following, request.GET.get("place", "")))


def _show(request: HttpRequest, paper: Questionnaire, token: str, following: Question, shown: Question,
          problem: str = "") -> HttpResponse:
    context: dict[str, Any] = {
        "token": token, "question": shown, "following": following, "total": len(_all(paper)), "paper": paper,
        "key": uuid.uuid4(), "now": int(clock.now().timestamp() * 1000),
        "lock": _lock(paper), "languages": _others(paper)}
    if problem:
        context["form"] = Problem(problem)
    return render(request, "surveys/question.html", context, status=422 if problem else 200)


def _lock(paper: Questionnaire) -> str:
    """The key to which the phone may seal answers; none where the respondent has not agreed, or the key is lost."""
    try:
        return sealed.public_key() if paper.keeps else ""
    except Refused:
        return ""


def _take(request: HttpRequest, link: Link, paper: Questionnaire, token: str) -> HttpResponse:
    shown = None
    try:
        shown = named(paper.study_version, paper.time_point, paper.language, request.POST.get("item", ""))
        if request.POST.get("go") == "back":
            return redirect(f"{request.path}?place={max(1, shown.place - 1)}")
        alarming = _save(request, link, paper, shown)
    except (policies.Closed, NotAllowed):
        raise
    except Refused as refusal:
        following = queries.next_open(paper) or _all(paper)[-1]
        return _show(request, paper, token, following, shown or following, str(refusal))
    done = shown.place == len(_all(paper)) and queries.next_open(paper) is None
    if done:
        actions.complete(by=link, questionnaire_id=paper.pk)
    if alarming:
        return _point(request, paper, token, shown, done)
    return redirect("survey_thanks", token=token) if done else redirect(request.path)


def _point(request: HttpRequest, paper: Questionnaire, token: str, shown: Question, done: bool) -> HttpResponse:
    """Where help is, as the answer to the post itself: no address of its own, so none stays in the phone's history."""
    assert shown.alert is not None
    words = signpost(versions.numbered(paper.study_version), shown.alert.kind, paper.language)
    return render(request, "surveys/signpost.html", {
        "words": words, "to": reverse("survey_thanks" if done else "survey_question", args=[token])})


def _save(request: HttpRequest, link: Link, paper: Questionnaire, shown: Question, at_once: bool = False) -> bool:
    """Saves what a form says; True when the answer met a rule. Only the script's saves state when they were given."""
    sent = request.POST
    given = SKIP if sent.get("go") == "skip" else sent.get("value", "")
    actions.save_answer(by=link, questionnaire_id=paper.pk, instrument=shown.instrument, item=shown.item, given=given,
                        key=whole_key(sent.get("key", "")), sequence=number(sent.get("at", "")) if at_once else None,
                        took=number(sent.get("took", "")) if at_once else None, language=sent.get("language", "")[:12])
    return shown.alarms(shown.read(given)[1])


def whole_key(text: str) -> str:
    """A sender's mark of an answer, or none."""
    return text if re.fullmatch(r"[0-9a-f-]{36}", text) else ""


def number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


@on_paper()
def module(request: HttpRequest, link: Link, paper: Questionnaire, token: str) -> HttpResponse:
    """Every question at once, for the script; no answer is in it."""
    policies.can_answer(paper)
    text, packed = module_of(paper.study_version, paper.time_point, paper.language)
    if "gzip" in request.headers.get("Accept-Encoding", ""):  # it holds no secret that its length could tell
        return HttpResponse(packed, content_type="application/json",
                            headers={"Content-Encoding": "gzip", "Vary": "Accept-Encoding"})
    return HttpResponse(text, content_type="application/json", headers={"Vary": "Accept-Encoding"})


@on_paper(told)
def save(request: HttpRequest, link: Link, paper: Questionnaire, token: str) -> HttpResponse:
    """One answer from the script: 204 when it lies in the database, else a sentence."""
    if request.method != "POST":
        return HttpResponse(status=405, headers={"Allow": "POST"})
    try:
        _save(request, link, paper, named(paper.study_version, paper.time_point, paper.language,
                                          request.POST.get("item", "")), at_once=True)
    except policies.Closed:
        raise
    except Refused as refusal:
        return told(request, str(refusal), 422)
    return HttpResponse(status=204)


@on_paper(told)
def late(request: HttpRequest, link: Link, paper: Questionnaire, token: str) -> HttpResponse:
    """One answer that waited on the phone, sealed: 204 when it lies in the database, 422 when it never can."""
    if request.method != "POST":
        return HttpResponse(status=405, headers={"Allow": "POST"})
    try:
        answer = sealed.opened(request.POST.get("sealed", ""), paper.pk)
        shown = named(paper.study_version, paper.time_point, paper.language, answer.item)
        actions.save_answer(by=link, questionnaire_id=paper.pk, instrument=shown.instrument, item=shown.item,
                            given=answer.given, key=answer.key, sequence=answer.at, took=answer.took,
                            language=answer.language)
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
