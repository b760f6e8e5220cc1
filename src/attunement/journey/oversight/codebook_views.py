"""The codebook's pages, the framework matrix, and files from and for other programs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from attunement.journey.oversight import codebook_actions as actions
from attunement.journey.oversight import interview_actions
from attunement.journey.oversight import interview_queries as queries
from attunement.journey.oversight.interview_forms import AddCodeForm, CodeForm, SummaryForm, TakeInForm
from attunement.journey.oversight.interview_models import CodebookVersion, Summary
from attunement.journey.people.models import Person
from attunement.journey.people.pages import act, one
from attunement.journey.people.permissions import page
from attunement.journey.referral.models import Family
from attunement.journey.trail.errors import Refused

KINDS = {"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
         "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "json": "application/json"}
LINES = 20


@page("interviews.work")
def codebook(request: HttpRequest) -> HttpResponse:
    """The codes as a tree, the versions with their reasons, and the form for a code more."""
    book = queries.book()
    rows = [(code, book.path(code.guid)) for code in sorted(book.codes, key=lambda one_: book.path(one_.guid))]
    return act(request, AddCodeForm(request.POST or None, book=book),
               lambda given: actions.add_code(by=request.user, **given | {"parent": given["parent"] or None}),
               to=reverse("codebook"), title="A new code", button="Add the code", done="The codebook has a new version.",
               template="oversight/codebook.html", rows=rows, book=book, back_url=reverse("interviews"),
               versions=CodebookVersion.objects.select_related("by").order_by("-number"))


@page("interviews.work")
def code(request: HttpRequest, guid: str) -> HttpResponse:
    """One code: changed, retired or merged."""
    book = queries.book()
    if guid not in {each.guid for each in book.codes}:
        raise Http404
    return act(request, CodeForm(request.POST or None, book=book, code=guid),
               lambda given: _changed(request.user, guid, given), to=reverse("codebook"), title=book.path(guid),
               button="Change the codebook", done="The codebook has a new version.", back_url=reverse("codebook"))


def _changed(by: Person, guid: str, given: Mapping[str, Any]) -> str:
    if given["verb"] == "merge":
        return actions.merge_codes(by=by, code=guid, into=given["into"], why=given["why"])
    if given["verb"] == "retire":
        return actions.retire_code(by=by, code=guid, why=given["why"])
    return actions.change_code(by=by, code=guid, why=given["why"], name=given["name"], description=given["description"])


@page("interviews.work", largest_body=20 * 1024 * 1024)
def take_in(request: HttpRequest) -> HttpResponse:
    """A codebook or a project from another program; what could not be taken is said line by line."""
    lost: list[str] = []

    def do(given: Mapping[str, Any]) -> None:
        file = given["file"]
        lost.extend(actions.take_in(by=request.user, name=file.name, content=file.read(), why=given["why"]))

    answer = act(request, TakeInForm(request.POST or None, request.FILES or None), do, to=reverse("interviews"),
                 title="Take in a codebook or a project", button="Take it in", done="Taken in.",
                 back_url=reverse("interviews"))
    for line in lost[:LINES]:
        messages.warning(request, line)
    if len(lost) > LINES:
        messages.warning(request, f"And {len(lost) - LINES} more were not taken.")
    return answer


@page("interviews.work")
def matrix(request: HttpRequest) -> HttpResponse:
    """The framework matrix as a page: each cell has its summary and the way to its passages."""
    try:
        made = queries.matrix()
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("interviews")
    rows = [(case, [(theme, name, made.cells[case, theme]) for theme, name in made.themes]) for case in made.cases]
    shown = {"rows": rows, "themes": made.themes, "back_url": reverse("interviews")}
    return render(request, "oversight/interview_matrix.html", shown)


@page("interviews.work")
def cell(request: HttpRequest, code: str, guid: str) -> HttpResponse:
    """One cell: its passages, and what the family says on the theme in the analyst's words."""
    family = one(Family.objects.filter(interview__isnull=False).select_related("site"), code=code)
    try:
        made = queries.matrix()
    except Refused:
        raise Http404 from None
    if (code, guid) not in made.cells:
        raise Http404
    told = Summary.objects.filter(family=family, code=guid).first()
    words = [made.extracts[id_][1:] for id_ in made.cells[code, guid].passages]
    form = SummaryForm(request.POST or None, initial={"text": told.text if told else ""})
    return act(request, form, lambda given: interview_actions.summarise(by=request.user, family=family, code=guid, **given),
               to=reverse("interview_matrix"), title=f"{code}: {dict(made.themes)[guid]}", button="Keep it", done="Kept.",
               template="oversight/interview_cell.html", words=words, back_url=reverse("interview_matrix"))


@page("interviews.work")
def file(request: HttpRequest, name: str) -> HttpResponse:
    """The matrix, the coding, the codebook or the quote bank for other programs."""
    if name not in queries.FILES:
        raise Http404
    try:
        content = queries.file(name)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("interviews")
    kind = KINDS.get(name.rpartition(".")[2], "application/octet-stream")
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
