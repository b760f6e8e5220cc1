"""The allocation scheme with its sealed seed, and each family's allocation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from attunement.journey.people.models import Person
from attunement.journey.referral.models import Family

if TYPE_CHECKING:
    from django.db.models import QuerySet


class Scheme(models.Model):
    """A scheme as the study file configured it. Locked by two people; from then on nobody can change it."""

    version = models.PositiveIntegerField(unique=True)
    text = models.CharField(max_length=80)
    ratio = models.JSONField()
    arms = models.JSONField()
    strata = models.JSONField()
    places = models.JSONField()
    sealed_seed = models.BinaryField(null=True)
    commitment = models.CharField(max_length=64, blank=True)
    software = models.CharField(max_length=40, blank=True)
    set_up_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    locked_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    locked_at = models.DateTimeField(null=True)
    study_version = models.IntegerField()

    class Meta:
        ordering = ["version"]
        constraints = [
            models.CheckConstraint(condition=models.Q(locked_at=None) | ~models.Q(locked_by=models.F("set_up_by")),
                                   name="scheme_locked_by_a_second_person"),
            models.CheckConstraint(condition=models.Q(locked_at=None) | models.Q(sealed_seed__isnull=False),
                                   name="locked_scheme_has_a_seed"),
        ]


class Stratum(models.Model):
    """The queue of one stratum: the row that an allocation locks."""

    scheme = models.ForeignKey(Scheme, models.PROTECT)
    name = models.CharField(max_length=60)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scheme", "name"], name="stratum_once")]


class Allocation(models.Model):
    """A family's place and arm. Written once; the next place is the next of the family's own stratum."""

    family = models.OneToOneField(Family, models.PROTECT, related_name="allocation")
    stratum = models.ForeignKey(Stratum, models.PROTECT)
    place = models.PositiveIntegerField()
    arm = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    allocated_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    key = models.CharField(max_length=64, unique=True)
    salt = models.CharField(max_length=32)
    study_version = models.IntegerField()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["stratum", "place"], name="a_place_is_used_once")]

    @property
    def arm_code(self) -> str:
        return str(self.stratum.scheme.arms[self.arm])

    @classmethod
    def visible_to(cls, person: Person, right: str = "arms.see") -> QuerySet[Allocation]:
        return cls.objects.filter(family__in=Family.visible_to(person, right))
