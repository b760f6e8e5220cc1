"""Families and their children as an authority refers them. Names and contacts stand apart, so that they can be erased."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from attunement.journey.people.models import Person, Site

if TYPE_CHECKING:
    from django.db.models import QuerySet


class Family(models.Model):
    """A family: siblings share it, and so share an arm. `code` is the trial number without the child's letter."""

    code = models.CharField(max_length=12, unique=True)
    site = models.ForeignKey(Site, models.PROTECT)
    number = models.PositiveIntegerField()
    language = models.CharField(max_length=12)
    help_needed = models.BooleanField(default=False)
    referred_on = models.DateField()
    referred_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    study_version = models.IntegerField()

    class Meta:
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["site", "number"], name="family_number_once_a_site")]

    def __str__(self) -> str:
        return self.code

    @classmethod
    def visible_to(cls, person: Person, right: str = "referral.see") -> QuerySet[Family]:
        sites = person.sites_with(right)
        families = cls.objects.select_related("site")
        return families if sites is None else families.filter(site__code__in=sites)


class Contact(models.Model):
    """The carer's name and how to reach them. One row a family, erased when it must not be kept."""

    family = models.OneToOneField(Family, models.CASCADE)
    carer = models.CharField(max_length=120)
    phone = models.CharField(max_length=30, blank=True)
    email = models.EmailField(blank=True)

    @classmethod
    def visible_to(cls, person: Person, right: str = "referral.see") -> QuerySet[Contact]:
        return cls.objects.filter(family__in=Family.visible_to(person, right))


class Child(models.Model):
    """A child who was referred: eligible, or not and why. The index child enters the analysis."""

    family = models.ForeignKey(Family, models.PROTECT, related_name="children")
    letter = models.CharField(max_length=1)
    born_on = models.DateField(null=True)
    age_months = models.IntegerField()
    answers = models.JSONField()
    eligible = models.BooleanField()
    reason = models.CharField(max_length=60, blank=True)
    index = models.BooleanField(default=False)
    referred_on = models.DateField()
    study_version = models.IntegerField()

    class Meta:
        ordering = ["family", "letter"]
        constraints = [
            models.UniqueConstraint(fields=["family", "letter"], name="child_letter_once"),
            models.UniqueConstraint(fields=["family"], condition=models.Q(index=True), name="one_index_child"),
            models.CheckConstraint(condition=models.Q(index=False) | models.Q(eligible=True), name="index_child_eligible"),
        ]

    @property
    def trial_number(self) -> str:
        return f"{self.family.code}{self.letter}"

    @classmethod
    def visible_to(cls, person: Person, right: str = "referral.see") -> QuerySet[Child]:
        return cls.objects.filter(family__in=Family.visible_to(person, right))
