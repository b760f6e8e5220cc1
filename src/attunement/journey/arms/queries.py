"""What is known of allocation without the arm."""

from __future__ import annotations

from datetime import date

from attunement.journey.arms.models import Allocation
from attunement.journey.referral.models import Family
from attunement.journey.trail import clock


def allocated_on(family: Family) -> date | None:
    """The day a family was allocated, which is no secret; the arm is (see `actions.read_arm`)."""
    at = Allocation.objects.filter(family=family).values_list("at", flat=True).first()
    return None if at is None else clock.day_of(at)


def any_allocated() -> bool:
    return Allocation.objects.exists()
