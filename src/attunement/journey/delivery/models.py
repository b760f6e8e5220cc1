"""Who works with a family, the sessions planned and held, and the time it took."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import models

from attunement.journey.people.models import Person, Site
from attunement.journey.referral.models import Family
from attunement.journey.trail.versions import latest_number

if TYPE_CHECKING:
    from django.db.models import QuerySet


class Assignment(models.Model):
    """A practitioner works with a family from a day on. The first one stays the practitioner for the analysis."""

    family = models.ForeignKey(Family, models.PROTECT, related_name="assignments")
    practitioner = models.ForeignKey(Person, models.PROTECT, related_name="assignments")
    since = models.DateField()
    until = models.DateField(null=True)
    reason = models.CharField(max_length=30, blank=True)
    study_version = models.IntegerField(default=latest_number)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["family"], condition=models.Q(until=None),
                                               name="one_practitioner_at_a_time")]


class Session(models.Model):
    """A session of the programme. "Not logged" is a state of its own: it is not "not delivered".

    `rating`: the parent's own tap about the session, from 1. `client_key`: made with the page, so that what a phone sends
    twice is kept once.
    """

    STATES = [("planned", "Planned"), ("held", "Held"), ("not_attended", "Not attended"),
              ("cancelled_family", "Cancelled by the family"),
              ("cancelled_practitioner", "Cancelled by the practitioner")]
    NOT_LOGGED = ("not_logged", "Not logged")
    family = models.ForeignKey(Family, models.PROTECT, related_name="sessions")
    practitioner = models.ForeignKey(Person, models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10)
    cycle = models.PositiveSmallIntegerField(null=True)
    planned_for = models.DateField()
    state = models.CharField(max_length=24, choices=STATES, default="planned")
    held_on = models.DateField(null=True)
    minutes = models.PositiveSmallIntegerField(null=True)
    travel_minutes = models.PositiveSmallIntegerField(null=True)
    preparation_minutes = models.PositiveSmallIntegerField(null=True)
    reason = models.CharField(max_length=40, blank=True)
    present = models.JSONField(default=list)
    place = models.CharField(max_length=40, blank=True)
    interpreter = models.BooleanField(null=True)
    filmed = models.BooleanField(null=True)
    adaptation = models.CharField(max_length=40, blank=True)
    adaptation_why = models.CharField(max_length=40, blank=True)
    training_stage = models.CharField(max_length=60, blank=True)
    rating = models.PositiveSmallIntegerField(null=True)
    recorded_at = models.DateTimeField(null=True)
    client_key = models.CharField(max_length=36, unique=True, null=True)
    study_version = models.IntegerField(default=latest_number)

    class Meta:
        ordering = ["family", "number"]
        constraints = [
            models.UniqueConstraint(fields=["family", "number"], name="session_number_once"),
            models.CheckConstraint(condition=models.Q(state="held", held_on__isnull=False, minutes__isnull=False)
                                   | (~models.Q(state="held") & models.Q(held_on=None)),
                                   name="held_has_day_and_minutes"),
            models.CheckConstraint(condition=models.Q(rating=None) | models.Q(state="held"), name="held_has_rating"),
        ]

    def state_on(self, day: date) -> tuple[str, str]:
        """The state as code and words: one whose day has passed and that nobody recorded is "not logged"."""
        if self.state == "planned" and self.planned_for < day:
            return self.NOT_LOGGED
        return self.state, dict(self.STATES)[self.state]

    @classmethod
    def visible_to(cls, person: Person) -> QuerySet[Session]:
        """The sessions of the own caseload, and of the sites where this person oversees delivery."""
        from attunement.journey.delivery.permissions import caseload, overseen

        return cls.objects.select_related("family__site", "practitioner").filter(
            models.Q(family__in=caseload(person)) | models.Q(family__in=overseen(person)))


class LateVisit(models.Model):
    """What came from a phone and could not be recorded as it is: kept until the practitioner has settled it.

    `said`: the form's fields, all of them codes, days and numbers.
    """

    key = models.CharField(max_length=36, unique=True)
    session = models.ForeignKey(Session, models.PROTECT, related_name="late")
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    said = models.JSONField()
    why = models.CharField(max_length=300)
    arrived_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    study_version = models.IntegerField(default=latest_number)

    class Meta:
        ordering = ["id"]

    @classmethod
    def visible_to(cls, person: Person) -> QuerySet[LateVisit]:
        """Everybody sees what came from the own phone."""
        return cls.objects.filter(by=person, settled_at=None).select_related("session__family")


class NextStep(models.Model):
    """What an allocation asks of the coordinator, in either arm: to tell the family, and where it `receives` the
    programme, to give it a practitioner. `own_worker_trained`: is the family's own worker a practitioner here?
    """

    family = models.OneToOneField(Family, models.PROTECT, related_name="next_step")
    receives = models.BooleanField()
    opened_on = models.DateField()
    told_on = models.DateField(null=True)
    told_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    study_version = models.IntegerField(default=latest_number)

    class Meta:
        ordering = ["id"]


class OwnWorker(models.Model):
    """Whether the family's own worker is a practitioner of the programme, and which: asked in either arm."""

    family = models.OneToOneField(Family, models.PROTECT, related_name="own_worker")
    trained = models.BooleanField()
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    asked_on = models.DateField()
    study_version = models.IntegerField(default=latest_number)


class Goal(models.Model):
    """A small goal in the parent's own words. Seen by nobody but the practitioner who works with the family."""

    family = models.ForeignKey(Family, models.PROTECT, related_name="goals")
    text = models.CharField(max_length=300)
    made_on = models.DateField()
    study_version = models.IntegerField(default=latest_number)

    class Meta:
        ordering = ["id"]


class GoalRating(models.Model):
    """Where the parent says they are with a goal, on the study's scale, on a day."""

    goal = models.ForeignKey(Goal, models.PROTECT, related_name="ratings")
    rating = models.PositiveSmallIntegerField()
    rated_on = models.DateField()
    study_version = models.IntegerField(default=latest_number)

    class Meta:
        ordering = ["rated_on", "id"]
        constraints = [models.UniqueConstraint(fields=["goal", "rated_on"], name="goal_rated_once_a_day")]


class HelpingQuestion(models.Model):
    """The parent's own question, in the parent's words. It opens the work."""

    family = models.OneToOneField(Family, models.PROTECT, related_name="helping_question")
    text = models.TextField()
    asked_on = models.DateField()
    study_version = models.IntegerField(default=latest_number)


class StaffTime(models.Model):
    """Time that belongs to no one session: training, editing, meetings."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="time")
    site = models.ForeignKey(Site, models.PROTECT, null=True)
    category = models.CharField(max_length=30)
    on = models.DateField()
    minutes = models.PositiveSmallIntegerField()
    key = models.CharField(max_length=60, unique=True, null=True)
    study_version = models.IntegerField(default=latest_number)

    class Meta:
        ordering = ["id"]
        constraints = [models.CheckConstraint(condition=models.Q(minutes__gt=0, minutes__lte=1440),
                                              name="time_within_a_day")]

    @classmethod
    def visible_to(cls, person: Person) -> QuerySet[StaffTime]:
        """Everybody sees the own time."""
        return cls.objects.filter(person=person)
