"""What a family agrees to now. Every later stage asks here at every use."""

from __future__ import annotations

from attunement.journey.consent.models import Change, Statement
from attunement.journey.referral.models import Family
from attunement.journey.trail import versions

ENDS_CONTACT = {"died", "unsafe", "removed", "adopted"}


def holds(family: Family, purpose: str) -> bool:
    """Does this family agree to `purpose` now?"""
    newest = Statement.objects.filter(family=family, purpose=purpose).order_by("-id").values_list("given", flat=True)
    return newest.first() is True


def all_of(family: Family) -> dict[str, bool]:
    return dict(Statement.objects.filter(family=family).order_by("id").values_list("purpose", "given"))


def purpose_that_stops(what: str) -> list[str]:
    return [purpose.code for purpose in versions.current().consent.purposes if what in purpose.stops]


def allows(family: Family, what: str) -> bool:
    """No purpose whose withdrawal stops `what` has been refused or withdrawn, and each has been given."""
    said = all_of(family)
    return all(said.get(code) for code in purpose_that_stops(what))


def given(family: Family) -> bool:
    """Consented: every required purpose is given."""
    said = all_of(family)
    return all(said.get(purpose.code) for purpose in versions.current().consent.purposes if purpose.required)


def may_be_contacted(family: Family) -> bool:
    return not Change.objects.filter(family=family, kind__in=ENDS_CONTACT).exists() and allows(family, "contact")
