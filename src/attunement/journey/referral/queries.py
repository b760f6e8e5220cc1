"""Counts of families that were never asked."""

from __future__ import annotations

from datetime import date

from attunement.journey.people.models import Person
from attunement.journey.referral.models import NotApproached


def not_approached(person: Person) -> list[NotApproached]:
    """The newest count of each authority, month and reason, the newest month first."""
    newest: dict[tuple[int, date, str], NotApproached] = {}
    for count in NotApproached.visible_to(person).order_by("id"):
        newest[count.site_id, count.month, count.reason] = count
    return sorted(newest.values(), key=lambda count: (-count.month.toordinal(), count.site.code, count.reason))


def not_approached_by_site() -> dict[str, int]:
    """Authority → families looked at and not asked so far."""
    newest: dict[tuple[str, date, str], int] = {}
    for site, month, reason, families in (NotApproached.objects.order_by("id")
                                          .values_list("site__code", "month", "reason", "families")):
        newest[site, month, reason] = families
    found: dict[str, int] = {}
    for (site, _month, _reason), families in newest.items():
        found[site] = found.get(site, 0) + families
    return found
