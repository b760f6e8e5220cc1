"""Getting questionnaires completed: steps of the schedule, calls, tracing, vouchers. Nothing here knows an arm."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from attunement.journey.people.models import Person
from attunement.journey.referral.models import Contact, Family
from attunement.journey.trail.models import Message
from attunement.journey.trail.versions import latest_number

if TYPE_CHECKING:
    from typing import Self

    from django.db.models import QuerySet


class OfAFamily(models.Model):
    """What belongs to one family's questionnaire at one time point."""

    family = models.ForeignKey(Family, models.PROTECT, related_name="+")
    time_point = models.CharField(max_length=40)
    study_version = models.IntegerField(default=latest_number)

    class Meta:
        abstract = True

    @classmethod
    def visible_to(cls, person: Person, right: str = "fieldwork.see") -> QuerySet[Self]:
        return cls._default_manager.filter(family__in=Family.visible_to(person, right)).select_related("family__site")


class Sending(OfAFamily):
    """A step of the schedule that was taken for a family: once, whatever happens. `day` is the step's in the study file.

    `message`: what was posted, the newest where it was sent anew.
    """

    STATES = [("posted", "Posted"), ("call", "To be called"), ("letter", "Letter to print"), ("printed", "Letter printed"),
              ("nowhere", "No safe way"), ("passed", "Passed over, a later step was due")]
    day = models.PositiveSmallIntegerField()
    route = models.CharField(max_length=10, choices=Contact.ROUTES, blank=True)
    state = models.CharField(max_length=10, choices=STATES)
    message = models.OneToOneField(Message, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    printed_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["family", "time_point", "day"], name="one_sending_a_step"),
            models.CheckConstraint(condition=models.Q(state="posted", message__isnull=False)
                                   | (~models.Q(state="posted") & models.Q(message=None)), name="posted_has_its_message"),
        ]


class Call(OfAFamily):
    """A family that somebody is to ring up. `next_at`: not before; with `appointment`, at that very time."""

    STATES = [("open", "To be called"), ("closed", "Closed"), ("stopped", "Not to be called any more")]
    state = models.CharField(max_length=10, choices=STATES, default="open")
    opened_at = models.DateTimeField()
    next_at = models.DateTimeField()
    appointment = models.BooleanField(default=False)
    interpreter = models.BooleanField(default=False)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["family", "time_point"], condition=models.Q(state="open"),
                                               name="one_open_call_a_questionnaire")]


class Attempt(models.Model):
    """One call that was made, and how it ended."""

    OUTCOMES = [
        ("done", "Answered, and the questions are done"), ("appointment", "Answered, a time is agreed"),
        ("own_page", "Answered, will use the own page"), ("later", "Answered, not now"), ("no_answer", "No answer"),
        ("wrong_number", "Wrong number, or somebody else's by now"),
        ("refused", "Does not want to be asked these questions"),
        ("interpreter", "An interpreter is needed"), ("not_alone", "Not alone, ended at once")]
    CLOSES = frozenset({"done", "own_page", "wrong_number", "refused"})
    call = models.ForeignKey(Call, models.PROTECT, related_name="attempts")
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    outcome = models.CharField(max_length=12, choices=OUTCOMES)
    note = models.CharField(max_length=300, blank=True)
    study_version = models.IntegerField(default=latest_number)

    class Meta:
        ordering = ["id"]


class Trace(OfAFamily):
    """A family that cannot be reached, looked for until it is found or lost."""

    WHYS = [("no_answer", "Nobody answers"), ("wrong_number", "The number is wrong"), ("returned", "A letter came back"),
            ("no_safe_way", "No safe way is known")]
    STATES = [("open", "Looked for"), ("found", "Found"), ("lost", "Lost"), ("stopped", "Not looked for any more")]
    why = models.CharField(max_length=12, choices=WHYS)
    state = models.CharField(max_length=10, choices=STATES, default="open")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["family", "time_point"], condition=models.Q(state="open"),
                                               name="one_open_trace_a_questionnaire")]


class TraceLine(models.Model):
    """What was tried, or who gave new contact details. The details themselves stand with the family alone."""

    TRIED = [("worker", "Asked the family's worker"), ("coordinator", "Asked the authority's coordinator"),
             ("letter", "Wrote a letter"), ("other_route", "Tried another safe way"),
             ("new_contact", "New contact details"), ("found", "Closed as found"), ("lost", "Closed as lost")]
    GIVERS = [("parent", "The parent"), ("worker", "The family's worker"), ("coordinator", "The authority's coordinator"),
              ("relative", "A relative or friend"), ("other", "Somebody else")]
    trace = models.ForeignKey(Trace, models.PROTECT, related_name="lines")
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    tried = models.CharField(max_length=12, choices=TRIED)
    given_by = models.CharField(max_length=12, choices=GIVERS, blank=True)
    note = models.CharField(max_length=300, blank=True)
    study_version = models.IntegerField(default=latest_number)

    class Meta:
        ordering = ["id"]


class Voucher(OfAFamily):
    """What a family gets for a questionnaire: one, whatever its arm. Its lines are the ledger."""

    STATES = [("given", "Given by hand"), ("sent", "Sent"), ("returned", "Came back"), ("replaced", "Replaced")]
    NEXT = {"given": ("returned",), "sent": ("returned",), "returned": ("replaced",), "replaced": ("returned",)}
    pence = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=STATES)
    number = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["family", "time_point"], name="one_voucher_a_questionnaire")]


class VoucherLine(models.Model):
    voucher = models.ForeignKey(Voucher, models.PROTECT, related_name="lines")
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=Voucher.STATES)
    number = models.CharField(max_length=40, blank=True)
    study_version = models.IntegerField(default=latest_number)

    class Meta:
        ordering = ["id"]
