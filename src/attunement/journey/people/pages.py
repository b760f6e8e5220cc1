"""The shape of a page: one form and one action, and finding what the person may see."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.contrib import messages
from django.db.models import Model, QuerySet
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from attunement.journey.trail.errors import Refused

Row = TypeVar("Row", bound=Model)


def one(rows: QuerySet[Row], **which: Any) -> Row:
    """The one row that the person may see; anything else answers as if it were not there."""
    if any("\0" in value for value in which.values() if isinstance(value, str)):  # no text of PostgreSQL holds one
        raise Http404
    found = rows.filter(**which).first()
    if found is None:
        raise Http404
    return found


def act(request: HttpRequest, form: Form, do: Callable[[dict[str, Any]], Any], *, to: str | Callable[[Any], str],
        title: str, button: str = "Save", done: str = "", template: str = "form_page.html", **shown: Any) -> HttpResponse:
    """Shows a form; a valid one runs `do` with its values and goes on to `to`. A refusal stands at the form's top."""
    if request.method == "POST" and form.is_valid():
        try:
            result = do(form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            if done:
                messages.success(request, done)
            return redirect(to(result) if callable(to) else to)
    status = 422 if form.is_bound and form.errors else 200
    return render(request, template, {"form": form, "title": title, "button": button, **shown}, status=status)


def press(request: HttpRequest, do: Callable[[], Any], *, to: str | Callable[[Any], str], done: str = "") -> HttpResponse:
    """A button that posts by itself: runs `do`; a refusal is said on the page that it goes back to."""
    if request.method != "POST":
        return HttpResponse(status=405, headers={"Allow": "POST"})
    result = None
    try:
        result = do()
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        if done:
            messages.success(request, done)
    return redirect(to(result) if callable(to) else to)
