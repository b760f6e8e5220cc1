"""The interviews' pages: whom to ask, one interview step by step, the framework matrix, and the quote bank."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from attunement.journey.oversight import interview_actions as actions
from attunement.journey.oversight import interview_queries as queries
from attunement.journey.oversight.interview_forms import AgreeForm, DrawForm, PassageForm, TranscriptForm
from attunement.journey.oversight.models import Interview, Passage
from attunement.journey.people.pages import act, one, press
from attunement.journey.people.permissions import page
from attunement.journey.trail.errors import Refused
from attunement.process.interviews.quotes import ALLOWED

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@page("interviews.work")
def interviews(request: HttpRequest) -> HttpResponse:
    """Whom to ask in the order drawn; before the draw, its form; the quotes, and how far coders agree."""
    rows = Interview.objects.select_related("family__site")
    quotes = [(one_, ALLOWED[one_.clearance]) for one_ in Passage.objects.exclude(clearance="").select_related(
        "interview__family__site")]  # fmt: skip
    return act(request, DrawForm(request.POST or None), lambda given: actions.draw(by=request.user, **given),
               to=reverse("interviews"), title="Interviews", button="Draw the families", done="The families are drawn.",
               template="oversight/interviews.html", rows=rows, quotes=quotes, agreed=queries.agreed(),
               coded=Passage.objects.exists())


@page("interviews.work", largest_body=2 * 1024 * 1024)
def interview(request: HttpRequest, code: str) -> HttpResponse:
    """One interview: consent first, then the transcript without names, then passages under themes."""
    found = one(Interview.objects.select_related("family"), family__code=code)
    passages = [(one_, ALLOWED[one_.clearance] if one_.clearance else ("proposed",))
                for one_ in found.passages.select_related("coder", "interview")]  # fmt: skip
    form, do, title, button = _step(request, found)
    return act(request, form(request.POST or None), do, to=reverse("interview", args=[code]), title=title, button=button,
               done="Kept.", template="oversight/interview.html", interview=found, passages=passages,
               back_url=reverse("interviews"))


def _step(request: HttpRequest, found: Interview) -> tuple[type[Form], Callable[[dict[str, Any]], Any], str, str]:
    by = request.user
    if not found.consented_on:
        return AgreeForm, lambda given: actions.agree(by=by, interview=found, **given), "Consent", "Record the consent"
    if not found.text:
        return (TranscriptForm, lambda given: actions.transcribe(by=by, interview=found, **given), "Transcript",
                "Keep it without the names")
    return (PassageForm, lambda given: actions.code(by=by, interview=found, **given), "Code a passage",
            "Put it under this theme")


@page("interviews.work")
def matrix(request: HttpRequest) -> HttpResponse:
    try:
        content = queries.matrix()
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("interviews")
    return HttpResponse(content, content_type=XLSX, headers={"Content-Disposition": 'attachment; filename="matrix.xlsx"'})


@page("interviews.work")
def decide(request: HttpRequest, passage_id: int, clearance: str) -> HttpResponse:
    found = one(Passage.objects.select_related("interview__family"), pk=passage_id)
    return press(request, lambda: actions.decide(by=request.user, passage=found, clearance=clearance),
                 to=reverse("interview", args=[found.interview.family.code]), done="Kept.")
