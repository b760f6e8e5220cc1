from __future__ import annotations

import uuid

from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from attunement.journey.arms.actions import read_arms
from attunement.journey.consent import queries as consent
from attunement.journey.consent.views import change_page
from attunement.journey.delivery import actions, forms, policies, queries
from attunement.journey.delivery.late_actions import lock
from attunement.journey.delivery.models import LateVisit, Session, StaffTime
from attunement.journey.delivery.permissions import caseload, overseen
from attunement.journey.people.models import Person
from attunement.journey.people.pages import act, one
from attunement.journey.people.permissions import page
from attunement.journey.people.registry import caseload_panels
from attunement.journey.referral.models import Contact, Family
from attunement.journey.trail import clock, versions


@page("delivery.work")
def own_families(request: HttpRequest) -> HttpResponse:
    """A practitioner's list: each family's next session, and those that nobody has logged."""
    person: Person = request.user  # type: ignore[assignment]
    rows = [(course, _takes_part(course.family)) for course in queries.courses(caseload(person), clock.today())]
    return render(request, "delivery/caseload.html", {
        "rows": rows, "late": LateVisit.visible_to(person), "lock": lock(), "back_url": reverse("start"), "not_logged": [
            (course.family, line) for course, _part in rows for line in course.not_logged]})


@page("delivery.work")
def own_family(request: HttpRequest, code: str) -> HttpResponse:
    """What a practitioner needs for the next visit: how to reach the family, its question, its sessions."""
    person: Person = request.user  # type: ignore[assignment]
    family = one(caseload(person), code=code)
    contact = Contact.visible_to(person, "delivery.work").filter(family=family).first()
    names = {each.code: each.name for each in versions.current().languages}
    panels = [panel for make in caseload_panels if (panel := make(person, family)) is not None]
    return render(request, "delivery/family.html", {
        "family": family, "lock": lock(), "child": family.children.filter(index=True).first(), "panels": panels,
        "contact": contact if consent.may_be_contacted(family) else None,
        "course": queries.course(family, clock.today()), "takes_part": _takes_part(family),
        "reads": names.get(family.language, family.language),
        "question": getattr(family, "helping_question", None), "back_url": reverse("caseload"),
        "keeps_goals": versions.current().delivery.goal_rating is not None,
        "asks_question": versions.current().delivery.helping_question})


@page("change.record")
def change(request: HttpRequest, code: str) -> HttpResponse:
    """A change in the life of a family on the own caseload."""
    family = one(caseload(request.user), code=code)  # type: ignore[arg-type]
    return change_page(request, family, back=to_family(family))


def _takes_part(family: Family) -> bool:
    return consent.given(family) and not family.changes.filter(kind__in=policies.ENDS_DELIVERY).exists()


def to_family(family: Family) -> str:
    return reverse("own_family", args=[family.code])


def own_session(request: HttpRequest, session_id: int) -> Session:
    families = caseload(request.user)  # type: ignore[arg-type]
    return one(Session.objects.select_related("family__site").filter(family__in=families), pk=session_id)


@page("delivery.work")
def move_session(request: HttpRequest, session_id: int) -> HttpResponse:
    found = own_session(request, session_id)
    form = forms.MoveForm(request.POST or None, initial={"planned_for": forms.first_day_again(found.planned_for)})
    return act(request, form, lambda given: actions.move_session(by=request.user, session=found, **given),
               to=to_family(found.family), title=f"{queries.title(found)}: another day", button="Move the session",
               done="The session is moved.", back_url=to_family(found.family))


@page("delivery.work")
def plan_session(request: HttpRequest, code: str) -> HttpResponse:
    """One more session: again after one that was missed (its number stands in the address), or a further one."""
    family = one(caseload(request.user), code=code)  # type: ignore[arg-type]
    again = request.GET.get("again", "")
    missed = next((each for each in family.sessions.all() if str(each.number) == again), None)
    return act(request, forms.PlanForm(missed, request.POST or None),
               lambda given: actions.plan_session(by=request.user, family=family, **given), to=to_family(family),
               title=f"Plan a session with family {family.code}", button="Plan the session",
               done="The session is planned.", back_url=to_family(family))


