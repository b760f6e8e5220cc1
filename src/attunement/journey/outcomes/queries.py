"""Whose records are due, and which outcome holds."""

from __future__ import annotations

from datetime import date

from attunement.journey.arms.models import Allocation
from attunement.journey.consent import queries as consent
from attunement.journey.outcomes.models import ChildOutcome, Drop
from attunement.journey.people.models import Site
from attunement.journey.referral.models import Child
from attunement.journey.trail import clock, versions
from attunement.records.template import Row
from attunement.study.calendar import add_months


def due(site: Site) -> list[Row]:
    """The index children of both arms whose window has ended, in one order; withdrawn families are gone."""
    months = versions.current().records.months_after
    allocated = dict(Allocation.objects.filter(family__site=site).values_list("family_id", "at"))
    rows = []
    for child in Child.objects.filter(family__in=allocated, index=True).select_related("family__site"):
        start = clock.day_of(allocated[child.family_id])
        end = add_months(start, months)
        if end <= clock.today() and consent.allows(child.family, "records"):
            rows.append(Row(child.trial_number, start, end))
    return sorted(rows, key=lambda row: row.trial_number)


def asked(site: Site) -> dict[str, date]:
    """Trial number -> first day, of the children in the workbook that the site downloaded last."""
    drop = Drop.objects.filter(site=site).last()
    return {} if drop is None else {number: date.fromisoformat(day) for number, day in drop.children.items()}


def still_agreed(site: Site) -> set[str]:
    """The trial numbers whose families agree to records today: whoever withdrew since the download is left out."""
    children = Child.objects.filter(family__site=site, index=True).select_related("family__site")
    return {child.trial_number for child in children if consent.allows(child.family, "records")}


def newest() -> dict[int, ChildOutcome]:
    """Child id -> the outcome of the newest extract."""
    rows = ChildOutcome.objects.select_related("extract").order_by("extract__taken_on", "id")
    return {row.child_id: row for row in rows}
