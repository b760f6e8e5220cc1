"""Alerts: raised where the answer is saved, called out one by one down a site's list, and taken by somebody."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from attunement.instruments import Alert as RiskRule
from attunement.journey.people.models import Person, Site
from attunement.journey.people.permissions import need
from attunement.journey.surveys import calling, policies, watch
from attunement.journey.surveys.models import Alert, AlertCall, OnCall, Questionnaire
from attunement.journey.trail import clock, versions
from attunement.journey.trail.actions import Actor, Rule, action, post, record
from attunement.journey.trail.errors import Refused

AFTER_THE_LIST = timedelta(days=1)
CLOCK = Rule("alert_clock")


def raise_for(by: Actor, paper: Questionnaire, slug: str, rule: RiskRule, version: str, key: str,
              given_at: datetime) -> Alert | None:
    """Part of the transaction that saves the answer. One that is open for the item already, or that this very answer
    raised before, is not doubled."""
    known = paper.alerts.filter(instrument=slug, item=rule.item)
    if known.filter(acknowledged_at=None).exists() or (key and known.filter(client_key=key).exists()):
        return None
    alert = Alert.objects.create(
        questionnaire=paper, instrument=slug, item=rule.item, kind=rule.kind, rule_version=version, client_key=key,
        given_at=given_at, raised_at=clock.now(), call_next_at=clock.now(), study_version=versions.latest_number())
    record(by=by, verb="surveys.alert_raised", family=paper.family_code, site=paper.site_code, instrument=slug,
           item=rule.item, alert=alert.pk, kind=rule.kind, rule=version)
    _call(alert, paper.site_code)
    return alert


@action
def escalate(*, by: Actor, alert_id: int) -> bool:
    """Calls the next person when the time to take the alert has passed; False when there is nothing to do now."""
    alert = Alert.objects.select_for_update().filter(pk=alert_id, acknowledged_at=None,
                                                     call_next_at__lte=clock.now()).first()
    if alert is None:
        return False
    _call(alert, alert.questionnaire.family.site.code, by)
    return True


def _call(alert: Alert, site: str, by: Actor = CLOCK) -> None:
    """A message to whoever is next, and the hour at which somebody else is. It holds a link and names nobody."""
    line = calling.on_call(site)
    people = [line[alert.called]] if alert.called < len(line) else [*line, *calling.behind_the_list()]
    risk = versions.current().risk
    within = timedelta(minutes=risk.acknowledge_within_minutes) if risk else timedelta(hours=1)
    for person in dict.fromkeys(people):
        AlertCall.objects.create(alert=alert, person=person, at=clock.now(), study_version=versions.latest_number())
        post(route="mail", address=person.email, subject="Please look now",
             body=f"Somebody is waiting for you: {settings.PLACE.address.rstrip('/')}/alerts/{alert.pk}/")
        record(by=by, verb="surveys.alert_called", site=site, alert=alert.pk, person=person.pk)
    alert.call_next_at = clock.now() + (AFTER_THE_LIST if alert.called > len(line) else within)
    alert.called += 1
    alert.save(update_fields=["called", "call_next_at"])
    transaction.on_commit(watch.wake)


@action
def acknowledge(*, by: Person, alert: Alert, taken: str, note: str = "") -> Alert:
    """Somebody takes the alert and says what was done. It stays on record."""
    alert = Alert.objects.select_for_update().get(pk=alert.pk)
    family = alert.questionnaire.family
    need(by, "surveys.alerts", family.site.code)
    if alert.acknowledged_at is not None:
        raise Refused("Somebody has taken this alert already. Their name stands on its page.")
    if taken not in dict(Alert.ACTIONS):
        raise Refused("Say what you did.")
    if taken == "no_need" and not note.strip():
        raise Refused("Write why nothing is needed.")
    alert.acknowledged_at, alert.acknowledged_by, alert.taken, alert.note = clock.now(), by, taken, note.strip()
    alert.save(update_fields=["acknowledged_at", "acknowledged_by", "taken", "note"])
    record(by=by, verb="surveys.alert_acknowledged", family=family.code, site=family.site.code, alert=alert.pk,
           taken=taken)
    return alert


@action
def put_on_call(*, by: Person, site: Site, person: Person) -> OnCall:
    """Puts a colleague at the end of a site's list."""
    need(by, "surveys.on_call", site.code)
    policies.can_be_called(person, site)
    rows = OnCall.objects.filter(site=site, until=None)
    if rows.filter(person=person).exists():
        raise Refused("This person is on the list already.")
    last = rows.order_by("-place").values_list("place", flat=True).first() or 0
    entry = OnCall.objects.create(site=site, person=person, place=last + 1, since=clock.now())
    record(by=by, verb="surveys.put_on_call", site=site.code, person=person.pk, place=entry.place)
    return entry


@action
def take_off_call(*, by: Person, entry: OnCall) -> None:
    """Takes a colleague off a site's list; the last one stays until another is there, while alerts can be raised."""
    need(by, "surveys.on_call", entry.site.code)
    if entry.until is not None:
        raise Refused("This person is not on the list any more.")
    policies.somebody_stays_on_call(entry)
    entry.until = clock.now()
    entry.save(update_fields=["until"])
    record(by=by, verb="surveys.taken_off_call", site=entry.site.code, person=entry.person_id)
