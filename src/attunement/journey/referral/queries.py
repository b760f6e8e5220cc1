"""A family's row and its index child; counts of families that were never asked."""

from __future__ import annotations

from datetime import date

from django.db import connection

from attunement.journey.people.models import Person
from attunement.journey.referral.models import Family, NotApproached

_INDEX = 'SELECT EXISTS (SELECT 1 FROM referral_child WHERE family_id = %s AND "index")'


def lock_family(family: Family) -> None:
    """Holds the family's row to the end of the transaction. SQLite holds its write lock already (IMMEDIATE)."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM referral_family WHERE id = %s FOR UPDATE", [family.pk])


def has_index_child(family: Family) -> bool:
    """Is a child of the family eligible? Plain SQL, like all that is asked again at every action."""
    with connection.cursor() as cursor:
        cursor.execute(_INDEX, [family.pk])
        return bool(cursor.fetchone()[0])


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
