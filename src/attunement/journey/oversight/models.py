"""The review point, the lock, snapshots, and the release of the arm key by two people."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db import models

from attunement.journey.people.models import Person
from attunement.journey.trail.versions import latest_number


class Review(models.Model):
    """The review point as it was held: figures frozen, decision and reasons written down."""

    held_on = models.DateField()
    figures = models.JSONField()
    decision = models.CharField(max_length=20, choices=[("go_on", "Go on as planned"), ("amend", "Go on with an amendment"),
                                                        ("stop", "Stop")])
    reasons = models.TextField()
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    study_version = models.IntegerField(default=latest_number)

    class Meta:
        ordering = ["id"]


class PlanLock(models.Model):
    """The analysis plan as it was locked: the hash of the study file's estimands. Locked once a study version."""

    study_version = models.IntegerField(unique=True)
    sha256 = models.CharField(max_length=64)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()


class Snapshot(models.Model):
    """Frozen data: a folder of Parquet files with a manifest. The arm key joins it when two people release it."""

    name = models.CharField(max_length=60, unique=True)
    known_on = models.DateField()
    manifest_sha256 = models.CharField(max_length=64)
    taken_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    taken_at = models.DateTimeField()
    study_version = models.IntegerField()

    class Meta:
        ordering = ["id"]

    @property
    def path(self) -> Path:
        return settings.PLACE.root / "snapshots" / self.name


class Release(models.Model):
    """One of the two people who release a snapshot's arm key."""

    snapshot = models.ForeignKey(Snapshot, models.PROTECT, related_name="releases")
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["snapshot", "by"], name="a_person_releases_once")]
