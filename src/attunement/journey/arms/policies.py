"""May a scheme be set up, locked, or a family allocated, now?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings

from attunement import allocation
from attunement.journey.arms.models import Allocation, Scheme
from attunement.journey.consent import queries as consent
from attunement.journey.referral.models import Family
from attunement.journey.surveys.models import Questionnaire
from attunement.journey.trail import clock, versions
from attunement.journey.trail.errors import Refused
from attunement.study import Study
from attunement.study.schema import TimePoint

# From later stages: what whoever allocates is warned of first, though it stops nothing, and what an allocation opens, in
# its transaction (family and arm).
warnings: list[Callable[[Family], list[str]]] = []
afterwards: list[Callable[[Family, str], None]] = []


@dataclass(frozen=True)
class Check:
    """One thing that must hold before a family is allocated; `reason` says why it does not, empty when it does."""

    what: str
    reason: str = ""


def seed_is_drawn(seed: bytes | None) -> None:
    if seed is not None and not settings.DEMONSTRATION:
        raise Refused("A study's seed is drawn by chance and never handed in. Only a demonstration may say it.")


def facts_of(study: Study) -> dict[str, Any]:
    """What a scheme is made of, as the study file has it. Refused, with the reason, when it cannot serve this study."""
    asked = study.allocation
    strange = set(asked.strata) - {"site"}
    if strange:
        raise Refused(f"The strata name {', '.join(sorted(strange))}, which this study knows no fixed levels of. "
                      "Free text is never a stratum. Name site.")
    if not asked.strata or not study.sites:
        raise Refused("Families are allocated by site, but the study file names no site factor. "
                      "Write strata = [\"site\"] and list the sites.")
    for site in study.sites:
        try:
            rule = allocation.parse(asked.scheme, asked.ratio, n=site.target)
        except allocation.AllocationError as error:
            raise Refused(f"The scheme cannot be used: {error}.") from None
        if rule.arms != len(study.arms):
            raise Refused(f"The ratio is for {rule.arms} arms, but the study file has {len(study.arms)}.")
    return {"text": asked.scheme, "ratio": list(asked.ratio), "arms": [arm.code for arm in study.arms],
            "strata": list(asked.strata), "places": {site.code: site.target for site in study.sites}}


def same(scheme: Scheme, facts: dict[str, Any]) -> bool:
    return all(getattr(scheme, name) == value for name, value in facts.items())


def rule_of(scheme: Scheme, stratum: str) -> allocation.Scheme:
    """The rule by which a stratum's arms are drawn. Refused when the scheme was locked without that stratum."""
    if stratum not in scheme.places:
        raise Refused("The locked scheme does not have this site. The monitoring statistician sets up a new version.")
    return allocation.parse(scheme.text, tuple(scheme.ratio), n=scheme.places[stratum])


def locked_scheme() -> Scheme:
    scheme = Scheme.objects.exclude(locked_at=None).order_by("-version").first()
    if scheme is None:
        raise Refused("The allocation scheme has not been locked yet. "
                      "The trial manager and the monitoring statistician do that.")
    return scheme


def not_allocated(family: Family) -> None:
    if Allocation.objects.filter(family=family).exists():
        raise Refused("This family has been allocated already.")


def checks(family: Family) -> list[Check]:
    """What must hold before this family is allocated, each with the reason why it does not."""
    found = [
        Check("A child of the family is eligible",
              "" if family.children.filter(index=True).exists() else "No child of this family is eligible."),
        Check("The family agreed to take part",
              "" if consent.given(family) else "The family has not agreed to take part, or has withdrawn."),
        Check("Its circumstances are as they were at referral",
              "The family's circumstances have changed since it was referred. Speak to the trial manager."
              if family.changes.exists() else ""),
    ]
    study = versions.current()
    before = [point for point in study.time_points if point.months_after is None]
    return found + [Check("The first questionnaire is complete", _baseline(family, point, study)) for point in before]


def _baseline(family: Family, point: TimePoint, study: Study) -> str:
    done = Questionnaire.objects.filter(family=family, time_point=point.code, state="complete").first()
    if done is None or done.completed_at is None:
        return "The first questionnaire has not been completed yet."
    oldest = study.allocation.baseline_max_age_days
    if clock.now() - done.completed_at > timedelta(days=oldest):
        return f"The first questionnaire is more than {oldest} days old. Speak to the trial manager."
    return ""


def warned_of(family: Family) -> list[str]:
    return [sentence for warn in warnings for sentence in warn(family)]


def questions() -> list[str]:
    """What is asked again on the day of the draw: the study's questions of eligibility."""
    return [rule.question for rule in versions.current().eligibility if rule.kind == "yes"]


def still(eligible: bool | None) -> None:
    """`eligible`: what was said on the day of the draw; None: it was not asked."""
    if eligible is False:
        raise Refused("The family is not eligible any more, so it is not allocated. Speak to the trial manager.")


def can_be_allocated(family: Family) -> None:
    """Not allocated yet, and every check holds: the first that fails is said."""
    not_allocated(family)
    for check in checks(family):
        if check.reason:
            raise Refused(check.reason)
