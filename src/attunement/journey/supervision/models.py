"""Supervision booked and held, what was looked at, notes both ways; and what leads to accreditation: meetings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from attunement.journey.films.models import Clip
from attunement.journey.people.models import Person
from attunement.journey.supervision.training import (
    Attendance,
    Course,
    PracticeCycle,
    PracticeFamily,
    Ready,
    StaffRecord,
)
from attunement.journey.trail.versions import latest_number

if TYPE_CHECKING:
    from django.db.models import QuerySet


__all__ = ["Attendance", "Course", "Meeting", "Note", "PracticeCycle", "PracticeFamily", "Ready", "StaffRecord",
           "Supervision"]


class Supervision(models.Model):
    """One supervision of a trainee: booked, then held or missed. `to_watch`: what the trainee brings to it."""

    STATES = [("booked", "Booked"), ("held", "Held"), ("missed", "Missed")]
    supervisor = models.ForeignKey(Person, models.PROTECT, related_name="supervisions_given")
    trainee = models.ForeignKey(Person, models.PROTECT, related_name="supervisions")
    booked_for = models.DateField()
    minutes_booked = models.PositiveSmallIntegerField()
    minutes_held = models.PositiveSmallIntegerField(null=True)
    state = models.CharField(max_length=10, choices=STATES, default="booked")
    clips = models.ManyToManyField(Clip, blank=True, related_name="supervisions")
    to_watch = models.ManyToManyField(Clip, blank=True, related_name="brought_to")
    study_version = models.IntegerField(default=latest_number)

    class Meta:
        ordering = ["booked_for", "id"]
        constraints = [models.CheckConstraint(condition=models.Q(state="held", minutes_held__isnull=False)
                                              | (~models.Q(state="held") & models.Q(minutes_held=None)),
                                              name="held_supervision_has_minutes")]

    @classmethod
    def visible_to(cls, person: Person) -> QuerySet[Supervision]:
        found = cls.objects.select_related("supervisor", "trainee")
        if person.may("supervision.see"):
            return found
        return found.filter(models.Q(trainee=person) | models.Q(supervisor=person))


class Note(models.Model):
    """A note on a supervision, from either to the other. Nobody else reads it."""

    supervision = models.ForeignKey(Supervision, models.PROTECT, related_name="notes")
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    text = models.TextField()
    written_at = models.DateTimeField()
    study_version = models.IntegerField(default=latest_number)

    class Meta:
        ordering = ["id"]


class Meeting(models.Model):
    """The transition or accreditation meeting that ends a stage of the study's pathway."""

    trainee = models.ForeignKey(Person, models.PROTECT, related_name="meetings")
    stage = models.CharField(max_length=60)
    kind = models.CharField(max_length=60)
    held_on = models.DateField()
    passed = models.BooleanField()
    recorded_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    study_version = models.IntegerField(default=latest_number)

    class Meta:
        ordering = ["held_on", "id"]
        constraints = [models.UniqueConstraint(fields=["trainee", "stage"], condition=models.Q(passed=True),
                                               name="a_stage_is_passed_once")]
