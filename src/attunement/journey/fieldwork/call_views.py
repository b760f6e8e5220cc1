"""The call list, a call and how it ended, and looking for families that cannot be reached."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.forms.models import model_to_dict
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from attunement.journey.fieldwork import actions, queries
from attunement.journey.fieldwork.forms import FoundForm, LostForm, OutcomeForm, TriedForm
from attunement.journey.fieldwork.models import Call, Trace
from attunement.journey.fieldwork.views import titles
from attunement.journey.people.pages import act, one
from attunement.journey.people.permissions import page
from attunement.journey.referral.models import Contact
from attunement.journey.surveys.views import point_or_404, title_of
from attunement.journey.trail import clock, versions

A_PAGE = 100


@page("fieldwork.work")
def calls(request: HttpRequest) -> HttpResponse:
    """Whom to ring up now, in which language; appointments first."""
    language = request.GET.get("language", "")
    found = queries.to_call(request.user, language=language)
    return render(request, "fieldwork/calls.html", {
        "listed": Paginator(found, A_PAGE).get_page(request.GET.get("page")), "wanted": language, "now": clock.now(),
        "languages": [(known.code, known.name) for known in versions.current().languages],
        "titles": titles()})


@page("fieldwork.work")
def call(request: HttpRequest, call_id: int) -> HttpResponse:
    """One family to ring up: how, when it is safe, what was tried, and how this call ended."""
    shown = one(Call.visible_to(request.user, "fieldwork.work"), pk=call_id)
    contact = Contact.visible_to(request.user, "fieldwork.work").filter(family=shown.family).first()
    known = {
        "call": shown, "family": shown.family, "title": f"Call family {shown.family.code}", "back_url": reverse("calls"),
        "line": next((line for line in queries.to_call(request.user) if line.call.pk == shown.pk), None),
        "contact": contact, "point": title_of(point_or_404(shown.time_point)),
        "attempts": shown.attempts.select_related("by")}
    if known["line"] is None and request.method != "POST":
        return render(request, "fieldwork/call.html", known)
    form = OutcomeForm(request.POST if request.method == "POST" else None)
    return act(request, form, lambda _given: actions.log_call(by=request.user, call=shown, **form.said()),
               to=reverse("calls"), done="The call is recorded.", template="fieldwork/call.html", **known)


@page("fieldwork.see")
def traces(request: HttpRequest) -> HttpResponse:
    """Families that are looked for, the longest first; then those found and lost."""
    order = [state for state, _words in Trace.STATES]
    found = sorted(Trace.visible_to(request.user), key=lambda trace: (order.index(trace.state), trace.opened_at))
    return render(request, "fieldwork/traces.html", {
        "listed": Paginator(found, A_PAGE).get_page(request.GET.get("page")), "titles": titles(),
        "may_work": request.user.may("fieldwork.work")})


@page("fieldwork.work")
def trace(request: HttpRequest, trace_id: int) -> HttpResponse:
    """One search: what was tried, and what is tried next."""
    shown = one(Trace.visible_to(request.user, "fieldwork.work"), pk=trace_id)
    known = {"trace": shown, "family": shown.family, "lines": shown.lines.select_related("by"),
             "title": f"Looking for family {shown.family.code}", "point": title_of(point_or_404(shown.time_point)),
             "back_url": reverse("traces")}
    if shown.state != "open" and request.method != "POST":
        return render(request, "fieldwork/trace.html", known)
    form = TriedForm(request.POST if request.method == "POST" else None)
    return act(request, form, lambda given: actions.note_trace(by=request.user, trace=shown, **given),
               to=reverse("trace", args=[trace_id]), done="It is recorded.", template="fieldwork/trace.html", **known)


@page("fieldwork.work")
def trace_found(request: HttpRequest, trace_id: int) -> HttpResponse:
    shown = one(Trace.visible_to(request.user, "fieldwork.work"), pk=trace_id)
    known = Contact.visible_to(request.user, "fieldwork.work").filter(family=shown.family).first()
    form = FoundForm(request.POST or None, initial=model_to_dict(known) if known else {})
    return act(request, form, lambda given: actions.found(by=request.user, trace=shown, given_by=given["given_by"],
                                                          **form.contact()),
               to=lambda made: reverse("call", args=[made.pk]), title=f"Family {shown.family.code} is found",
               button="Keep these details", back_url=reverse("trace", args=[trace_id]),
               intro="Put right what is known of the family now. It is then on the call list again.")


@page("fieldwork.work")
def trace_lost(request: HttpRequest, trace_id: int) -> HttpResponse:
    shown = one(Trace.visible_to(request.user, "fieldwork.work"), pk=trace_id)
    return act(request, LostForm(request.POST if request.method == "POST" else None), lambda given: actions.lost(
        by=request.user, trace=shown, **given), to=reverse("traces"), button="Close as lost",
        title=f"Close the search for family {shown.family.code}", back_url=reverse("trace", args=[trace_id]),
        done="The search is closed.",
        intro="Nothing more is sent for this questionnaire. The family stays in the trial, and its own page stays open "
              "until the last day.")
