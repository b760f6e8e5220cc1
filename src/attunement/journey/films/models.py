"""Films sealed at rest, the clips marked on them, and who watched."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models

from attunement.journey.delivery.models import Session
from attunement.journey.people.models import Person
from attunement.journey.referral.models import Family

if TYPE_CHECKING:
    from django.db.models import QuerySet


class Film(models.Model):
    """A film of a session. The file is sealed; its key is wrapped by one that the database does not hold."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    family = models.ForeignKey(Family, models.PROTECT, related_name="films")
    session = models.ForeignKey(Session, models.PROTECT, related_name="films")
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    facts = models.JSONField()
    added_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        ordering = ["added_at"]
        constraints = [models.UniqueConstraint(fields=["session", "sha256"], name="a_film_is_added_once")]

    @property
    def path(self) -> Path:
        return settings.PLACE.root / "films" / f"{self.id}.sealed"

    @property
    def key_path(self) -> Path:
        return settings.PLACE.root / "keys" / "films" / str(self.id)

    @property
    def frames(self) -> int:
        return int(self.facts["frames"])

    @classmethod
    def visible_to(cls, person: Person) -> QuerySet[Film]:
        """The films of the own caseload; a supervisor's, where the family agreed to supervision use."""
        from attunement.journey.films.permissions import films_of

        return films_of(person)


class Clip(models.Model):
    """A better-than-usual moment: first and last frame, both shown, and the principle seen in it."""

    film = models.ForeignKey(Film, models.PROTECT, related_name="clips")
    first = models.PositiveIntegerField()
    last = models.PositiveIntegerField()
    principle = models.PositiveSmallIntegerField()
    note = models.CharField(max_length=300, blank=True)
    marked_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    marked_at = models.DateTimeField()
    taken_out_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["film", "first"]
        constraints = [models.CheckConstraint(condition=models.Q(last__gte=models.F("first")), name="clip_not_empty")]


class Viewing(models.Model):
    """Somebody opened a film: one row before its first byte."""

    film = models.ForeignKey(Film, models.PROTECT, related_name="viewings")
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()
