"""Asking, recording, withdrawing; and the links by which families come."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from datetime import date

from attunement.journey.consent import policies, queries
from attunement.journey.consent.models import Change, Link, Statement
from attunement.journey.people.models import Person
from attunement.journey.people.permissions import need
from attunement.journey.referral.actions import answer_to_contact, forget
from attunement.journey.referral.models import Family
from attunement.journey.trail import clock, versions
from attunement.journey.trail.actions import Rule, action, record
from attunement.journey.trail.errors import NotAllowed, Refused

CONSENT = "consent"  # where a link leads to that is no questionnaire's


def find_link(token: str) -> Link | None:
    """Plain SQL, as every page of a family begins here."""
    return next(iter(Link.objects.raw("SELECT * FROM consent_link WHERE token_hash = %s", [_hash(token)])), None)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@action
def give_link(*, by: Person, family: Family, leads_to: str, mode: str = "self") -> str:
    """Makes a family's link to one page and returns its token, the only time that it can be seen."""
    need(by, "consent.link", family.site.code)
    if leads_to == CONSENT:
        policies.can_consent(family)
    token = secrets.token_urlsafe(24)
    link = Link.objects.create(family=family, leads_to=leads_to, token_hash=_hash(token), mode=mode,
                               made_at=clock.now())
    record(by=by, verb="consent.link_given", family=family.code, site=family.site.code, link=link.pk, leads_to=leads_to)
    return token


@action
def revoke_links(*, by: Person, family: Family) -> int:
    """Ends all of a family's links at once."""
    need(by, "consent.link", family.site.code)
    ended = Link.objects.filter(family=family, revoked_at=None).update(revoked_at=clock.now())
    record(by=by, verb="consent.links_revoked", family=family.code, site=family.site.code, count=ended)
    return ended


@action
def record_consent(*, by: Person | Link, family: Family, given: Mapping[str, bool], mode: str, language: str) -> bool:
    """Records the family's answer to every statement; True when all that is required was given."""
    _may_speak(by, family, "consent.record")
    if isinstance(by, Person):
        policies.staff_can_record(family)
    policies.can_consent(family)
    policies.answers_complete(given)
    policies.written_where_it_must_be(given, mode)
    study, version = versions.current(), versions.latest_number()
    new_to_it = not queries.ever_agreed(family)
    if family.agreed is None:
        answer_to_contact(by=Rule("asked_for_consent"), family=family, agreed=True)
    Statement.objects.bulk_create([
        Statement(family=family, purpose=purpose.code, given=bool(given[purpose.code]), mode=mode, language=language,
                  notice_version=study.consent.notice.version, made_at=clock.now(), study_version=version)
        for purpose in study.consent.purposes])
    record(by=by, verb="consent.recorded", family=family.code, site=family.site.code, mode=mode, language=language,
           given={purpose.code: bool(given[purpose.code]) for purpose in study.consent.purposes},
           notice=study.consent.notice.version)
    agreed = queries.given(family)
    if new_to_it and not agreed:
        forget(by=by, family=family, why="refused")
    return agreed


@action
def withdraw(*, by: Person | Link, family: Family, purpose: str, mode: str = "self") -> None:
    """Takes back one purpose; what that must end in other stages ends in this transaction."""
    _may_speak(by, family, "consent.record")
    study = versions.current()
    meant = next((known for known in study.consent.purposes if known.code == purpose), None)
    if meant is None or not queries.holds(family, purpose):
        raise Refused("There is nothing to withdraw: this was not agreed to.")
    Statement.objects.create(family=family, purpose=purpose, given=False, withdrawal=True, mode=mode,
                             language=family.language, notice_version=study.consent.notice.version,
                             made_at=clock.now(), study_version=versions.latest_number())
    policies.stop(family, *meant.stops)
    record(by=by, verb="consent.withdrawn", family=family.code, site=family.site.code, purpose=purpose, mode=mode)


@action
def record_change(*, by: Person, family: Family, kind: str, happened_on: date) -> Change:
    """Records a change of circumstances and ends what must no longer be sent or asked."""
    need(by, "change.record", family.site.code)
    if happened_on > clock.today():
        raise Refused("The date lies in the future. Check it.")
    if family.changes.filter(kind=kind).exists():
        raise Refused("This change has been recorded already.")
    change = Change.objects.create(family=family, kind=kind, happened_on=happened_on, recorded_at=clock.now())
    if kind in queries.ENDS_CONTACT:
        policies.stop(family, "contact", "surveys", "filming")
    if kind in policies.NOBODY_TO_ASK:
        Link.objects.filter(family=family, revoked_at=None).update(revoked_at=clock.now())
    record(by=by, verb="consent.change_recorded", family=family.code, site=family.site.code, kind=kind)
    return change


def _may_speak(by: Person | Link, family: Family, right: str) -> None:
    if isinstance(by, Link):
        if by.family_id != family.pk or by.revoked_at is not None:
            raise NotAllowed("This link is not in use.")
    else:
        need(by, right, family.site.code)
