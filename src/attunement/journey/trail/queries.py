"""Reading the trail."""

from __future__ import annotations

from django.db.models import QuerySet

from attunement.journey.trail.actions import START, digest_of
from attunement.journey.trail.models import Entry
from attunement.journey.trail.versions import UTC


def first_broken() -> int | None:
    """The number of the first entry that does not follow from the one before it; None when the chain is whole."""
    before, expected = START, 1
    for entry in Entry.objects.order_by("number").iterator(chunk_size=2000):
        row = (entry.number, entry.at.astimezone(UTC).isoformat(), entry.who, entry.verb, entry.family, entry.site,
               entry.what, entry.why, entry.study_version)
        if entry.number != expected or entry.before != before or entry.digest != digest_of(before, row):
            return expected
        before, expected = entry.digest, expected + 1
    return None


def matching(*, verb: str = "", family: str = "", who: str = "", site: str = "") -> QuerySet[Entry]:
    found = Entry.objects.order_by("-number")
    for field, value in (("verb__startswith", verb), ("family", family), ("who", who), ("site", site)):
        if value:
            found = found.filter(**{field: value})
    return found
