"""What a family was asked and what it said, its links, and changes of its circumstances. Rows are added, not edited."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from attunement.journey.consent.circumstances import KINDS
from attunement.journey.people.models import Person
from attunement.journey.referral.models import Family
from attunement.journey.trail.versions import latest_number

if TYPE_CHECKING:
    from django.db.models import QuerySet

MODES = [("self", "By the family, on its own link"), ("telephone", "By telephone"), ("visit", "At a visit"),
         ("paper", "On paper")]


class Statement(models.Model):
    """One purpose, answered once: given or not. The newest row of a purpose holds."""

    family = models.ForeignKey(Family, models.PROTECT, related_name="statements")
    purpose = models.CharField(max_length=40)
    given = models.BooleanField()
    withdrawal = models.BooleanField(default=False)
    mode = models.CharField(max_length=12, choices=MODES)
    language = models.CharField(max_length=12)
    notice_version = models.CharField(max_length=20)
    made_at = models.DateTimeField()
    interpreter = models.CharField(max_length=120, blank=True)
    agency = models.CharField(max_length=120, blank=True)
    study_version = models.IntegerField()

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["family", "purpose", "-id"], name="statement_newest")]

    @classmethod
    def visible_to(cls, person: Person, right: str = "referral.see") -> QuerySet[Statement]:
        return cls.objects.filter(family__in=Family.visible_to(person, right))


class Renewal(models.Model):
    """What was said of a purpose up to statement `after` holds no more: the family is to be asked again."""

    BECAUSE = [("carer", "the child has another carer"), ("amendment", "the study has changed")]
    family = models.ForeignKey(Family, models.PROTECT, related_name="renewals")
    purpose = models.CharField(max_length=40)
    after = models.BigIntegerField()
    because = models.CharField(max_length=12, choices=BECAUSE)
    made_at = models.DateTimeField()
    study_version = models.IntegerField()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["family", "purpose", "after"], name="renewal_once")]

    @classmethod
    def visible_to(cls, person: Person, right: str = "referral.see") -> QuerySet[Renewal]:
        return cls.objects.filter(family__in=Family.visible_to(person, right))


class ShortCode(models.Model):
    """Eight signs to type instead of a link, for an hour and once. Only a keyed hash is kept."""

    family = models.ForeignKey(Family, models.PROTECT, related_name="+")
    leads_to = models.CharField(max_length=40)
    mode = models.CharField(max_length=12, choices=MODES, default="self")
    code_hash = models.CharField(max_length=64, unique=True)
    until = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    study_version = models.IntegerField(default=latest_number)

    @classmethod
    def visible_to(cls, person: Person, right: str = "consent.link") -> QuerySet[ShortCode]:
        return cls.objects.filter(family__in=Family.visible_to(person, right))


class Link(models.Model):
    """A family's way to one page: unguessable, revocable; only its hash is kept."""

    family = models.ForeignKey(Family, models.PROTECT, related_name="links")
    leads_to = models.CharField(max_length=40)
    token_hash = models.CharField(max_length=64, unique=True)
    mode = models.CharField(max_length=12, choices=MODES, default="self")
    made_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    @property
    def trail_name(self) -> str:
        return f"link:{self.pk}"

    @property
    def words(self) -> str:
        """Where it leads to, for staff: `Four months`."""
        return self.leads_to.replace("_", " ").capitalize()

    @classmethod
    def visible_to(cls, person: Person, right: str = "consent.link") -> QuerySet[Link]:
        return cls.objects.filter(family__in=Family.visible_to(person, right))


class Change(models.Model):
    """A change of circumstances that ends or alters what may be asked. The family stays in its arm and in the flow.

    `ended_on`: since when it is safe again to contact the family; nothing else that is recorded here ends.
    """

    family = models.ForeignKey(Family, models.PROTECT, related_name="changes")
    kind = models.CharField(max_length=12, choices=KINDS)
    happened_on = models.DateField()
    recorded_at = models.DateTimeField()
    ended_on = models.DateField(null=True)
    study_version = models.IntegerField(default=latest_number)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["family", "kind"], condition=models.Q(ended_on=None),
                                               name="change_once_at_a_time")]

    @classmethod
    def visible_to(cls, person: Person, right: str = "referral.see") -> QuerySet[Change]:
        return cls.objects.filter(family__in=Family.visible_to(person, right))
