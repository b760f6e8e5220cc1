"""Interviews, the texts that are coded, the codebook's versions, passages under codes, and summaries of themes."""

from __future__ import annotations

from django.db import models

from attunement.journey.people.models import Person
from attunement.journey.referral.models import Family
from attunement.journey.trail.versions import latest_number


class Interview(models.Model):
    """A family drawn for an interview and its own consent to it. `place`: in the order drawn; a reserve is turned to when
    another cannot be had. `ended_on`: the family took that consent back."""

    family = models.OneToOneField(Family, models.PROTECT, related_name="interview")
    place = models.PositiveSmallIntegerField()
    reserve = models.BooleanField()
    drawn_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    drawn_at = models.DateTimeField()
    seed = models.BigIntegerField()
    consented_on = models.DateField(null=True)
    mode = models.CharField(max_length=20, blank=True)
    ended_on = models.DateField(null=True)
    study_version = models.IntegerField(default=latest_number)

    class Meta:
        ordering = ["place"]
        constraints = [models.CheckConstraint(condition=models.Q(ended_on=None) | models.Q(consented_on__isnull=False),
                                              name="ends_what_was_agreed")]


class Sample(models.Model):
    """How the interviews were drawn: from which snapshot, by which quotas (column, level, at least so many), which seed."""

    snapshot = models.ForeignKey("oversight.Snapshot", models.PROTECT, related_name="+")
    size = models.PositiveIntegerField()
    seed = models.BigIntegerField()
    quotas = models.JSONField(default=list)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    study_version = models.IntegerField(default=latest_number)


class Source(models.Model):
    """A text without names that may be coded: LF line ends, so that a place in it is a number of code points.

    `about`: which question or session, empty for the transcript. `redactions`: where something was taken out, never what.
    """

    KINDS = [("transcript", "Transcript"), ("open_answer", "Open answer"), ("session_note", "Session note")]
    family = models.ForeignKey(Family, models.PROTECT, related_name="told")
    kind = models.CharField(max_length=12, choices=KINDS)
    about = models.CharField(max_length=80, blank=True)
    text = models.TextField()
    redactions = models.JSONField(default=list)
    consented_on = models.DateField()
    kept_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    kept_at = models.DateTimeField()
    study_version = models.IntegerField(default=latest_number)

    class Meta:
        ordering = ["family__code", "id"]
        constraints = [models.UniqueConstraint(fields=["family", "kind", "about"], name="a_text_is_kept_once")]

    @property
    def name(self) -> str:
        """What programs of others call it."""
        about = f", {self.about}" if self.about else ""
        return f"{self.family.code}, {self.get_kind_display().lower()}{about}"


class CodebookVersion(models.Model):
    """The whole codebook as it stands from one change on; the newest holds."""

    number = models.PositiveIntegerField(unique=True)
    codes = models.JSONField()
    verb = models.CharField(max_length=10)
    code = models.CharField(max_length=36, blank=True)
    why = models.TextField()
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    study_version = models.IntegerField(default=latest_number)

    class Meta:
        ordering = ["number"]


class Passage(models.Model):
    """A passage of a text under a code (its guid), by one coder. `clearance`: whether a report may quote it. `settled`:
    what two coders agreed on where only one of them had coded it."""

    CLEARANCES = [("", "Not proposed"), ("proposed", "Proposed"), ("cleared", "Cleared"), ("refused", "Refused"),
                  ("withdrawn", "Withdrawn")]
    SETTLED = [("", "Open"), ("stays", "It stays"), ("goes", "It goes")]
    source = models.ForeignKey(Source, models.PROTECT, related_name="passages")
    code = models.CharField(max_length=36)
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    coder = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    clearance = models.CharField(max_length=10, choices=CLEARANCES, blank=True)
    settled = models.CharField(max_length=5, choices=SETTLED, blank=True)
    settled_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    study_version = models.IntegerField(default=latest_number)

    class Meta:
        ordering = ["source", "start", "id"]
        constraints = [models.UniqueConstraint(fields=["source", "code", "start", "end", "coder"],
                                               name="a_passage_is_coded_once_by_each"),
                       models.CheckConstraint(condition=models.Q(end__gt=models.F("start")), name="a_passage_has_words")]

    @property
    def words(self) -> str:
        return self.source.text[self.start:self.end]

    @property
    def quote(self) -> str:
        """By this id a report asks for it."""
        return f"q{self.pk}"


class Summary(models.Model):
    """A cell of the framework matrix in the analyst's words: what a family says on a theme of the top level."""

    family = models.ForeignKey(Family, models.PROTECT, related_name="+")
    code = models.CharField(max_length=36)
    text = models.TextField()
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    study_version = models.IntegerField(default=latest_number)

    class Meta:
        ordering = ["family__code", "code"]
        constraints = [models.UniqueConstraint(fields=["family", "code"], name="a_cell_has_one_summary")]
