"""What is known of allocation without the arm."""

from __future__ import annotations

from datetime import date

from attunement import allocation
from attunement.journey.arms import policies
from attunement.journey.arms.models import Allocation, Scheme
from attunement.journey.referral.models import Family
from attunement.journey.trail import clock, versions
from attunement.journey.trail.errors import Refused


def allocated_on(family: Family) -> date | None:
    """The day a family was allocated, which is no secret; the arm is (see `actions.read_arm`)."""
    return days([family.pk]).get(family.pk)


def days(families: list[int]) -> dict[int, date]:
    """Family id -> the day it was allocated, of those that were."""
    found = Allocation.objects.filter(family__in=families).values_list("family_id", "at")
    return {family: clock.day_of(at) for family, at in found}


def any_allocated() -> bool:
    return Allocation.objects.exists()


def in_words(scheme: Scheme) -> str:
    """What a scheme does, for people who do not draw lots for a living."""
    return allocation.describe(policies.rule_of(scheme, min(scheme.places)))


def waiting_change() -> tuple[bool, str]:
    """May the study file's scheme be set up now? If it cannot be used, the reason."""
    try:
        facts = policies.facts_of(versions.current())
    except Refused as refusal:
        return False, str(refusal)
    latest = Scheme.objects.order_by("-version").first()
    return latest is None or not policies.same(latest, facts), ""
