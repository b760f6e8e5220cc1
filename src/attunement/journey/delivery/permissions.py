"""May this person work with this family, or see what was delivered to it?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection

from attunement.journey.delivery.models import Assignment
from attunement.journey.people.permissions import need
from attunement.journey.referral.models import Family
from attunement.journey.trail.errors import NotAllowed

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from attunement.journey.people.models import Person

_MINE = "SELECT 1 FROM delivery_assignment WHERE family_id = %s AND practitioner_id = %s AND until IS NULL"


def caseload(person: Person) -> QuerySet[Family]:
    """The families that this person works with now, at the sites where the person still is a practitioner."""
    mine = Assignment.objects.filter(practitioner=person.pk, until=None)
    return Family.visible_to(person, "delivery.work").filter(pk__in=mine.values("family")).order_by("code")


def overseen(person: Person) -> QuerySet[Family]:
    """The families with a practitioner whose delivery this person may see. That there is any tells the arm."""
    known = Assignment.objects.values("family")
    return (Family.visible_to(person, "delivery.see").filter(pk__in=known)
            & Family.visible_to(person, "arms.see")).order_by("code")


def need_caseload(person: Person, family: Family) -> None:
    need(person, "delivery.work", family.site.code)
    with connection.cursor() as cursor:
        cursor.execute(_MINE, [family.pk, person.pk])
        mine = cursor.fetchone()
    if mine is None:
        raise NotAllowed("This family is not on your caseload.")
