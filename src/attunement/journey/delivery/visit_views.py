"""Recording a visit, with a signal or without."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from attunement.journey.delivery import actions, late_actions, queries, visits
from attunement.journey.delivery.models import LateVisit
from attunement.journey.delivery.views import own_session, to_family
from attunement.journey.delivery.visit_forms import SessionForm
from attunement.journey.people.models import Person
from attunement.journey.people.pages import act, one, press
from attunement.journey.people.permissions import page
from attunement.journey.trail.errors import Refused


@page("delivery.work")
def session(request: HttpRequest, session_id: int) -> HttpResponse:
    """Records a session, made for a phone; one that is recorded already is shown. Sent twice, it is kept once."""
    person: Person = request.user  # type: ignore[assignment]
    found = own_session(request, session_id)
    back, title = to_family(found.family), f"{queries.title(found)}, family {found.family.code}"
    again = bool(found.client_key) and request.POST.get("key") == found.client_key
    if found.state != "planned" and not again:
        return render(request, "delivery/recorded.html", {"session": found, "title": title, "back_url": back,
                                                            "noted": visits.in_words(found)},
                      status=409 if request.method == "POST" else 200)
    form = SessionForm(found, person, request.POST or None)
    return act(request, form, lambda _given: actions.record_session(by=person, session=found, **form.facts()),
               to=back, title=title, button="Save", done="The session is recorded.", session=found,
               template="delivery/session.html", back_url=back, lock=late_actions.lock(),
               beforehand=form.beforehand())


@page("delivery.work")
def late_visit(request: HttpRequest) -> HttpResponse:
    """Takes what a phone kept. 204: it is safe here, and the phone may forget it."""
    if request.method != "POST":
        return HttpResponse(status=405, headers={"Allow": "POST"})
    try:
        late_actions.take_late(by=request.user, sealed=request.POST.get("sealed", ""))
    except Refused as refusal:
        return HttpResponse(str(refusal), status=422, content_type="text/plain; charset=utf-8")
    return HttpResponse(status=204)


@page("delivery.work")
def settle_visit(request: HttpRequest, late_id: int) -> HttpResponse:
    person: Person = request.user  # type: ignore[assignment]
    found = one(LateVisit.visible_to(person), pk=late_id)
    return press(request, lambda: late_actions.settle(by=person, late=found), to=reverse("caseload"), done="It is settled.")
