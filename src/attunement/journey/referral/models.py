"""Families and their children as an authority refers them. Names and contacts stand apart, so that they can be erased.

Until a family has agreed to be contacted by the study, only its own authority's staff see it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from attunement.journey.people.models import Person, Site

if TYPE_CHECKING:
    from django.db.models import QuerySet


class Family(models.Model):
    """A family: siblings share it, and so share an arm. `code` is the trial number without the child's letter.

    `agreed`: may the study's team contact it? None: not asked yet. `erased`: why nothing that identifies it is kept;
    then `referred_on` is the first of its month.
    """

    ERASED = [("ineligible", "no child is eligible"), ("refused", "the family does not want to take part")]
    code = models.CharField(max_length=12, unique=True)
    site = models.ForeignKey(Site, models.PROTECT)
    number = models.PositiveIntegerField()
    language = models.CharField(max_length=12)
    help_needed = models.BooleanField(default=False)
    referred_on = models.DateField()
    referred_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    study_version = models.IntegerField()
    agreed = models.BooleanField(null=True)
    agreed_on = models.DateField(null=True)
    erased = models.CharField(max_length=12, choices=ERASED, blank=True)

    class Meta:
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["site", "number"], name="family_number_once_a_site")]

    def __str__(self) -> str:
        return self.code

    @classmethod
    def visible_to(cls, person: Person, right: str = "referral.see") -> QuerySet[Family]:
        sites = person.sites_with(right)
        families = cls.objects.select_related("site")
        return families.filter(agreed=True) if sites is None else families.filter(site__code__in=sites)


class Contact(models.Model):
    """The carer's name and how to reach them. One row a family, erased when it must not be kept.

    `safe`: the routes by which the carer said it is safe to reach them, of `ROUTES`. `from_hour` and `to_hour`: when.
    """

    ROUTES = [("text", "Text message"), ("call", "Telephone call"), ("mail", "E-mail"), ("post", "Letter")]

    family = models.OneToOneField(Family, models.CASCADE)
    carer = models.CharField(max_length=120)
    phone = models.CharField(max_length=30, blank=True)
    email = models.EmailField(blank=True)
    address = models.CharField(max_length=300, blank=True)
    safe = models.JSONField(default=list)
    from_hour = models.PositiveSmallIntegerField(default=0)
    to_hour = models.PositiveSmallIntegerField(default=24)

    class Meta:
        constraints = [models.CheckConstraint(
            condition=models.Q(from_hour__lt=models.F("to_hour"), to_hour__lte=24), name="contact_hours_in_a_day")]

    def reaches(self, route: str) -> str:
        """The number or address of a route, when it is known and was said to be safe; else empty."""
        known = {"text": self.phone, "call": self.phone, "mail": self.email, "post": self.address}
        return known[route] if route in self.safe and route in known else ""

    @classmethod
    def visible_to(cls, person: Person, right: str = "referral.see") -> QuerySet[Contact]:
        return cls.objects.filter(family__in=Family.visible_to(person, right))


class Child(models.Model):
    """A child who was referred: eligible, or not and why. The index child enters the analysis.

    `age_months` at referral; of an erased child the band's first month, and no date of birth and no answers.
    """

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


class NotApproached(models.Model):
    """Families that were looked at and not approached: how many in a month and why. Nothing else is known of them."""

    site = models.ForeignKey(Site, models.PROTECT)
    month = models.DateField()
    reason = models.CharField(max_length=40)
    families = models.PositiveIntegerField()
    counted_at = models.DateTimeField()
    study_version = models.IntegerField()

    class Meta:
        ordering = ["-month", "site", "reason", "id"]
        indexes = [models.Index(fields=["site", "month", "reason", "-id"], name="not_approached_newest")]

    @classmethod
    def visible_to(cls, person: Person, right: str = "referral.refer") -> QuerySet[NotApproached]:
        sites = person.sites_with(right)
        counts = cls.objects.select_related("site")
        return counts if sites is None else counts.filter(site__code__in=sites)
