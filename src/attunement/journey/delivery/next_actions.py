"""What an allocation opens for the coordinator: telling the family, in either arm; and its own worker."""

from __future__ import annotations

from datetime import date

from attunement.journey.delivery import policies
from attunement.journey.delivery.models import NextStep, OwnWorker
from attunement.journey.people.models import Person
from attunement.journey.people.permissions import need
from attunement.journey.referral.models import Family
from attunement.journey.trail import clock
from attunement.journey.trail.actions import action, record
from attunement.journey.trail.errors import Refused


def open_next(family: Family, arm: str) -> None:
    """Within an allocation: the coordinator's next step with the family, whichever arm it is in."""
    NextStep.objects.create(family=family, receives=policies.receives_programme(arm), opened_on=clock.today())


@action
def tell(*, by: Person, family: Family, told_on: date) -> NextStep:
    """Records the day on which the family was told what it is offered, in the same step for either arm."""
    need(by, "delivery.assign", family.site.code)
    step = NextStep.objects.select_for_update().filter(family=family).first()
    policies.can_be_told(step, family, told_on)
    assert step is not None
    step.told_on, step.told_by = told_on, by
    step.save(update_fields=["told_on", "told_by"])
    record(by=by, verb="delivery.family_told", family=family.code, site=family.site.code, told_on=told_on)
    return step


@action
def record_own_worker(*, by: Person, family: Family, trained: bool, person: Person | None = None) -> OwnWorker:
    """Records whether the family's own worker is a practitioner of the programme, and which one, if of this site."""
    need(by, "delivery.assign", family.site.code)
    if person is not None and not trained:
        raise Refused("An own worker who is named here is a practitioner. Say yes, or name nobody.")
    if person is not None and family.assignments.filter(practitioner=person, until=None).exists():
        raise Refused("This practitioner works with the family in the programme. Hand the family over first.")
    found, _new = OwnWorker.objects.update_or_create(
        family=family, defaults={"trained": trained, "person": person, "asked_on": clock.today()})
    record(by=by, verb="delivery.own_worker", family=family.code, site=family.site.code, trained=trained,
           person=person.pk if person else None)
    return found
