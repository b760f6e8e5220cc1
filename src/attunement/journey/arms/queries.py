"""What is known of allocation without the arm."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from functools import lru_cache

from django.db import connection

from attunement import allocation
from attunement.journey.arms import policies
from attunement.journey.arms.models import Allocation, Proposal, Scheme
from attunement.journey.people.models import Holding, Site
from attunement.journey.referral.models import Family
from attunement.journey.surveys.models import Questionnaire
from attunement.journey.trail import clock, versions
from attunement.journey.trail.errors import Refused
from attunement.journey.trail.models import Entry
from attunement.study.schema import Factor


def allocated_on(family: Family) -> date | None:
    """The day a family was allocated, which is no secret; the arm is (see `actions.read_arm`)."""
    return days([family.pk]).get(family.pk)


def days(families: list[int]) -> dict[int, date]:
    """Family id -> the day it was allocated, of those that were. Plain SQL: asked before each single answer."""
    if not families:
        return {}
    places = ", ".join(["%s"] * len(families))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT family_id, at FROM arms_allocation WHERE family_id IN ({places})", families)
        return {family: clock.day_of(at if at.tzinfo else at.replace(tzinfo=UTC)) for family, at in cursor.fetchall()}


def any_allocated() -> bool:
    return Allocation.objects.exists()


def in_words(scheme: Scheme) -> str:
    """What a scheme does, for people who do not draw lots for a living."""
    return allocation.describe(policies.rule_of(scheme, min(scheme.places)))


def foreseen(scheme: Scheme) -> str:
    """How far the scheme can be guessed and how level it keeps its largest stratum, as it stands before the lock."""
    largest = max(scheme.places, key=lambda stratum: scheme.places[stratum])
    try:
        return _in_words(policies.rule_of(scheme, largest), scheme.places[largest])
    except allocation.AllocationError as reason:
        return f"It has no figures: {reason}."


@lru_cache(maxsize=32)
def _in_words(rule: allocation.Scheme | allocation.Minimisation, places: int) -> str:
    return allocation.assess(rule, places).in_words


def waiting_change() -> tuple[bool, str]:
    """May the study file's scheme be set up now? If it cannot be used, the reason."""
    try:
        facts = policies.facts_of(versions.current())
    except Refused as refusal:
        return False, str(refusal)
    latest = Scheme.objects.order_by("-version").first()
    return latest is None or not policies.same(latest, facts), ""


def noted(family: Family) -> list[tuple[str, datetime]]:
    """What two people agreed became of this family's allocation, and when."""
    found = Proposal.objects.filter(family=family).exclude(agreed_by=None).exclude(kind="unblinding")
    return [(each.get_kind_display(), each.agreed_at) for each in found if each.agreed_at]


def drills() -> list[tuple[datetime, bool]]:
    """When two shares were tried, newest first, and whether they restored the key."""
    found = Entry.objects.filter(verb="arms.recovery_drill").order_by("-number")[:20]
    return [(entry.at, bool(json.loads(entry.what)["passed"])) for entry in found]


def shares_made() -> datetime | None:
    """When recovery shares were last shown."""
    found = Entry.objects.filter(verb="arms.shares_made").last()
    return found.at if found else None


def asked_factors() -> list[Factor]:
    """The factors whose level is asked for when a family is allocated; none before a scheme is locked."""
    try:
        return policies.asked_factors(policies.locked_scheme())
    except Refused:
        return []


def coordinators(site: Site) -> list[str]:
    """Where those who coordinate a site read their mail."""
    held = Holding.objects.filter(role="coordinator", site=site, until=None, person__is_active=True)
    return sorted(set(held.values_list("person__email", flat=True)))


def ready() -> list[Family]:
    """Families not allocated of which every check holds, in the order in which their first questionnaire was done."""
    done = Questionnaire.objects.filter(state="complete", family__allocation=None).order_by("completed_at", "id")
    found = dict.fromkeys(each.family for each in done.select_related("family__site"))
    return [family for family in found if not any(check.reason for check in policies.checks(family))]