@page("delivery.work")
def helping_question(request: HttpRequest, code: str) -> HttpResponse:
    family = one(caseload(request.user), code=code)  # type: ignore[arg-type]
    known = getattr(family, "helping_question", None)
    form = forms.QuestionForm(request.POST or None, initial={"text": known.text if known else ""})
    return act(request, form, lambda given: actions.ask_helping_question(by=request.user, family=family, **given),
               to=to_family(family), title=f"Helping question of family {family.code}", done="The question is kept.",
               back_url=to_family(family))


@page("delivery.time")
def staff_time(request: HttpRequest) -> HttpResponse:
    """Time that belongs to no one session, and what was logged so far."""
    person: Person = request.user  # type: ignore[assignment]
    form = forms.TimeForm(request.POST or None, initial={"key": uuid.uuid4()})
    own = StaffTime.visible_to(person)
    labels = dict(policies.TIME_CATEGORIES)
    rows = [(row, labels.get(row.category, row.category)) for row in own.order_by("-on", "-id")[:20]]
    return act(request, form, lambda _given: actions.log_time(by=person, **form.facts()), to=reverse("staff_time"),
               title="Log time", button="Log this time", done="The time is logged.", template="delivery/time.html",
               rows=rows, total=own.aggregate(total=Sum("minutes"))["total"] or 0, back_url=reverse("start"))


@page("delivery.assign")
def assign(request: HttpRequest, code: str) -> HttpResponse:
    """Chooses the practitioner of a family that receives the programme."""
    family = one(Family.visible_to(request.user, "delivery.assign"), code=code)  # type: ignore[arg-type]
    form = forms.AssignForm(family.site, request.POST or None)
    return act(request, form, lambda given: actions.assign(by=request.user, family=family, **given),
               to=reverse("family", args=[family.code]), title=f"Assign a practitioner to family {family.code}",
               button="Assign", done="The practitioner is assigned, and told.", back_url=reverse("family", args=[code]))


@page("delivery.assign")
def hand_over(request: HttpRequest, code: str) -> HttpResponse:
    family = one(Family.visible_to(request.user, "delivery.assign"), code=code)  # type: ignore[arg-type]
    current = family.assignments.filter(until=None).select_related("practitioner").first()
    form = forms.HandOverForm(family.site, request.POST or None, without=current.practitioner if current else None)
    return act(request, form, lambda given: actions.hand_over(by=request.user, family=family, **given),
               to=reverse("family", args=[family.code]), title=f"Hand over family {family.code}", button="Hand over",
               done="The family has another practitioner.", back_url=reverse("family", args=[code]))


@page("delivery.see")
def deliveries(request: HttpRequest) -> HttpResponse:
    """Every family that has a practitioner, and, for those who assign, the families that wait for one."""
    person: Person = request.user  # type: ignore[assignment]
    waiting = []
    if person.may("delivery.assign"):
        unassigned = (Family.visible_to(person, "delivery.assign").filter(allocation__isnull=False, assignments=None)
                      & Family.visible_to(person, "arms.see")).order_by("code")
        arms = read_arms(by=person, families=list(unassigned), why="waiting for a practitioner")
        waiting = [family for family in unassigned if policies.receives_programme(arms.get(family.pk, ""))
                   and _takes_part(family)]
    return render(request, "delivery/deliveries.html", {
        "courses": queries.courses(overseen(person), clock.today()), "waiting": waiting,
        "names": person.may("delivery.assign"), "back_url": reverse("start")})


@page("delivery.see")
def delivery(request: HttpRequest, code: str) -> HttpResponse:
    """One family's sessions, for those who oversee delivery."""
    person: Person = request.user  # type: ignore[assignment]
    family = one(overseen(person), code=code)
    return render(request, "delivery/delivery.html", {
        "family": family, "course": queries.course(family, clock.today()), "names": person.may("delivery.assign"),
        "assignments": family.assignments.select_related("practitioner"), "back_url": reverse("deliveries")})
