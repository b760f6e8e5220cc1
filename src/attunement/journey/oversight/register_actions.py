"""Entries of the registers: made, acknowledged, closed. What they say goes into no trail, message or log."""

from __future__ import annotations

from datetime import date, timedelta

from django.conf import settings
from django.urls import reverse

from attunement.journey.oversight import deviations, policies
from attunement.journey.oversight.models import RegisterEntry
from attunement.journey.people.models import Person
from attunement.journey.people.permissions import need
from attunement.journey.people.roles import ROLES
from attunement.journey.referral.models import Family
from attunement.journey.trail import clock, versions
from attunement.journey.trail.actions import Rule, action, post, record
from attunement.journey.trail.errors import Refused
from attunement.study.calendar import add_months
from attunement.study.schema import Register


@action
def open_entry(*, by: Person, register: str, text: str, came_on: date, family: Family | None = None) -> RegisterEntry:
    """Makes an entry, starts its clock on the day it came, and tells those who keep the registers that it is there."""
    need(by, "registers.open")
    kind = policies.register_of(by, register)
    if came_on > clock.today():
        raise Refused("The day it came to light is in the future.")
    if not text.strip():
        raise Refused("Write down what happened.")
    site = family.site if family else next((held.site for held in by.held if held.site), None)
    made = RegisterEntry.objects.create(register=kind.code, family=family, site=site, text=text.strip(), came_on=came_on,
                                        due_on=due_on(kind, came_on), opened_by=by, opened_at=clock.now())
    _recorded(by, "oversight.entry_opened", made, due=made.due_on)
    for keeper in keepers():
        if keeper != by:
            post(route="mail", address=keeper.email, subject="There is something to look at",
                 body=f"There is something new for you to look at. Sign in to read it: {address_of(made)}")
    return made


@action
def acknowledge(*, by: Person, entry: RegisterEntry) -> RegisterEntry:
    """Somebody who keeps the registers has seen it, and has told whoever must be told."""
    need(by, "registers.keep")
    entry = RegisterEntry.objects.select_for_update().get(pk=entry.pk)
    if entry.acknowledged_at:
        raise Refused("This entry has been acknowledged.")
    entry.acknowledged_by, entry.acknowledged_at = by, clock.now()
    entry.save(update_fields=["acknowledged_by", "acknowledged_at"])
    _recorded(by, "oversight.entry_acknowledged", entry, late=entry.kind.until == "acknowledged" and entry.overdue)
    return entry


@action
def close(*, by: Person, entry: RegisterEntry, outcome: str) -> RegisterEntry:
    """What came of it is written down. Whoever closes an entry has seen it."""
    need(by, "registers.keep")
    entry = RegisterEntry.objects.select_for_update().get(pk=entry.pk)
    if entry.closed_at:
        raise Refused("This entry has been closed.")
    if not outcome.strip():
        raise Refused("Write down what came of it.")
    now = clock.now()
    if entry.acknowledged_at is None:
        entry.acknowledged_by, entry.acknowledged_at = by, now
    entry.closed_by, entry.closed_at, entry.outcome = by, now, outcome.strip()
    entry.save(update_fields=["acknowledged_by", "acknowledged_at", "closed_by", "closed_at", "outcome"])
    _recorded(by, "oversight.entry_closed", entry, late=entry.overdue)
    return entry


@action
def look_for_deviations(*, by: Person | Rule) -> int:
    """Enters what the data show to differ from the protocol, each once; returns how many were new."""
    if not isinstance(by, Rule):
        need(by, "registers.keep")
    kind = next((register for register in versions.current().registers if register.code == deviations.REGISTER), None)
    if kind is None:
        raise Refused(f"The study file has no register {deviations.REGISTER}. Amend the study to have one.")
    known = set(RegisterEntry.objects.exclude(found=None).values_list("found", flat=True))
    new = [deviation for deviation in deviations.found() if deviation.mark not in known]
    today = clock.today()
    for deviation in new:
        made = RegisterEntry.objects.create(
            register=kind.code, family=deviation.family, site=deviation.site, text=deviation.text, came_on=today,
            due_on=due_on(kind, today), opened_at=clock.now(), found=deviation.mark)
        _recorded(by, "oversight.deviation_found", made, due=made.due_on)
    return len(new)


def due_on(kind: Register, came_on: date) -> date:
    """The last day on which the clock can be met."""
    return add_months(came_on, kind.months) if kind.months else came_on + timedelta(days=kind.days or 0)


def keepers() -> list[Person]:
    roles = [code for code, role in ROLES.items() if "registers.keep" in role.rights]
    return list(Person.objects.filter(is_active=True, holdings__role__in=roles, holdings__until=None).distinct())


def address_of(entry: RegisterEntry) -> str:
    return str(settings.PLACE.address).rstrip("/") + reverse("register_entry", args=[entry.pk])


def _recorded(by: Person | Rule, verb: str, entry: RegisterEntry, **what: object) -> None:
    record(by=by, verb=verb, family=entry.family.code if entry.family else "", site=entry.site.code if entry.site else "",
           register=entry.register, entry=entry.pk, **what)
