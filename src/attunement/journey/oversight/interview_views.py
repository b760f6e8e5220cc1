"""The interviews' pages: whom to ask, one family's texts, coding, what two coders differ on, and the quote bank."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from attunement.journey.oversight import interview_actions as actions
from attunement.journey.oversight import interview_queries as queries
from attunement.journey.oversight.interview_forms import AgreeForm, DrawForm, PassageForm, TextForm, TranscriptForm
from attunement.journey.oversight.interview_models import Interview, Passage, Source
from attunement.journey.people.pages import act, one, press
from attunement.journey.people.permissions import page
from attunement.process.interviews.quotes import ALLOWED

LARGEST = 2 * 1024 * 1024


@page("interviews.work")
def interviews(request: HttpRequest) -> HttpResponse:
    """Whom to ask in the order drawn; before the draw, its form; the quotes, and how far coders agree."""
    rows = Interview.objects.select_related("family__site").prefetch_related("family__told")
    quotes = Passage.objects.exclude(clearance="").select_related("source__family__site")
    differing = queries.differing()
    return act(request, DrawForm(request.POST or None), lambda given: actions.draw(by=request.user, **given),
               to=reverse("interviews"), title="Interviews", button="Draw the families", done="The families are drawn.",
               template="oversight/interviews.html", rows=rows, quotes=quotes, agreed=queries.agreed(),
               coded=Passage.objects.exists(), open=sum(1 for passage, _by, _other in differing if not passage.settled),
               differing=len(differing))


@page("interviews.work", largest_body=LARGEST)
def interview(request: HttpRequest, code: str) -> HttpResponse:
    """One family: its consent first, then the transcript without names; its texts."""
    found = one(Interview.objects.select_related("family"), family__code=code)
    texts = list(found.family.told.all())
    by, shown = request.user, {"interview": found, "texts": texts, "back_url": reverse("interviews")}
    here, template = reverse("interview", args=[code]), "oversight/interview.html"
    if not found.consented_on:
        return act(request, AgreeForm(request.POST or None), lambda given: actions.agree(by=by, interview=found, **given),
                   to=here, title="Consent", button="Record the consent", done="Kept.", template=template, **shown)
    if found.ended_on or any(text.kind == "transcript" for text in texts):
        return render(request, template, shown)
    return act(request, TranscriptForm(request.POST or None),
               lambda given: actions.keep(by=by, interview=found, **given),
               to=_to_its_text, title="Transcript", button="Keep it without the names", done="Kept.", template=template,
               **shown)


def _to_its_text(kept: Source) -> str:
    return reverse("interview_text", args=[kept.pk])


@page("interviews.work", largest_body=LARGEST)
def add_text(request: HttpRequest, code: str) -> HttpResponse:
    """An open answer or a note on a session, kept without names."""
    found = one(Interview.objects.select_related("family"), family__code=code)
    return act(request, TextForm(request.POST or None),
               lambda given: actions.keep(by=request.user, interview=found, **given), to=_to_its_text,
               title="An open answer or a note", button="Keep it without the names", done="Kept.",
               back_url=reverse("interview", args=[code]))


@page("interviews.work")
def take_back(request: HttpRequest, code: str) -> HttpResponse:
    found = one(Interview.objects.all(), family__code=code)
    return press(request, lambda: actions.take_back(by=request.user, interview=found), to=reverse("interview", args=[code]),
                 done="The consent has ended. Nothing of these words is used any more.")


@page("interviews.work")
def text(request: HttpRequest, source_id: int) -> HttpResponse:
    """A text with its passages, and the form that puts another under a code."""
    found, book = one(queries.sources(), pk=source_id), queries.book()
    passages = [(each, book.path(each.code), ALLOWED[each.clearance] if each.clearance else ("proposed",))
                for each in found.passages.select_related("coder")]  # fmt: skip
    here = reverse("interview_text", args=[source_id])
    return act(request, PassageForm(request.POST or None, book=book),
               lambda given: actions.code(by=request.user, source=found, **given), to=here, title="Code a passage",
               button="Put it under this code", done="Kept.", template="oversight/interview_text.html", source=found,
               passages=passages, pieces=list(queries.marked(found)), book=book,
               back_url=reverse("interview", args=[found.family.code]))


@page("interviews.work")
def decide(request: HttpRequest, passage_id: int, clearance: str) -> HttpResponse:
    found = one(Passage.objects.select_related("source"), pk=passage_id)
    return press(request, lambda: actions.decide(by=request.user, passage=found, clearance=clearance),
                 to=reverse("interview_text", args=[found.source_id]), done="Kept.")


@page("interviews.work")
def differences(request: HttpRequest) -> HttpResponse:
    """What two coders have to talk about, passage by passage."""
    book, made = queries.book(), queries.differing()
    rows: list[tuple[Any, ...]] = [(passage, book.path(passage.code), by, other) for passage, by, other in made]
    return render(request, "oversight/interview_differences.html", {"rows": rows, "back_url": reverse("interviews")})


@page("interviews.work")
def settle(request: HttpRequest, passage_id: int, verdict: str) -> HttpResponse:
    found = one(Passage.objects.select_related("source__family__site"), pk=passage_id)
    return press(request, lambda: actions.settle(by=request.user, passage=found, verdict=verdict),
                 to=reverse("interview_differences"), done="Settled.")
