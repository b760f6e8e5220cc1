"""Films sealed at rest, the clips marked on them, and who watched."""

from __future__ import annotations

import uuid
from fractions import Fraction
from typing import TYPE_CHECKING

from django.db import models

from attunement.film import middle_of
from attunement.journey.delivery.models import Session
from attunement.journey.films.desk_models import Comment, ReelClip, ReviewFilm, Seen, SkillRating, Still
from attunement.journey.people.models import Person
from attunement.journey.referral.models import Family
from attunement.journey.trail.versions import latest_number

if TYPE_CHECKING:
    from django.db.models import QuerySet

__all__ = ["Clip", "Comment", "Film", "ReelClip", "ReviewFilm", "Seen", "SkillRating", "Still", "Viewing"]


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
    closed_at = models.DateTimeField(null=True)
    study_version = models.IntegerField(default=latest_number)

    class Meta:
        ordering = ["added_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["session", "sha256"], name="a_film_is_added_once")]

    @property
    def frames(self) -> int:
        return int(self.facts["frames"])

    @property
    def rate(self) -> Fraction:
        """Pictures a second."""
        return Fraction(self.facts["rate"])

    @classmethod
    def visible_to(cls, person: Person) -> QuerySet[Film]:
        """The films of the own caseload; a supervisor's, where the family agreed to supervision use."""
        from attunement.journey.films.permissions import films_of

        return films_of(person)


class Clip(models.Model):
    """A better-than-usual moment: first and last frame, both shown, and the principle seen in it.

    `starts` and `ends` are seconds, half-way through the first and the last picture: where a player is sent, so that
    rounding shows no other picture. `principle` 0: not named yet. `behaviour`: a code of the licence-holder's file.
    `key`: made with the page, so that a mark sent twice is kept once. `revision` rises with each change.
    """

    film = models.ForeignKey(Film, models.PROTECT, related_name="clips")
    first = models.PositiveIntegerField()
    last = models.PositiveIntegerField()
    principle = models.PositiveSmallIntegerField()
    note = models.CharField(max_length=300, blank=True)
    marked_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    marked_at = models.DateTimeField()
    taken_out_at = models.DateTimeField(null=True)
    behaviour = models.CharField(max_length=40, blank=True)
    key = models.CharField(max_length=36, unique=True, null=True)
    revision = models.PositiveIntegerField(default=0)
    study_version = models.IntegerField(default=latest_number)

    class Meta:
        ordering = ["film", "first"]
        constraints = [models.CheckConstraint(condition=models.Q(last__gte=models.F("first")), name="clip_not_empty")]

    @property
    def starts(self) -> float:
        return float(middle_of(self.first, self.film.rate))

    @property
    def ends(self) -> float:
        return float(middle_of(self.last, self.film.rate))

    @classmethod
    def visible_to(cls, person: Person) -> QuerySet[Clip]:
        return cls.objects.select_related("film__family__site").filter(film__in=Film.visible_to(person))


class Viewing(models.Model):
    """Somebody opened a film: one row before its first byte."""

    film = models.ForeignKey(Film, models.PROTECT, related_name="viewings")
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()
