"""What the data themselves show to differ from the protocol. Nothing here asks for an arm, and no sentence tells one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from attunement.journey.arms.models import Allocation
from attunement.journey.referral.models import Family
from attunement.journey.surveys.models import Questionnaire
from attunement.journey.trail import clock, versions
from attunement.study.calendar import window

REGISTER = "deviation"


@dataclass(frozen=True)
class Deviation:
    """`mark` names it for good, so that it is entered once."""

    mark: str
    family: Family
    text: str


def found() -> Iterator[Deviation]:
    """First questionnaires that were too old or too late at the allocation; answers outside their window."""
    allocated = {row.family_id: row for row in Allocation.objects.select_related("family__site")}
    papers = Questionnaire.objects.filter(state="complete", family__in=allocated).order_by("id")
    for paper in papers:
        text = _said(paper, allocated[paper.family_id])
        if text:
            yield Deviation(f"{paper.time_point}:{paper.pk}", allocated[paper.family_id].family, text)


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
    age, oldest = (allocation.at - paper.completed_at).days, study.allocation.baseline_max_age_days
    if paper.completed_at > allocation.at:
        return f"{title}: handed in on {done:%-d %B %Y}, after the allocation."
    return f"{title}: {age} days old at the allocation; the plan allows {oldest}." if age > oldest else ""
