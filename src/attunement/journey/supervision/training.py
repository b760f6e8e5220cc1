"""Who is trained: courses, attendance, ready to start; the staff's own records; practice families.

A practice family is one that a trainee learns with. It has a code and nothing else, and enters no count of the trial.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from attunement.journey.people.models import Person
from attunement.journey.trail.versions import latest_number

if TYPE_CHECKING:
    from django.db.models import QuerySet


class Course(models.Model):
    """A training course: its days count from 1."""

    title = models.CharField(max_length=80)
    starts_on = models.DateField()
    days = models.PositiveSmallIntegerField()
    study_version = models.IntegerField(default=latest_number)

    class Meta:
        app_label = "supervision"
        ordering = ["starts_on", "id"]
        constraints = [models.UniqueConstraint(fields=["title", "starts_on"], name="course_once_a_day")]


class Attendance(models.Model):
    """Whether somebody was there on one day of a course. No row: not recorded, which is not "was not there"."""

    course = models.ForeignKey(Course, models.PROTECT, related_name="attendances")
    person = models.ForeignKey(Person, models.PROTECT, related_name="attendances")
    day = models.PositiveSmallIntegerField()
    there = models.BooleanField()
    study_version = models.IntegerField(default=latest_number)

    class Meta:
        app_label = "supervision"
        ordering = ["course", "day", "person"]
        constraints = [models.UniqueConstraint(fields=["course", "person", "day"], name="attendance_once_a_day")]


class Ready(models.Model):
    """The day from which a supervisor says that a trainee may start with families."""

    person = models.OneToOneField(Person, models.PROTECT, related_name="ready")
    ready_on = models.DateField()
    said_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    study_version = models.IntegerField(default=latest_number)

    class Meta:
        app_label = "supervision"


class StaffRecord(models.Model):
    """A practitioner's substantive job, pay band and weekly hours for the programme, from a day on; the newest holds."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="records")
    job = models.CharField(max_length=60)
    pay_band = models.CharField(max_length=30)
    weekly_hours = models.DecimalField(max_digits=4, decimal_places=1)
    holds_from = models.DateField()
    study_version = models.IntegerField(default=latest_number)

    class Meta:
        app_label = "supervision"
        ordering = ["person", "holds_from", "id"]
        constraints = [models.CheckConstraint(condition=models.Q(weekly_hours__gte=0, weekly_hours__lte=60),
                                              name="weekly_hours_possible")]


class PracticeFamily(models.Model):
    """Known by a code made here: no name, no birth date, no contact is ever asked."""

    code = models.CharField(max_length=16, unique=True)
    trainee = models.ForeignKey(Person, models.PROTECT, related_name="practice_families")
    since = models.DateField()
    study_version = models.IntegerField(default=latest_number)

    class Meta:
        app_label = "supervision"
        ordering = ["trainee", "id"]

    @classmethod
    def visible_to(cls, person: Person) -> QuerySet[PracticeFamily]:
        found = cls.objects.select_related("trainee")
        return found if person.may("supervision.see") else found.filter(trainee=person)


class PracticeCycle(models.Model):
    """A cycle with a practice family: film, clips and shared review, all done."""

    family = models.ForeignKey(PracticeFamily, models.PROTECT, related_name="cycles")
    number = models.PositiveSmallIntegerField()
    filmed_on = models.DateField()
    clips = models.PositiveSmallIntegerField()
    reviewed_on = models.DateField()
    study_version = models.IntegerField(default=latest_number)

    class Meta:
        app_label = "supervision"
        ordering = ["family", "number"]
        constraints = [
            models.UniqueConstraint(fields=["family", "number"], name="practice_cycle_once"),
            models.CheckConstraint(condition=models.Q(reviewed_on__gte=models.F("filmed_on"), clips__gt=0),
                                   name="practice_cycle_is_whole")]
