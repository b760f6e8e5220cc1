"""What the data themselves show to differ from the protocol. No sentence, and no family that it names, tells an arm."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain

from django.db.models import F

from attunement.journey.arms.models import Allocation
from attunement.journey.consent import queries as consent
from attunement.journey.delivery.models import Assignment, NextStep, Session
from attunement.journey.people.models import Person, Site
from attunement.journey.referral.models import Family
from attunement.journey.surveys.models import Questionnaire
from attunement.journey.trail import clock, versions
from attunement.study.calendar import window
from attunement.study.planned import final_allocation, first_allocation, said

REGISTER = "deviation"
UNASSIGNED = timedelta(days=28)
# Only families of one arm have a practitioner and sessions, so the register names the site and not the family.
IN_DELIVERY = ("Delivery to a family of this site was not as the protocol says. The site's coordinator sees which family "
               "it is, and what was found, under “A concern, an event, a complaint”.")


@dataclass(frozen=True)
class Deviation:
    """`mark` names it for good, so that it is entered once. `family`: None where its name would tell an arm."""

    mark: str
    site: Site
    family: Family | None
    text: str


def found() -> Iterator[Deviation]:
    """Allocations outside their days, questionnaires too old, too late or outside their window, and delivery."""
    allocated = {row.family_id: row for row in Allocation.objects.select_related("family__site").order_by("id")}
    papers = Questionnaire.objects.filter(state="complete", family__in=allocated).order_by("id")
    for mark, row, text in chain(
            ((f"allocation:{row.pk}", row, _allocated(row)) for row in allocated.values()),
            ((f"{paper.time_point}:{paper.pk}", allocated[paper.family_id], _said(paper, allocated[paper.family_id]))
             for paper in papers)):
        if text:
            yield Deviation(mark, row.family.site, row.family, text)
    for mark, family, _text in in_delivery():
        yield Deviation(mark, family.site, None, IN_DELIVERY)


def _allocated(allocation: Allocation) -> str:
    """By the plan as it was on that day."""
    study, day = versions.numbered(allocation.study_version), clock.day_of(allocation.at)
    first, last = first_allocation(study), final_allocation(study)
    if first and day < first:
        return f"Allocated on {day:%-d %B %Y}, before the first day of allocation, {first:%-d %B %Y}."
    if last and day > last:
        return f"Allocated on {day:%-d %B %Y}, after the last day of allocation, {last:%-d %B %Y}."
    return ""


def _said(paper: Questionnaire, allocation: Allocation) -> str:
    """By the plan as it was when the family was allocated."""
    study = versions.numbered(allocation.study_version)
    point = next((point for point in study.time_points if point.code == paper.time_point), None)
    if point is None or paper.completed_at is None:
        return ""
    title, done = next(iter(point.title.values())), clock.day_of(paper.completed_at)
    if point.months_after is not None:
        first, last = window(point, clock.day_of(allocation.at))
        if first <= done <= last:
            return ""
        return (f"{title}: handed in on {done:%-d %B %Y}, outside its window of {first:%-d %B %Y} to "
                f"{last:%-d %B %Y}.")
    age, oldest = (clock.day_of(allocation.at) - done).days, study.allocation.baseline_max_age_days
    if paper.completed_at > allocation.at:
        return f"{title}: handed in on {done:%-d %B %Y}, after the allocation."
    return f"{title}: {age} days old at the allocation; the plan allows {oldest}." if age > oldest else ""


def in_delivery() -> Iterator[tuple[str, Family, str]]:
    """(mark, family, sentence) of what delivery shows; only for people who may see these families' arms."""
    held = Session.objects.filter(state="held").select_related("family__site").order_by("id")
    for session in held.filter(family__next_step__receives=False):
        yield (f"not_offered:{session.pk}", session.family,
               "A session was held with this family, which was not allocated to the programme.")
    end = said(versions.current(), "delivery")
    for session in held.filter(held_on__gt=end.end) if end and end.end else ():
        yield (f"late_session:{session.pk}", session.family,
               f"A session was held on {session.held_on:%-d %B %Y}, after delivery had ended.")
    own = Assignment.objects.filter(practitioner=F("family__own_worker__person")).order_by("id")
    for assignment in own.select_related("family__site"):
        yield (f"own_worker:{assignment.pk}", assignment.family,
               "The family's own worker was assigned as its practitioner.")
    waiting = NextStep.objects.filter(receives=True, family__assignments=None,
                                      opened_on__lt=clock.today() - UNASSIGNED).order_by("id")
    for step in waiting.select_related("family__site"):
        if consent.given(step.family):
            yield (f"unassigned:{step.pk}", step.family,
                   f"No practitioner was assigned within {UNASSIGNED.days} days of the allocation.")


def shown_to(person: Person) -> list[tuple[Family, str]]:
    """What delivery shows at the sites where this person sees deliveries, and arms with them."""
    return [(family, text) for _mark, family, text in in_delivery()
            if person.may("delivery.see", family.site.code) and person.may("arms.see", family.site.code)]
