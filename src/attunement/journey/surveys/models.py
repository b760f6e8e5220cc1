"""Questionnaires, answers as they are given, the scores made from them, and the alerts that an answer raises."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from attunement.journey.consent.models import MODES as SPOKEN
from attunement.journey.people.models import Person, Site
from attunement.journey.referral.models import Family
from attunement.journey.trail.versions import latest_number

if TYPE_CHECKING:
    from django.db.models import QuerySet


MODES = [*SPOKEN, ("interpreter", "Through an interpreter"), ("proxy", "By somebody else for the parent")]
HELPERS = [("worker", "The family's worker"), ("interpreter", "An interpreter"), ("team", "The survey team"),
           ("relative", "A relative or friend"), ("other", "Somebody else")]
HELP_REASONS = [("language", "Another language"), ("reading", "Reading"), ("meaning", "What a question means"),
                ("device", "The phone or tablet"), ("care", "Holding the baby, or another need of the day"),
                ("other", "Another reason")]


class Questionnaire(models.Model):
    """One family's questionnaire at one time point. It stays on the study version it was opened under."""

    STATES = [("open", "Open"), ("complete", "Complete"), ("stopped", "Stopped")]
    family = models.ForeignKey(Family, models.PROTECT, related_name="questionnaires")
    time_point = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=STATES, default="open")
    mode = models.CharField(max_length=12, choices=MODES, default="self")
    language = models.CharField(max_length=12)
    help_minutes = models.PositiveIntegerField(default=0)
    help_reason = models.CharField(max_length=12, choices=HELP_REASONS, blank=True)
    helper = models.CharField(max_length=12, choices=HELPERS, blank=True)
    timing = models.BooleanField(default=False)  # the respondent agrees that it is noted about how long answers take
    keeps = models.BooleanField(default=False)  # … that answers not sent yet wait, sealed, on the own phone
    opened_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    last_day = models.DateField(null=True)
    completed_at = models.DateTimeField(null=True)
    study_version = models.IntegerField()
    locked_at = models.DateTimeField(null=True)
    locked_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    lock_reason = models.CharField(max_length=200, blank=True)
    family_code: str  # read beside it by `queries.held` and `queries.of_link`
    site_code: str

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["family", "time_point"], name="one_questionnaire_a_time_point"),
            models.CheckConstraint(condition=models.Q(state="complete", completed_at__isnull=False)
                                   | ~models.Q(state="complete"), name="complete_has_its_time"),
        ]

    @classmethod
    def visible_to(cls, person: Person, right: str = "surveys.see") -> QuerySet[Questionnaire]:
        return cls.objects.filter(family__in=Family.visible_to(person, right)).select_related("family__site")


class Answer(models.Model):
    """One item answered: a whole number as printed, not applicable, or passed over.

    `sequence`: when it was given, in milliseconds of the server's clock; of two answers to an item the later holds.
    `client_key`: the sender's own mark of this answer, so that one that is sent twice counts once; `earlier_keys`: of
    the others that came for this item. `took`: the lower end in seconds of the span it took, where the respondent
    agrees to its being noted.
    """

    KINDS = [("value", "Answered"), ("na", "Not applicable"), ("skipped", "Passed over")]
    questionnaire = models.ForeignKey(Questionnaire, models.PROTECT, related_name="answers")
    instrument = models.CharField(max_length=40)
    item = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=8, choices=KINDS)
    value = models.SmallIntegerField(null=True)
    mode = models.CharField(max_length=12)
    language = models.CharField(max_length=12)
    given_at = models.DateTimeField()
    helper = models.CharField(max_length=12, choices=HELPERS, blank=True)
    client_key = models.CharField(max_length=36, blank=True)
    earlier_keys = models.TextField(blank=True)
    sequence = models.BigIntegerField(default=0)
    took = models.PositiveSmallIntegerField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["questionnaire", "instrument", "item"], name="one_answer_an_item"),
            models.CheckConstraint(condition=models.Q(kind="value", value__isnull=False)
                                   | (~models.Q(kind="value") & models.Q(value=None)), name="value_when_answered"),
        ]


class Score(models.Model):
    """A scale of a finished questionnaire; null when too much is missing."""

    questionnaire = models.ForeignKey(Questionnaire, models.PROTECT, related_name="scores")
    instrument = models.CharField(max_length=40)
    scale = models.CharField(max_length=40)
    value = models.FloatField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["questionnaire", "instrument", "scale"], name="one_score_a_scale")]


