"""Films sealed at rest, the clips marked on them, and who watched."""

from __future__ import annotations

import uuid
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

from django.db import models

from attunement.film import RATE, middle_of
from attunement.journey.delivery.models import Session
from attunement.journey.films.desk_models import Comment, Material, ReelClip, ReviewFilm, Seen, SkillRating, Still
from attunement.journey.people.models import Person
from attunement.journey.referral.models import Family
from attunement.journey.trail import clock
from attunement.journey.trail.versions import latest_number

if TYPE_CHECKING:
    from django.db.models import QuerySet

__all__ = ["AUDIENCES", "CAME_FROM", "Clip", "Comment", "CopyOut", "Deletion", "Film", "Hold", "InShot", "Material",
           "ReelClip", "ReviewFilm", "Seen", "Sharing", "SkillRating", "Still", "Upload", "Viewing"]
CAME_FROM = [("page", "Filmed in the page"), ("gallery", "From a phone or a camera")]
AUDIENCES = [
    ("practitioner", "The family's practitioner"), ("supervisor", "The supervisor"),
    ("peers", "Other practitioners who learn"), ("research", "Researchers who rate films"),
    ("training", "Training"), ("parent_copy", "A copy for the parent"),
]


class Film(models.Model):
    """A film of a session. The file is sealed; its key is wrapped by one that the database does not hold.

    `closed_at`: nobody plays it any more. `looked_at`, `ready_at`: its look data, then its working copy were made, or
    `fault` says why not. `shot_complete`: everybody in shot is named. `deleted_at`: its key was destroyed.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    family = models.ForeignKey(Family, models.PROTECT, related_name="films")
    session = models.ForeignKey(Session, models.PROTECT, related_name="films")
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    facts = models.JSONField()
    added_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    came_from = models.CharField(max_length=10, choices=CAME_FROM, default="gallery")
    phone_copy_gone_at = models.DateTimeField(null=True)
    shot_complete = models.BooleanField(default=True)
    looked_at = models.DateTimeField(null=True)
    ready_at = models.DateTimeField(null=True)
    working_frames = models.PositiveIntegerField(null=True)
    fault = models.CharField(max_length=200, blank=True)
    deleted_at = models.DateTimeField(null=True)
    study_version = models.IntegerField(default=latest_number)

    class Meta:
        ordering = ["added_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["session", "sha256"], name="a_film_is_added_once")]

    @property
    def frames(self) -> int:
        return self.working_frames or int(self.facts["frames"])

    @property
    def rate(self) -> Fraction:
        """Pictures a second: of the working copy, and until there is one of the film as it came."""
        return Fraction(RATE) if self.working_frames else Fraction(self.facts["rate"])

    @property
    def day(self) -> date:
        """Of its session; while that is not recorded yet, the day on which the film came."""
        return self.session.held_on or clock.day_of(self.added_at)

    @property
    def frames_hold(self) -> bool:
        """Are its frame numbers those of the working copy, made or to be made?"""
        return bool(self.working_frames) or (self.rate == RATE and not self.facts.get("variable_rate"))

    @property
    def phone_copy_open(self) -> bool:
        """It was picked from a phone, and nobody has confirmed that it was wiped there."""
        return self.came_from == "gallery" and self.phone_copy_gone_at is None

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
    """Somebody opened a film: one row before its first byte. `spans`: the bytes that were sent, of how many."""

    film = models.ForeignKey(Film, models.PROTECT, related_name="viewings")
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    spans = models.JSONField(default=list)
    of = models.BigIntegerField(default=0)

    @property
    def share(self) -> float:
        """How much of the film was sent, from 0 to 1."""
        return sum(last - first + 1 for first, last in self.spans) / self.of if self.of else 0.0


class Upload(models.Model):
    """A film on its way in. Its id is unguessable and becomes the film's. `length` is unknown while filming goes on."""

    STATES = [("arriving", "Arriving"), ("kept", "Kept"), ("refused", "Refused"), ("ended", "Ended")]
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    session = models.ForeignKey(Session, models.PROTECT, related_name="uploads")
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    length = models.BigIntegerField(null=True)
    came_from = models.CharField(max_length=10, choices=CAME_FROM, default="gallery")
    only_family = models.BooleanField(default=True)
    reaffirmed = models.BooleanField()
    state = models.CharField(max_length=10, choices=STATES, default="arriving")
    fault = models.CharField(max_length=200, blank=True)
    begun_at = models.DateTimeField()
    until = models.DateTimeField()
    study_version = models.IntegerField(default=latest_number)

    class Meta:
        ordering = ["begun_at", "pk"]

    @classmethod
    def visible_to(cls, person: Person) -> QuerySet[Upload]:
        """Everybody finishes the own uploads, as long as the family is on the own caseload."""
        from attunement.journey.delivery.permissions import caseload

        return cls.objects.select_related("session__family__site").filter(
            by=person, session__family__in=caseload(person))


