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
    """One return of one authority, read whole and approved. `rows`: what every derived value rests on."""

    site = models.ForeignKey(Site, models.PROTECT)
    taken_on = models.DateField()
    sha256 = models.CharField(max_length=64)
    children = models.PositiveIntegerField()
    supplied_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    supplied_at = models.DateTimeField()
    approved_by = models.ForeignKey(Person, models.PROTECT, related_name="+", null=True)
    rows = models.JSONField(default=dict)
    explained = models.JSONField(default=dict)
    study_version = models.IntegerField(default=latest_number)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["site", "sha256"], name="a_return_is_read_once")]

    @classmethod
    def visible_to(cls, person: Person) -> QuerySet[Extract]:
        sites = person.sites_with("outcomes.supply")
        return cls.objects.all() if sites is None else cls.objects.filter(site__code__in=sites)


class ChildOutcome(models.Model):
    """A child's outcomes at one extract. The newest extract holds; a missing value stays missing. `evidence` names the
    rows of the extract that they rest on, such as plans:5."""

    child = models.ForeignKey(Child, models.PROTECT, related_name="outcomes")
    extract = models.ForeignKey(Extract, models.PROTECT, related_name="outcomes")
    status = models.CharField(max_length=20)
    values = models.JSONField()
    evidence = models.JSONField(default=list)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["child", "extract"], name="one_outcome_a_child_and_extract")]

    @classmethod
    def visible_to(cls, person: Person) -> QuerySet[ChildOutcome]:
        return cls.objects.filter(child__family__in=Family.visible_to(person, "outcomes.supply"))


class Pending(models.Model):
    """An authority's return while it is looked at and mended: trial numbers, dates and codes only. It counts for nothing
    until a named person has approved its difference from the one before."""

    site = models.OneToOneField(Site, models.PROTECT)
    kept = models.JSONField()
    dates = models.CharField(max_length=3, blank=True, choices=[("dmy", "Day first"), ("iso", "Year first")])
    left_out = models.JSONField(default=list)
    sha256 = models.CharField(max_length=64)
    sent_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    sent_at = models.DateTimeField()
    study_version = models.IntegerField(default=latest_number)

    @classmethod
    def visible_to(cls, person: Person) -> QuerySet[Pending]:
        sites = person.sites_with("outcomes.supply")
        return cls.objects.all() if sites is None else cls.objects.filter(site__code__in=sites)


class Spelling(models.Model):
    """A local wording that stands for a code, mapped once an authority. Only the wording's keyed digest is kept."""

    site = models.ForeignKey(Site, models.PROTECT)
    sheet = models.CharField(max_length=20)
    column = models.CharField(max_length=20)
    mark = models.CharField(max_length=32)
    code = models.CharField(max_length=20)
    set_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    set_at = models.DateTimeField()
    study_version = models.IntegerField(default=latest_number)

    class Meta:
        ordering = ["sheet", "column", "code", "id"]
        constraints = [models.UniqueConstraint(fields=["site", "mark"], name="a_wording_stands_for_one_code")]

    @classmethod
    def visible_to(cls, person: Person) -> QuerySet[Spelling]:
        sites = person.sites_with("outcomes.supply")
        return cls.objects.all() if sites is None else cls.objects.filter(site__code__in=sites)