class SwitchedOff(models.Model):
    """A questionnaire that is no longer asked. Its links are gone, its data stay."""

    time_point = models.CharField(max_length=40, unique=True)
    since = models.DateTimeField()


class OnCall(models.Model):
    """Who is called at a site when an answer needs a person, in the order of `place`."""

    site = models.ForeignKey(Site, models.PROTECT, related_name="on_call")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    place = models.PositiveSmallIntegerField()
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    study_version = models.IntegerField(default=latest_number)

    class Meta:
        ordering = ["place", "id"]
        constraints = [models.UniqueConstraint(fields=["site", "person"], condition=models.Q(until=None),
                                               name="on_call_once_a_site")]

    @classmethod
    def visible_to(cls, person: Person, right: str = "surveys.on_call") -> QuerySet[OnCall]:
        sites, rows = person.sites_with(right), cls.objects.filter(until=None).select_related("person", "site")
        return rows if sites is None else rows.filter(site__code__in=sites)


class Alert(models.Model):
    """An answer met a rule of its key file. It stays, whatever is answered later, and never holds the answer itself.

    `rule_version` is the key file's version. `call_next_at`: when the next person is called, unless somebody takes it.
    """

    ACTIONS = [("spoke", "I spoke with the parent"), ("worker", "I told the family's worker"),
               ("safeguarding", "I made a safeguarding referral"), ("emergency", "I called the emergency services"),
               ("trying", "I could not reach anybody yet, and I go on trying"),
               ("no_need", "I looked into it, and nothing is needed")]
    questionnaire = models.ForeignKey(Questionnaire, models.PROTECT, related_name="alerts")
    instrument = models.CharField(max_length=40)
    item = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=30)
    rule_version = models.CharField(max_length=20)
    client_key = models.CharField(max_length=36, blank=True)
    given_at = models.DateTimeField()
    raised_at = models.DateTimeField()
    called = models.PositiveSmallIntegerField(default=0)
    call_next_at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    taken = models.CharField(max_length=12, choices=ACTIONS, blank=True)
    note = models.TextField(blank=True)
    study_version = models.IntegerField()

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["call_next_at"], condition=models.Q(acknowledged_at=None), name="alert_open")]
        constraints = [
            models.UniqueConstraint(fields=["questionnaire", "instrument", "item"],
                                    condition=models.Q(acknowledged_at=None), name="one_open_alert_an_item"),
            models.CheckConstraint(condition=models.Q(acknowledged_at=None, acknowledged_by=None, taken="")
                                   | (models.Q(acknowledged_at__isnull=False, acknowledged_by__isnull=False)
                                      & ~models.Q(taken="")), name="alert_taken_by_somebody"),
        ]

    @classmethod
    def visible_to(cls, person: Person, right: str = "surveys.alerts") -> QuerySet[Alert]:
        return cls.objects.filter(questionnaire__family__in=Family.visible_to(person, right)).select_related(
            "questionnaire__family__site", "acknowledged_by")


class AlertCall(models.Model):
    """Somebody was called for an alert: by a message that holds a link and nothing else."""

    alert = models.ForeignKey(Alert, models.PROTECT, related_name="calls")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    study_version = models.IntegerField()

    class Meta:
        ordering = ["id"]


class DataQuery(models.Model):
    """Somebody asks whether a value can be right. It is answered, asked again or closed; every line stays."""

    STATES = [("asked", "Asked"), ("answered", "Answered"), ("closed", "Closed")]
    questionnaire = models.ForeignKey(Questionnaire, models.PROTECT, related_name="queries")
    instrument = models.CharField(max_length=40)
    item = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=STATES, default="asked")
    study_version = models.IntegerField()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["questionnaire", "instrument", "item"],
                                               condition=~models.Q(state="closed"), name="one_open_query_a_value")]

    @classmethod
    def visible_to(cls, person: Person, right: str = "surveys.see") -> QuerySet[DataQuery]:
        return cls.objects.filter(questionnaire__family__in=Family.visible_to(person, right)).select_related(
            "questionnaire__family__site")


class QueryLine(models.Model):
    """One line of a data query: who said what, and the state that it led to."""

    query = models.ForeignKey(DataQuery, models.PROTECT, related_name="lines")
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=DataQuery.STATES)
    text = models.TextField()
    study_version = models.IntegerField()

    class Meta:
        ordering = ["id"]
