"""The allocation scheme with its sealed seed, and each family's allocation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from attunement.journey.people.models import Person
from attunement.journey.referral.models import Family

if TYPE_CHECKING:
    from django.db.models import QuerySet


class PlaceList(models.Model):
    """A list of places drawn elsewhere, as it was uploaded: its rows are sealed, for they name coming arms.

    Test and live lists stand apart. The mark is of the rows under the sealing key: it tells the same list again.
    """

    KINDS = [("test", "To try out"), ("live", "For the study's families")]
    kind = models.CharField(max_length=4, choices=KINDS)
    places = models.JSONField()
    sealed_rows = models.BinaryField()
    mark = models.CharField(max_length=64, unique=True)
    uploaded_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    study_version = models.IntegerField()

    class Meta:
        ordering = ["id"]


class Scheme(models.Model):
    """A scheme as the study file configured it. Locked by two people; from then on nobody can change it.

    places: stratum -> families planned. factors: of minimisation, each with its levels and weight. listed: the rows
    of a scheme that is a list. certificate: what was promised at the lock, as JSON.
    """

    version = models.PositiveIntegerField(unique=True)
    text = models.CharField(max_length=80)
    ratio = models.JSONField()
    arms = models.JSONField()
    strata = models.JSONField()
    places = models.JSONField()
    factors = models.JSONField(default=list)
    listed = models.OneToOneField(PlaceList, models.PROTECT, null=True, related_name="scheme")
    sealed_seed = models.BinaryField(null=True)
    commitment = models.CharField(max_length=64, blank=True)
    software = models.CharField(max_length=40, blank=True)
    set_up_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    locked_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    locked_at = models.DateTimeField(null=True)
    study_version = models.IntegerField()
    certificate = models.TextField(blank=True)

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
    """A family's place and arm. Written once; the next place is the next of the family's own stratum.

    levels: factor -> level as they were known then. A later correction never moves a family. allocated_by: nobody where
    the study's rule did it.
    """

    family = models.OneToOneField(Family, models.PROTECT, related_name="allocation")
    stratum = models.ForeignKey(Stratum, models.PROTECT)
    place = models.PositiveIntegerField()
    arm = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    allocated_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    key = models.CharField(max_length=64, unique=True)
    salt = models.CharField(max_length=32)
    levels = models.JSONField(default=dict)
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


class Proposal(models.Model):
    """What takes two people: one proposes with a reason, a second agrees. Then it stands for ever."""

    KINDS = [("in_error", "Allocated in error"), ("ineligible", "Found ineligible after allocation"),
             ("withdrawn", "Left the study after allocation"), ("unblinding", "Show the arm to one masked person"),
             ("opening", "Open the seed at the end")]
    kind = models.CharField(max_length=12, choices=KINDS)
    family = models.ForeignKey(Family, models.PROTECT, null=True, related_name="proposals")
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    reason = models.TextField()
    proposed_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    agreed_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    agreed_at = models.DateTimeField(null=True)
    study_version = models.IntegerField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(agreed_by=None) | ~models.Q(agreed_by=models.F("proposed_by")),
                                   name="agreed_by_a_second_person"),
            models.CheckConstraint(condition=models.Q(agreed_by=None, agreed_at=None)
                                   | models.Q(agreed_by__isnull=False, agreed_at__isnull=False),
                                   name="agreed_by_somebody_on_a_day"),
            models.UniqueConstraint(fields=["kind", "family", "person"], condition=models.Q(agreed_by=None),
                                    nulls_distinct=False, name="proposed_once_at_a_time"),
        ]

    @classmethod
    def visible_to(cls, person: Person, right: str = "arms.propose") -> QuerySet[Proposal]:
        sites = person.sites_with(right)
        found = cls.objects.select_related("family__site", "proposed_by", "agreed_by", "person")
        return found if sites is None else found.filter(family__site__code__in=sites)


class Opened(models.Model):
    """The seeds of all versions, once two people have opened them; `entry` is the number of the trail's entry."""

    text = models.TextField()
    entry = models.BigIntegerField(unique=True)
    at = models.DateTimeField()
    study_version = models.IntegerField()
    only = models.BooleanField(default=True, unique=True)
