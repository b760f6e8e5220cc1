"""Authorities' returns and the child-protection outcomes derived from them, by trial number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from attunement.journey.people.models import Person, Site
from attunement.journey.referral.models import Child, Family
from attunement.journey.trail.versions import latest_number

if TYPE_CHECKING:
    from django.db.models import QuerySet


class Drop(models.Model):
    """What an authority was asked for: the children in the workbook that it downloaded, each with its first day."""

    site = models.ForeignKey(Site, models.PROTECT)
    made_at = models.DateTimeField()
    children = models.JSONField()
    study_version = models.IntegerField(default=latest_number)

    class Meta:
        ordering = ["id"]

    @classmethod
    def visible_to(cls, person: Person) -> QuerySet[Drop]:
        sites = person.sites_with("outcomes.supply")
        return cls.objects.all() if sites is None else cls.objects.filter(site__code__in=sites)


class Extract(models.Model):
    """One return of one authority that was read whole and without a fault."""

    site = models.ForeignKey(Site, models.PROTECT)
    taken_on = models.DateField()
    sha256 = models.CharField(max_length=64)
    children = models.PositiveIntegerField()
    supplied_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    supplied_at = models.DateTimeField()
    study_version = models.IntegerField(default=latest_number)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["site", "sha256"], name="a_return_is_read_once")]

    @classmethod
    def visible_to(cls, person: Person) -> QuerySet[Extract]:
        sites = person.sites_with("outcomes.supply")
        return cls.objects.all() if sites is None else cls.objects.filter(site__code__in=sites)


class ChildOutcome(models.Model):
    """A child's outcomes at one extract. The newest extract holds; a missing value stays missing."""

    child = models.ForeignKey(Child, models.PROTECT, related_name="outcomes")
    extract = models.ForeignKey(Extract, models.PROTECT, related_name="outcomes")
    status = models.CharField(max_length=20)
    values = models.JSONField()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["child", "extract"], name="one_outcome_a_child_and_extract")]

    @classmethod
    def visible_to(cls, person: Person) -> QuerySet[ChildOutcome]:
        return cls.objects.filter(child__family__in=Family.visible_to(person, "outcomes.supply"))
