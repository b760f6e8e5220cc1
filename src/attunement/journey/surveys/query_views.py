"""Data queries as staff see them: those that are open, one with its history, and asking about a value."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from attunement.journey.people.pages import act, one
from attunement.journey.people.permissions import page
from attunement.journey.surveys import query_actions as actions
from attunement.journey.surveys.forms import QueryForm
from attunement.journey.surveys.models import DataQuery, Questionnaire
from attunement.journey.surveys.questions import named
from attunement.journey.trail.errors import Refused

A_PAGE = 50
COLOURS = {"asked": "yellow", "answered": "blue", "closed": "grey"}


@page("surveys.see")
def queries(request: HttpRequest) -> HttpResponse:
    """Those that wait for an answer first, closed ones last."""
    order = list(COLOURS)
    found = sorted(DataQuery.visible_to(request.user), key=lambda query: order.index(query.state))
    listed = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    return render(request, "surveys/queries.html", {
        "listed": listed, "rows": [(query, COLOURS[query.state]) for query in listed], "back_url": reverse("surveys")})


@page("surveys.see")
def query(request: HttpRequest, query_id: int) -> HttpResponse:
    shown = one(DataQuery.visible_to(request.user), pk=query_id)
    paper = shown.questionnaire
    rights = request.user.rights(paper.family.site.code)
    steps = [(after, words) for after, words in (("answered", "Answer"), ("asked", "Ask again"), ("closed", "Close"))
             if actions.STEPS.get((shown.state, after)) in rights]
    known = {"query": shown, "lines": shown.lines.select_related("by"), "steps": steps, "back_url": reverse("queries"),
             "colour": COLOURS[shown.state], "title": f"Query {shown.pk}",
             "question": named(paper.study_version, paper.time_point, paper.language, f"{shown.instrument}:{shown.item}")}
    if not steps and request.method != "POST":
        return render(request, "surveys/query.html", known)
    form = QueryForm(request.POST if request.method == "POST" else None)
    return act(request, form, lambda given: actions.go_on(
        by=request.user, query=shown, state=request.POST.get("state", ""), **given),
        to=reverse("queries"), template="surveys/query.html", done="The query goes on.", **known)


@page("surveys.correct")
def ask(request: HttpRequest, code: str, point: str, item: str) -> HttpResponse:
    paper = one(Questionnaire.visible_to(request.user, "surveys.correct"), family__code=code, time_point=point,
                state="complete")
    try:
        question = named(paper.study_version, point, paper.language, item)
    except Refused:
        raise Http404 from None
    back = reverse("survey_corrections", args=[code, point])
    return act(request, QueryForm(request.POST if request.method == "POST" else None), lambda given: actions.ask(
        by=request.user, questionnaire=paper, instrument=question.instrument, item=question.item, **given),
        to=back, back_url=back, title=f"Ask about: {question.text}", button="Ask", done="The query is asked.")
