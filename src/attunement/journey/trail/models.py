"""The audit trail, the versions of the study, and the outbox: what every later stage writes to."""

from __future__ import annotations

from django.db import models


class Entry(models.Model):
    """One action: who did what, when, why, under which version of the study. Appended, chained, never changed."""

    number = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    who = models.CharField(max_length=80)
    verb = models.CharField(max_length=60)
    family = models.CharField(max_length=20, blank=True, db_index=True)
    site = models.CharField(max_length=3, blank=True)
    what = models.TextField()
    why = models.TextField(blank=True)
    study_version = models.IntegerField()
    before = models.CharField(max_length=64)
    digest = models.CharField(max_length=64, unique=True)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["before"], name="trail_never_forks")]


class StudyVersion(models.Model):
    """A version of the study file. Version 1 opens the study; each later one is an amendment."""

    number = models.IntegerField(primary_key=True)
    text = models.TextField()
    sha256 = models.CharField(max_length=64)
    reason = models.TextField()
    approved_by = models.CharField(max_length=200)
    holds_from = models.DateField()
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["number"]


class Message(models.Model):
    """A letter, mail or text that waits to leave. Written in the transaction that causes it; sent afterwards.

    `serves` is what a withdrawal would have to stop for this message to stay: `contact`, or `surveys` too. `link`: the
    number of the family's link that it carries. `once`: rather never than twice; `handed_at` is set while it is being
    handed over. `carrier`: the carrier's own number of it.
    """

    ROUTES = [("mail", "E-mail"), ("text", "Text message"), ("post", "Letter")]
    route = models.CharField(max_length=10, choices=ROUTES)
    address = models.CharField(max_length=300)
    subject = models.CharField(max_length=120, blank=True)
    body = models.TextField()
    family = models.CharField(max_length=20, blank=True)
    serves = models.CharField(max_length=12, default="contact")
    made_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    tries = models.IntegerField(default=0)
    stopped = models.CharField(max_length=60, blank=True)
    link = models.BigIntegerField(null=True)
    once = models.BooleanField(default=False)
    handed_at = models.DateTimeField(null=True)
    carrier = models.CharField(max_length=120, blank=True)
    delivered_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
