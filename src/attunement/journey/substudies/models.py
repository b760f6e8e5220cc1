"""A sub-study's scheme with its own sealed seed, each family's allocation in it, its opening, and its own log.

`substudy` is everywhere the code that the study file gives it.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from attunement.journey.people.models import Person
from attunement.journey.referral.models import Family


class Scheme(models.Model):
    """As the study file configured it. Locked by two people; from then on nobody can change it.

    places: stratum -> families planned. A sub-study weighs no factors and takes no list; both names are there for what
    reads the main study's schemes too.
    """

    factors: ClassVar[list[list[str]]] = []
    listed: ClassVar[None] = None
    substudy = models.CharField(max_length=40)
    version = models.PositiveIntegerField()
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
    certificate = models.TextField(blank=True)

    class Meta:
        ordering = ["substudy", "version"]
        constraints = [
            models.UniqueConstraint(fields=["substudy", "version"], name="substudy_version_once"),
            models.CheckConstraint(condition=models.Q(locked_at=None) | ~models.Q(locked_by=models.F("set_up_by")),
                                   name="substudy_locked_by_a_second_person"),
            models.CheckConstraint(condition=models.Q(locked_at=None) | models.Q(sealed_seed__isnull=False),
                                   name="locked_substudy_has_a_seed"),
        ]


class Stratum(models.Model):
    """The queue of one stratum: the row that an allocation locks."""

    scheme = models.ForeignKey(Scheme, models.PROTECT)
    name = models.CharField(max_length=60)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scheme", "name"], name="substudy_stratum_once")]


class Allocation(models.Model):
    """A family's place and arm in a sub-study. Written once; arm: from 0."""

    substudy = models.CharField(max_length=40)
    family = models.ForeignKey(Family, models.PROTECT, related_name="further_allocations")
    stratum = models.ForeignKey(Stratum, models.PROTECT)
    place = models.PositiveIntegerField()
    arm = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    allocated_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    key = models.CharField(max_length=64, unique=True)
    salt = models.CharField(max_length=32)
    levels = models.JSONField(default=dict)
    study_version = models.IntegerField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["substudy", "family"], name="a_family_is_once_in_a_substudy"),
            models.UniqueConstraint(fields=["stratum", "place"], name="a_substudy_place_is_used_once"),
        ]

    @property
    def arm_code(self) -> str:
        return str(self.stratum.scheme.arms[self.arm])


class Opening(models.Model):
    """One person asks with a reason, a second agrees: then the seeds of all versions are open. text: what was opened."""

    substudy = models.CharField(max_length=40, unique=True)
    reason = models.TextField()
    proposed_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    agreed_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    agreed_at = models.DateTimeField(null=True)
    text = models.TextField(blank=True)
    study_version = models.IntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(agreed_by=None) | ~models.Q(agreed_by=models.F("proposed_by")),
                                   name="substudy_opened_by_a_second_person"),
            models.CheckConstraint(condition=models.Q(agreed_by=None, agreed_at=None, text="")
                                   | models.Q(agreed_by__isnull=False, agreed_at__isnull=False) & ~models.Q(text=""),
                                   name="substudy_opened_on_a_day"),
        ]


class Line(models.Model):
    """An entry of a sub-study's own log. text: as it is hashed, the digest of the line before it among it."""

    substudy = models.CharField(max_length=40)
    number = models.PositiveIntegerField()
    text = models.TextField()
    digest = models.CharField(max_length=64)
    study_version = models.IntegerField()

    class Meta:
        ordering = ["substudy", "number"]
        constraints = [models.UniqueConstraint(fields=["substudy", "number"], name="a_line_of_a_substudy_once")]
