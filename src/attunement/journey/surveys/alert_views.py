"""Alerts as staff see them: those that wait, one with what was done about it, and who is on call."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from attunement.journey.people.models import Person, Site
from attunement.journey.people.pages import act, one, press
from attunement.journey.people.permissions import page
from attunement.journey.people.roles import ROLES
from attunement.journey.surveys import alert_actions as actions
from attunement.journey.surveys.forms import OnCallForm, TakenForm
from attunement.journey.surveys.models import Alert, OnCall
from attunement.journey.trail import versions
from attunement.study.schema import Risk

A_PAGE = 50


def title_of(kind: str) -> str:
    risk = versions.current().risk
    return next((post.title for post in risk.signposts if post.kind == kind), kind) if risk else kind


def state_of(alert: Alert) -> tuple[str, str]:
    if alert.acknowledged_at is not None:
        return "Taken", "green"
    return ("Waits", "yellow") if alert.called < 2 else ("Overdue", "red")


@page("surveys.alerts")
def alerts(request: HttpRequest) -> HttpResponse:
    """Those that nobody has taken, oldest first; then the others, newest first."""
    found = Alert.visible_to(request.user).order_by(F("acknowledged_at").desc(nulls_first=True), "id")
    listed = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    rows = [(alert, title_of(alert.kind), *state_of(alert)) for alert in listed]
    return render(request, "surveys/alerts.html", {"rows": rows, "listed": listed})


@page("surveys.alerts")
def alert(request: HttpRequest, alert_id: int) -> HttpResponse:
    shown = one(Alert.visible_to(request.user), pk=alert_id)
    family, (words, colour) = shown.questionnaire.family, state_of(shown)
    known = {
        "alert": shown, "family": family, "words": words, "colour": colour, "title": title_of(shown.kind),
        "calls": shown.calls.select_related("person"), "rights": request.user.rights(family.site.code),
        "template": "surveys/alert.html", "back_url": reverse("alerts")}
    if shown.acknowledged_at is not None and request.method != "POST":
        return render(request, "surveys/alert.html", known)
    return act(request, TakenForm(request.POST if request.method == "POST" else None), lambda given: actions.acknowledge(
        by=request.user, alert=shown, **given), to=reverse("alerts"),
        done="The alert is taken.", **known)


@page("surveys.on_call")
def on_call(request: HttpRequest) -> HttpResponse:
    """Every site's list, in the order in which people are called."""
    allowed = request.user.sites_with("surveys.on_call")
    sites = Site.objects.all() if allowed is None else Site.objects.filter(code__in=allowed)
    rows = list(OnCall.visible_to(request.user))
    risk = versions.current().risk or Risk(acknowledge_within_minutes=60, escalates_to="trial_manager", not_watched={},
                                           signposts=())
    shown = [(site, entries := [row for row in rows if row.site_id == site.pk],
              OnCallForm(_others(site, entries), auto_id=f"id_{site.code}_%s")) for site in sites]
    role = ROLES[risk.escalates_to].title.lower()
    return render(request, "surveys/on_call.html", {"sites": shown, "minutes": risk.acknowledge_within_minutes,
                                                    "last": role, "back_url": reverse("alerts")})


def _others(site: Site, entries: list[OnCall]) -> list[tuple[int, str]]:
    listed = {entry.person_id for entry in entries}
    staff = Person.objects.filter(is_active=True).order_by("name")
    return [(person.pk, person.name) for person in staff
            if person.pk not in listed and person.may("surveys.alerts", site.code)]


@page("surveys.on_call")
def put_on_call(request: HttpRequest, site: str) -> HttpResponse:
    allowed = request.user.sites_with("surveys.on_call")
    where = one(Site.objects.all() if allowed is None else Site.objects.filter(code__in=allowed), code=site)
    number = request.POST.get("person", "")
    who = Person.objects.filter(pk=int(number[:9]) if number.isascii() and number.isdigit() else 0)
    return press(request, lambda: actions.put_on_call(by=request.user, site=where, person=one(who)),
                 to=reverse("on_call"), done="The list has one more name.")


@page("surveys.on_call")
def take_off_call(request: HttpRequest, entry_id: int) -> HttpResponse:
    entry = one(OnCall.visible_to(request.user), pk=entry_id)
    return press(request, lambda: actions.take_off_call(by=request.user, entry=entry), to=reverse("on_call"),
                 done="The list has one name less.")
