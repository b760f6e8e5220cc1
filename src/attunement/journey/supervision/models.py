"""Supervision booked and held, and what was looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from attunement.journey.films.models import Clip
from attunement.journey.people.models import Person
from attunement.journey.trail.versions import latest_number

if TYPE_CHECKING:
    from django.db.models import QuerySet


class Supervision(models.Model):
    """One supervision of a trainee: booked, then held or missed."""

    STATES = [("booked", "Booked"), ("held", "Held"), ("missed", "Missed")]
    supervisor = models.ForeignKey(Person, models.PROTECT, related_name="supervisions_given")
    trainee = models.ForeignKey(Person, models.PROTECT, related_name="supervisions")
    booked_for = models.DateField()
    minutes_booked = models.PositiveSmallIntegerField()
    minutes_held = models.PositiveSmallIntegerField(null=True)
    state = models.CharField(max_length=10, choices=STATES, default="booked")
    clips = models.ManyToManyField(Clip, blank=True, related_name="supervisions")
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
