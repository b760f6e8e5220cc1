"""May this person work with this family?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attunement.journey.delivery.models import Assignment
from attunement.journey.people.permissions import need
from attunement.journey.referral.models import Family
from attunement.journey.trail.errors import NotAllowed

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from attunement.journey.people.models import Person


def caseload(person: Person) -> QuerySet[Family]:
    """The families that this practitioner works with now."""
    return (Family.objects.select_related("site")
            .filter(assignments__practitioner=person, assignments__until=None).order_by("code"))


def need_caseload(person: Person, family: Family) -> None:
    need(person, "delivery.work", family.site.code)
    if not Assignment.objects.filter(family=family, practitioner=person, until=None).exists():
        raise NotAllowed("This family is not on your caseload.")
