"""The review point and who signed it, the registers, the lock and its steps, snapshots, the release of the arm key."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models

from attunement.journey.oversight.interview_models import (  # noqa: F401 - the app's models are found from here
    CodebookVersion,
    Interview,
    Passage,
    Sample,
    Source,
    Summary,
)
from attunement.journey.people.models import Person, Site
from attunement.journey.referral.models import Family
from attunement.journey.trail import clock, versions
from attunement.journey.trail.versions import latest_number

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from attunement.study.schema import Register


class Review(models.Model):
    """The review point as it was held: figures and pack frozen, decision and reasons written down.

    `pack`: the page that was judged, byte for byte. `led_to`: the study version by which the decision was carried out.
    """

    held_on = models.DateField()
    figures = models.JSONField()
    decision = models.CharField(max_length=20, choices=[("go_on", "Go on as planned"), ("amend", "Go on with an amendment"),
                                                        ("stop", "Stop")])
    reasons = models.TextField()
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    pack = models.BinaryField(default=bytes)
    pack_sha256 = models.CharField(max_length=64, blank=True)
    led_to = models.IntegerField(null=True)
    study_version = models.IntegerField(default=latest_number)

    class Meta:
        ordering = ["id"]


class Signature(models.Model):
    """One of those who sign the decision of the review point, by name and role as they were on that day."""

    review = models.ForeignKey(Review, models.PROTECT, related_name="signatures")
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    name = models.CharField(max_length=120)
    role = models.CharField(max_length=120)
    at = models.DateTimeField()
    study_version = models.IntegerField(default=latest_number)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["review", "by"], name="a_person_signs_once")]


class RegisterEntry(models.Model):
    """Something that must not be forgotten: a concern, an event, a deviation, a complaint, a request; with its clock.

    `found`: the mark of an entry that a rule made, so that it is made once. `text` and `outcome` leave the database never.
    """

    register = models.CharField(max_length=40)
    family = models.ForeignKey(Family, models.PROTECT, null=True, related_name="register_entries")
    site = models.ForeignKey(Site, models.PROTECT, null=True, related_name="+")
    text = models.TextField()
    came_on = models.DateField()
    due_on = models.DateField()
    opened_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField()
    found = models.CharField(max_length=80, unique=True, null=True)
    acknowledged_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    acknowledged_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)
    outcome = models.TextField(blank=True)
    study_version = models.IntegerField(default=latest_number)

    class Meta:
        ordering = ["due_on", "id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(opened_by=None) ^ models.Q(found=None),
                                   name="entry_of_a_person_or_a_rule"),
            models.CheckConstraint(condition=models.Q(closed_at=None)
                                   | (models.Q(acknowledged_at__isnull=False) & ~models.Q(outcome="")),
                                   name="closed_entry_has_its_outcome"),
        ]

    @property
    def kind(self) -> Register:
        """The register as the study file had it when the entry was made."""
        study = versions.numbered(self.study_version)
        return next(register for register in study.registers if register.code == self.register)

    @property
    def met_on(self) -> date | None:
        """When its clock stopped."""
        met = self.closed_at if self.kind.until == "closed" else self.acknowledged_at
        return clock.day_of(met) if met else None

    @property
    def overdue(self) -> bool:
        """Its clock has run out; also of one that was met too late."""
        return (self.met_on or clock.today()) > self.due_on

    @property
    def state(self) -> tuple[str, str]:
        """In words, and the colour of the label."""
        if self.closed_at:
            return "Closed", "grey"
        if self.met_on is None and self.overdue:
            return "Overdue", "red"
        return ("Acknowledged", "blue") if self.acknowledged_at else ("New", "yellow")

    @classmethod
    def visible_to(cls, person: Person) -> QuerySet[RegisterEntry]:
        """Every entry for those who keep the registers; the own ones for those who opened them."""
        rows = cls.objects.select_related("family", "site", "opened_by", "acknowledged_by", "closed_by")
        return rows if person.may("registers.keep") else rows.filter(opened_by=person.pk)


class PlanLock(models.Model):
    """The analysis plan as it was locked: the hash of the study file's estimands. Locked once a study version.

    `parts`: the hashes of the plans of process and cost, which stand in the same registry.
    """

    study_version = models.IntegerField(unique=True)
    sha256 = models.CharField(max_length=64)
    parts = models.JSONField(default=dict)
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


class Published(models.Model):
    """Numbers that left the trial: a report, or a month's figures for the funder. Kept for ever, and never changed.

    `content`: the true counts and what was shown of them, as the register of releases holds them: never shown.
    """

    kind = models.CharField(max_length=20, choices=[("report", "Report"), ("progress", "Progress")])
    name = models.CharField(max_length=60)
    content = models.JSONField()
    manifest = models.JSONField()
    approved_by = models.CharField(max_length=200)
    at = models.DateTimeField()
    study_version = models.IntegerField(default=latest_number)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["name"], condition=models.Q(kind="progress"),
                                               name="progress_is_published_once_a_month")]

    @property
    def profiles(self) -> str:
        return ", ".join(sorted({table["profile"] for table in self.manifest["tables"].values()}))


class Lock(models.Model):
    """One way from a registered plan to a final report. Where it stands is its last step."""

    plan = models.ForeignKey(PlanLock, models.PROTECT, related_name="locks")
    cut_on = models.DateField(null=True)
    snapshot = models.OneToOneField(Snapshot, models.PROTECT, null=True, related_name="lock")
    study_version = models.IntegerField(default=latest_number)

    class Meta:
        ordering = ["id"]

    @property
    def last(self) -> Step | None:
        return self.steps.last()

    @property
    def path(self) -> Path:
        """Where its blind copy, its runs and its editions lie."""
        return settings.PLACE.root / "locks" / str(self.pk)


class Step(models.Model):
    """A step of a lock, never changed. `acted_on`: the SHA-256 of what it settled; `before`: the digest of the step before.

    `said`: what was decided, in words and codes; `signature`: Ed25519 over the digest, by the trial's signing key.
    """

    lock = models.ForeignKey(Lock, models.PROTECT, related_name="steps")
    number = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=10)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    acted_on = models.CharField(max_length=64)
    before = models.CharField(max_length=64)
    digest = models.CharField(max_length=64, unique=True)
    signature = models.CharField(max_length=128)
    said = models.JSONField(default=dict)

    class Meta:
        ordering = ["lock", "number"]
        constraints = [models.UniqueConstraint(fields=["lock", "number"], name="a_step_has_its_place"),
                       models.UniqueConstraint(fields=["lock", "before"], name="steps_never_fork")]


class Edition(models.Model):
    """A report that went out of a lock: draft, reviewed or final, with what changed since the edition before.

    `authors`: the authors' own texts that it was built with.
    """

    lock = models.ForeignKey(Lock, models.PROTECT, related_name="editions")
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10)
    report_sha256 = models.CharField(max_length=64)
    authors = models.TextField(blank=True)
    differences = models.JSONField(default=list)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["lock", "number"]
        constraints = [models.UniqueConstraint(fields=["lock", "number"], name="an_edition_has_its_number")]

    @property
    def path(self) -> Path:
        return self.lock.path / "editions" / str(self.number)
