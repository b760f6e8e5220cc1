from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from attunement.journey.oversight import deviations, policies, queries, register_actions
from attunement.journey.oversight.forms import EntryForm, OutcomeForm
from attunement.journey.oversight.models import RegisterEntry
from attunement.journey.people.models import Person
from attunement.journey.people.pages import act, one, press
from attunement.journey.people.permissions import page


@page("registers.open")
def registers(request: HttpRequest) -> HttpResponse:
    """The own entries, what is due first; every entry for those who keep the registers."""
    person: Person = request.user  # type: ignore[assignment]
    rows = list(RegisterEntry.visible_to(person))
    return render(request, "oversight/registers.html", {
        "waiting": [row for row in rows if not row.closed_at], "closed": [row for row in rows if row.closed_at],
        "may_open": policies.registers_for(person), "keeps": person.may("registers.keep"),
        "delivery": deviations.shown_to(person), "back_url": reverse("start")})


@page("registers.open")
def open_entry(request: HttpRequest) -> HttpResponse:
    person: Person = request.user  # type: ignore[assignment]
    form = EntryForm(person, request.POST or None, initial={"family": request.GET.get("family", "")[:12]})
    return act(request, form, lambda given: register_actions.open_entry(by=person, **given), to=reverse("registers"),
               title="Something to put on record", button="Put it on record", back_url=reverse("registers"),
               done="It is on record, and the trial manager has been told to look.",
               intro="If somebody is in danger now, call 999 first, and follow your own authority's procedure.")


@page("registers.open")
def entry(request: HttpRequest, raised_id: int) -> HttpResponse:
    """One entry; those who keep the registers close it here."""
    person: Person = request.user  # type: ignore[assignment]
    found = one(RegisterEntry.visible_to(person), pk=raised_id)
    return act(request, OutcomeForm(request.POST or None),
               lambda given: register_actions.close(by=person, entry=found, **given), to=reverse("registers"),
               title=found.kind.title, button="Close this entry", done="The entry is closed.",
               template="oversight/entry.html", entry=found, keeps=person.may("registers.keep"),
               opened_by=queries.opener(person, found), back_url=reverse("registers"))


@page("registers.keep")
def acknowledge(request: HttpRequest, raised_id: int) -> HttpResponse:
    found = one(RegisterEntry.visible_to(request.user), pk=raised_id)  # type: ignore[arg-type]
    return press(request, lambda: register_actions.acknowledge(by=request.user, entry=found),
                 to=reverse("register_entry", args=[raised_id]), done="The entry is acknowledged.")


@page("registers.keep")
def look_for_deviations(request: HttpRequest) -> HttpResponse:
    return press(request, lambda: register_actions.look_for_deviations(by=request.user), to=reverse("registers"),
                 done="The data have been looked through. What is new stands in the register.")
