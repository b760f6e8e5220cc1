"""Questionnaires, answers as they are given, and the scores made from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from attunement.journey.consent.models import MODES
from attunement.journey.people.models import Person
from attunement.journey.referral.models import Family

if TYPE_CHECKING:
    from django.db.models import QuerySet


class Questionnaire(models.Model):
    """One family's questionnaire at one time point. It stays on the study version it was opened under."""

    STATES = [("open", "Open"), ("complete", "Complete"), ("stopped", "Stopped")]
    family = models.ForeignKey(Family, models.PROTECT, related_name="questionnaires")
    time_point = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=STATES, default="open")
    mode = models.CharField(max_length=12, choices=MODES, default="self")
    language = models.CharField(max_length=12)
    help_minutes = models.PositiveIntegerField(default=0)
    opened_at = models.DateTimeField()
    last_day = models.DateField(null=True)
    completed_at = models.DateTimeField(null=True)
    study_version = models.IntegerField()
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
    """One item answered: a whole number as printed, not applicable, or passed over."""

    KINDS = [("value", "Answered"), ("na", "Not applicable"), ("skipped", "Passed over")]
    questionnaire = models.ForeignKey(Questionnaire, models.PROTECT, related_name="answers")
    instrument = models.CharField(max_length=40)
    item = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=8, choices=KINDS)
    value = models.SmallIntegerField(null=True)
    mode = models.CharField(max_length=12)
    language = models.CharField(max_length=12)
    given_at = models.DateTimeField()

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
