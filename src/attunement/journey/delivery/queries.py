"""Where delivery stands: a family's sessions in words, a caseload, a site's practitioners, an overview."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Prefetch, Q, QuerySet

from attunement.journey.delivery.models import Assignment, NextStep, Session
from attunement.journey.delivery.permissions import caseload
from attunement.journey.people.models import Person, Site
from attunement.journey.referral.models import Family
from attunement.journey.trail import clock, versions

ENDS_DELIVERY = {"died", "parent_died", "removed", "adopted"}
AT_ONCE = 6
COLOURS = {"held": "green", "not_logged": "red", "planned": "", "not_attended": "yellow", "cancelled_family": "grey",
           "cancelled_practitioner": "grey"}


@dataclass(frozen=True)
class Line:
    """A session as a page shows it."""

    session: Session
    title: str
    state: str
    label: str
    colour: str


@dataclass(frozen=True)
class Course:
    """How far a family is: its practitioner, and its sessions by what became of them."""

    family: Family
    assignment: Assignment | None
    lines: tuple[Line, ...]

    @property
    def held(self) -> int:
        return self.count("held")

    @property
    def next(self) -> Line | None:
        """The next session that is still to come."""
        return next((line for line in self.lines if line.state == "planned"), None)

    @property
    def not_logged(self) -> list[Line]:
        """Sessions whose day has passed and of which nobody has said what became."""
        return [line for line in self.lines if line.state == "not_logged"]

    def count(self, *states: str) -> int:
        return sum(line.state in states for line in self.lines)

    @property
    def missed(self) -> int:
        return self.count("not_attended", "cancelled_family", "cancelled_practitioner")


def title(session: Session) -> str:
    """The study file's name of a session."""
    for plan in versions.current().delivery.sessions:
        if (plan.kind, plan.cycle) == (session.kind, session.cycle):
            return plan.title
    return session.kind.capitalize()


def lines(sessions: Iterable[Session], day: date) -> tuple[Line, ...]:
    """In the order of their days."""
    found = []
    for session in sorted(sessions, key=lambda each: (each.held_on or each.planned_for, each.number)):
        state, label = session.state_on(day)
        found.append(Line(session, title(session), state, label, COLOURS[state]))
    return tuple(found)


def courses(families: QuerySet[Family], day: date) -> list[Course]:
    """The courses of several families, in four queries however many they are."""
    now = Prefetch("assignments", Assignment.objects.filter(until=None).select_related("practitioner"), to_attr="now")
    found = families.select_related("site").prefetch_related("sessions", now)
    return [Course(family, next(iter(family.now), None), lines(family.sessions.all(), day)) for family in found]


def course(family: Family, day: date) -> Course:
    return courses(Family.objects.filter(pk=family.pk), day)[0]


def due(person: Person) -> list[Session]:
    """What this person has to record now: sessions planned for today, and those whose day has passed, the latest first."""
    waiting = Session.objects.filter(family__in=caseload(person), state="planned", planned_for__lte=clock.today())
    return list(waiting.select_related("family").order_by("-planned_for", "number")[:AT_ONCE])


def next_steps(person: Person) -> QuerySet[NextStep]:
    """What allocations have opened at this person's sites: families to tell, and those that wait for a practitioner."""
    families = Family.visible_to(person, "delivery.assign") & Family.visible_to(person, "arms.see")
    waits = Q(receives=True, family__assignments=None) & ~Q(family__changes__kind__in=ENDS_DELIVERY)
    open_ = NextStep.objects.filter(Q(told_on=None) | waits, family__in=families).distinct()
    return open_.select_related("family__site").prefetch_related("family__assignments").order_by("opened_on", "id")


def practitioners(site: Site) -> list[tuple[Person, int]]:
    """A site's practitioners and how many families each works with now."""
    found = (Person.objects.filter(is_active=True, holdings__role="practitioner", holdings__site=site,
                                   holdings__until=None)
             .annotate(families=Count("assignments", filter=Q(assignments__until=None), distinct=True)))
    return [(person, person.families) for person in found.order_by("name")]
