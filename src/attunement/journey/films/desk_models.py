"""What is made at the desk and in a shared review, beside the clips; and the material that licence-holders loaded."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from django.db import models

from attunement.journey.delivery.models import Session
from attunement.journey.people.models import Person
from attunement.journey.trail.versions import latest_number

if TYPE_CHECKING:
    from django.db.models import QuerySet


class ReelClip(models.Model):
    """A clip's place in the reel of its cycle: the order in which the shared review shows the clips."""

    clip = models.OneToOneField("films.Clip", models.PROTECT, related_name="in_reel")
    place = models.PositiveSmallIntegerField()
    study_version = models.IntegerField(default=latest_number)

    class Meta:
        ordering = ["place", "id"]


class Still(models.Model):
    """One picture of a film that somebody wants to look at. The picture is made anew each time, never kept."""

    film = models.ForeignKey("films.Film", models.PROTECT, related_name="stills")
    frame = models.PositiveIntegerField()
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    study_version = models.IntegerField(default=latest_number)

    class Meta:
        ordering = ["frame", "id"]
        constraints = [models.UniqueConstraint(fields=["film", "frame"], name="a_still_is_kept_once")]

    @classmethod
    def visible_to(cls, person: Person) -> QuerySet[Still]:
        from attunement.journey.films.models import Film

        return cls.objects.select_related("film__family__site").filter(film__in=Film.visible_to(person))


class Comment(models.Model):
    """A word at a time of a film, from practitioner to supervisor or back. Nobody changes another's."""

    film = models.ForeignKey("films.Film", models.PROTECT, related_name="comments")
    first = models.PositiveIntegerField()
    last = models.PositiveIntegerField()
    text = models.CharField(max_length=500)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    key = models.CharField(max_length=36, unique=True)
    study_version = models.IntegerField(default=latest_number)

    class Meta:
        ordering = ["first", "id"]
        constraints = [models.CheckConstraint(condition=models.Q(last__gte=models.F("first")), name="comment_in_order")]


class Seen(models.Model):
    """What happened in a shared review: a clip played, slowed, stopped; or something the parent said, noted in a tap.

    `at_ms`: the tablet's clock, by which a film of the review is laid beside it. `words` is the parent's; no log has it.
    """

    KINDS = [("play", "Played"), ("slow", "Played slowly"), ("pause", "Stopped"), ("said", "Said"), ("out", "Taken out"),
             ("end", "Ended")]
    review = models.ForeignKey(Session, models.PROTECT, related_name="seen")
    clip = models.ForeignKey("films.Clip", models.PROTECT, null=True, related_name="seen")
    kind = models.CharField(max_length=10, choices=KINDS)
    frame = models.PositiveIntegerField(null=True)
    code = models.CharField(max_length=20, blank=True)
    words = models.CharField(max_length=300, blank=True)
    at_ms = models.BigIntegerField()
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    key = models.CharField(max_length=36, unique=True)
    study_version = models.IntegerField(default=latest_number)

    class Meta:
        ordering = ["at_ms", "id"]


class ReviewFilm(models.Model):
    """A film of a shared review, for supervision only, to which parent and practitioner both agreed on that day.

    `began_ms`: the tablet's clock at its first picture. `ended_at`: one of them agrees no more.
    """

    film = models.OneToOneField("films.Film", models.PROTECT, related_name="of_review")
    review = models.ForeignKey(Session, models.PROTECT, related_name="films_of_it")
    began_ms = models.BigIntegerField()
    agreed_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    study_version = models.IntegerField(default=latest_number)


class SkillRating(models.Model):
    """One person's answers to the skills form on a film of a review: the trainee's own, or the supervisor's."""

    film = models.ForeignKey("films.Film", models.PROTECT, related_name="ratings")
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    form = models.CharField(max_length=80)
    answers = models.JSONField()
    at = models.DateTimeField()
    study_version = models.IntegerField(default=latest_number)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["film", "by", "form"], name="rated_once_by_each")]


class Material(models.Model):
    """A licence-holder's file as it was loaded, under a number that rises by kind: the newest holds.

    `text` is theirs, used under their licence: it stands here and on pages, in no log and in no trail.
    """

    KINDS = [("behaviours", "Behaviours under the principles"), ("skills", "The skills form")]
    kind = models.CharField(max_length=12, choices=KINDS)
    number = models.PositiveIntegerField()
    text = models.TextField()
    holder = models.CharField(max_length=200)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    study_version = models.IntegerField(default=latest_number)

    class Meta:
        ordering = ["kind", "number"]
        constraints = [models.UniqueConstraint(fields=["kind", "number"], name="material_numbered_once")]

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()
