"""Drift watch: do the families that one person brings differ between the arms before anything has begun?

Where somebody can foresee arms, families begin to differ by arm under that person alone (Kennedy 2017, Trials 18:204:
ages of 57 and 72 by arm under one clinician with envelopes).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from statistics import fmean

from attunement.journey.arms import actions
from attunement.journey.arms.models import Allocation
from attunement.journey.people.models import Person
from attunement.journey.referral.models import Child
from attunement.journey.surveys.models import Score
from attunement.journey.trail import versions
from attunement.journey.trail.actions import action


@dataclass(frozen=True)
class Line:
    """The families of one person in one arm; means, None where nothing is known."""

    recruiter: str
    arm: str
    families: int
    age: float | None
    help_needed: int
    scores: tuple[float | None, ...]


def scales() -> list[tuple[str, str]]:
    """(instrument, scale) of what is asked before allocation, in order."""
    before = [point.code for point in versions.current().time_points if point.months_after is None]
    found = Score.objects.filter(questionnaire__time_point__in=before).values_list("instrument", "scale").distinct()
    return sorted(set(found))


@action
def watch(*, by: Person) -> list[Line]:
    """A line for each arm under each person who referred families; reading it is one entry in the trail."""
    families = actions.read_list(by=by, allocations=Allocation.visible_to(by, "arms.list").select_related(
        "family__referred_by", "stratum__scheme"))
    ages = dict(Child.objects.filter(index=True).values_list("family_id", "age_months"))
    scores, asked = _scores(), scales()
    groups: dict[tuple[str, str], list[Allocation]] = defaultdict(list)
    for each in families:
        groups[each.family.referred_by.code, each.arm_code].append(each)
    return [Line(recruiter, arm, len(group), _mean([ages.get(each.family_id) for each in group]),
                 sum(each.family.help_needed for each in group),
                 tuple(_mean([scores.get((each.family_id, *scale)) for each in group]) for scale in asked))
            for (recruiter, arm), group in sorted(groups.items())]


def _scores() -> dict[tuple[int, str, str], float]:
    before = [point.code for point in versions.current().time_points if point.months_after is None]
    found = Score.objects.filter(questionnaire__time_point__in=before, value__isnull=False)
    return {(family, instrument, scale): value for family, instrument, scale, value in
            found.values_list("questionnaire__family_id", "instrument", "scale", "value")}


def _mean(values: list[float | int | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if known else None
