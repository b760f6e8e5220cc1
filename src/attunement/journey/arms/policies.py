"""May a scheme be set up, locked, or a family allocated, now?"""

from __future__ import annotations

from datetime import timedelta

from attunement import allocation
from attunement.journey.arms.models import Allocation, Scheme
from attunement.journey.consent import queries as consent
from attunement.journey.referral.models import Family
from attunement.journey.surveys.models import Questionnaire
from attunement.journey.trail import clock, versions
from attunement.journey.trail.errors import Refused
from attunement.study import Study


def scheme_fits(study: Study) -> allocation.Scheme:
    """The study file's scheme. Refused, with the reason, when it cannot serve this study."""
    if set(study.allocation.strata) - {"site"}:
        raise Refused("The strata name a factor that the study file does not define. Only site can be used here.")
    try:
        scheme = allocation.parse(study.allocation.scheme, study.allocation.ratio)
    except allocation.AllocationError as error:
        raise Refused(f"The scheme cannot be used: {error}") from None
    if scheme.arms != len(study.arms):
        raise Refused(f"The scheme has {scheme.arms} arms, the study file {len(study.arms)}.")
    return scheme


def can_be_allocated(family: Family) -> None:
    """Eligible, consented, baseline complete and fresh, not allocated: in this order, the first that fails is said."""
    if not family.children.filter(index=True).exists():
        raise Refused("No child of this family is eligible.")
    if not consent.given(family):
        raise Refused("The family has not agreed to take part, or has withdrawn.")
    if family.changes.exists():
        raise Refused("The family's circumstances have changed since it was referred. Speak to the trial manager.")
    study = versions.current()
    for point in study.time_points:
        if point.months_after is None:
            done = Questionnaire.objects.filter(family=family, time_point=point.code, state="complete").first()
            if done is None or done.completed_at is None:
                raise Refused("The first questionnaire has not been completed yet.")
            if clock.now() - done.completed_at > timedelta(days=study.allocation.baseline_max_age_days):
                raise Refused(f"The first questionnaire is more than {study.allocation.baseline_max_age_days} days old.")
    if Allocation.objects.filter(family=family).exists():
        raise Refused("This family has been allocated already.")


def locked_scheme() -> Scheme:
    scheme = Scheme.objects.exclude(locked_at=None).order_by("-version").first()
    if scheme is None:
        raise Refused("The allocation scheme has not been locked yet. The trial manager and the monitoring statistician do that.")
    return scheme
