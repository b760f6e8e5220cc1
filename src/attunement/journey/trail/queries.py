"""Reading the trail."""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models import QuerySet

from attunement.journey.trail import clock
from attunement.journey.trail.actions import START, digest_of, fingerprint
from attunement.journey.trail.models import Entry
from attunement.journey.trail.versions import UTC

EARLIEST, LATEST = date(1990, 1, 1), date(2100, 1, 1)
# Only families of one arm have sessions and films, so an entry about one gives the arm away.
# Practitioners meet families of one arm only, so who made an entry in a register, or recorded a change, gives it away too.
TELLS_ARM = ("arms.read", "delivery.", "films.", "supervision.", "consent.change_recorded", "oversight.entry_opened",
             "oversight.dropout_read")


def first_broken() -> int | None:
    """The number of the first entry that does not follow from the one before it; None when the chain is whole."""
    before, expected = START, 1
    for entry in Entry.objects.order_by("number").iterator(chunk_size=2000):
        row = (entry.number, entry.at.astimezone(UTC).isoformat(), entry.who, entry.verb, entry.family, entry.site,
               entry.what, fingerprint(entry.why), entry.study_version)
        if entry.number != expected or entry.before != before or entry.digest != digest_of(before, row):
            return expected
        before, expected = entry.digest, expected + 1
    return None


def matching(*, verb: str = "", family: str = "", who: str = "", site: str = "", first: date | None = None,
             last: date | None = None, arms: bool = True) -> QuerySet[Entry]:
    """Entries newest first, by what was done, to whom, by whom, where and when (both days included).

    Without `arms`, those are left out from which a reader could tell a family's arm.
    """
    found = Entry.objects.order_by("-number")
    for field, value in (("verb__startswith", verb), ("family", family), ("who", who), ("site", site),
                         ("at__gte", first and clock.local(max(first, EARLIEST), 0)),
                         ("at__lt", last and clock.local(min(last, LATEST) + timedelta(days=1), 0))):
        if value:
            found = found.filter(**{field: value})
    if not arms:
        for stage in TELLS_ARM:
            found = found.exclude(verb__startswith=stage)
    return found