class InShot(models.Model):
    """Somebody who can be seen or heard in a film, and who agreed: they themselves, or a guardian."""

    WHO = [("parent", "Parent or carer"), ("child", "Child"), ("adult", "Another adult"), ("other_child", "Another child")]
    AGREED = [("own", "They agreed themselves"), ("guardian", "Their guardian agreed"), ("no", "Nobody has agreed")]
    film = models.ForeignKey(Film, models.PROTECT, related_name="in_shot")
    who = models.CharField(max_length=12, choices=WHO)
    name = models.CharField(max_length=120, blank=True)
    agreed = models.CharField(max_length=10, choices=AGREED)
    made_at = models.DateTimeField()
    study_version = models.IntegerField(default=latest_number)

    class Meta:
        ordering = ["id"]


class Sharing(models.Model):
    """Who may see one film: the newest row of an audience holds. `said`: how the parent said it."""

    SAID = [("filming", "At the filming"), ("later", "Later, to the practitioner"), ("link", "On the family's own link")]
    film = models.ForeignKey(Film, models.PROTECT, related_name="sharings")
    audience = models.CharField(max_length=16, choices=AUDIENCES)
    given = models.BooleanField()
    said = models.CharField(max_length=10, choices=SAID)
    by = models.CharField(max_length=80)
    made_at = models.DateTimeField()
    notice_version = models.CharField(max_length=20)
    study_version = models.IntegerField(default=latest_number)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["film", "audience", "-id"], name="sharing_newest")]


class Hold(models.Model):
    """A legal hold: a named person, with a reason, keeps a film from being deleted."""

    film = models.ForeignKey(Film, models.PROTECT, related_name="holds")
    person = models.CharField(max_length=120)
    reason = models.CharField(max_length=300)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    study_version = models.IntegerField(default=latest_number)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["film", "person"], condition=models.Q(until=None),
                                               name="held_once_by_a_person")]


class Deletion(models.Model):
    """A film's end, from the asking to the receipt. `key_id` is written before the key is destroyed.

    `words_removed`: how many texts on it were emptied, by kind.
    """

    WHY = [("closing", "The family's time with us is over"), ("asked", "The family asked"),
           ("research", "The research copy's time is over")]
    film = models.OneToOneField(Film, models.PROTECT, related_name="deletion")
    why = models.CharField(max_length=10, choices=WHY)
    by = models.CharField(max_length=80)
    asked_at = models.DateTimeField()
    key_id = models.CharField(max_length=16, blank=True)
    objects_removed = models.PositiveIntegerField(default=0)
    words_removed = models.JSONField(default=dict)
    done_at = models.DateTimeField(null=True)
    study_version = models.IntegerField(default=latest_number)

    class Meta:
        ordering = ["asked_at", "pk"]

    @property
    def words(self) -> int:
        """How many texts went with the film, of whatever kind."""
        return sum(self.words_removed.values())


class CopyOut(models.Model):
    """A clip or a reel that left the system: what, for whom, its hash. It is listed, never claimed back."""

    WHOM = [("parent_copy", "For the parent"), ("training", "For training")]
    film = models.ForeignKey(Film, models.PROTECT, related_name="copies")
    clips = models.JSONField()
    whom = models.CharField(max_length=12, choices=WHOM)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    study_version = models.IntegerField(default=latest_number)

    class Meta:
        ordering = ["at", "pk"]
