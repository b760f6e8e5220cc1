"""Asking, recording, withdrawing; and the links by which families come."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Collection, Mapping
from datetime import date, timedelta

from django.utils.translation import gettext as _

from attunement.journey.consent import policies, queries
from attunement.journey.consent.circumstances import CAN_END, CIRCUMSTANCES
from attunement.journey.consent.models import Change, Link, Renewal, ShortCode, Statement
from attunement.journey.people.models import Person
from attunement.journey.people.permissions import need
from attunement.journey.referral.actions import answer_to_contact, forget
from attunement.journey.referral.models import Contact, Family
from attunement.journey.trail import clock, keys, versions
from attunement.journey.trail.actions import Rule, action, record
from attunement.journey.trail.errors import NotAllowed, Refused

CODE_SIGNS = "23456789ABCDEFGHJKMNPQRSTVWXY"  # none that look alike
CODE_LASTS = timedelta(hours=1)
CODE_KEY = "short-codes"
CONSENT = "consent"  # where a link leads to that is no questionnaire's


def find_link(token: str) -> Link | None:
    """Plain SQL, as every page of a family begins here."""
    return next(iter(Link.objects.raw("SELECT * FROM consent_link WHERE token_hash = %s", [_hash(token)])), None)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@action
def give_link(*, by: Person | Rule, family: Family, leads_to: str, mode: str = "self") -> str:
    """Makes a family's link to one page and returns its token, the only time that it can be seen."""
    if not isinstance(by, Rule):
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
def record_consent(*, by: Person | Link, family: Family, given: Mapping[str, bool], mode: str, language: str,
                   interpreter: str = "", agency: str = "") -> bool:
    """Records the family's answer to every statement; True when all that is required was given."""
    _may_speak(by, family, "consent.record")
    if isinstance(by, Person):
        policies.staff_can_record(family)
    policies.can_consent(family)
    policies.answers_complete(given)
    policies.written_where_it_must_be(given, mode)
    policies.interpreted(interpreter, agency, mode)
    study, version = versions.current(), versions.latest_number()
    new_to_it = not queries.ever_agreed(family)
    if family.agreed is None:
        answer_to_contact(by=Rule("asked_for_consent"), family=family, agreed=True)
    Statement.objects.bulk_create([
        Statement(family=family, purpose=purpose.code, given=bool(given[purpose.code]), mode=mode, language=language,
                  notice_version=study.consent.notice.version, made_at=clock.now(), study_version=version,
                  interpreter=interpreter.strip(), agency=agency.strip())
        for purpose in study.consent.purposes])
    record(by=by, verb="consent.recorded", family=family.code, site=family.site.code, mode=mode, language=language,
           given={purpose.code: bool(given[purpose.code]) for purpose in study.consent.purposes},
           interpreted=bool(interpreter),
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
    """Records a change of circumstances and ends what must no longer be sent or asked. The family keeps its arm."""
    need(by, "change.record", family.site.code)
    meant = CIRCUMSTANCES.get(kind)
    if meant is None:
        raise Refused("Choose what has changed.")
    if happened_on > clock.today():
        raise Refused("The date lies in the future. Check it.")
    if family.changes.filter(kind=kind, ended_on=None).exists():
        raise Refused("This change has been recorded already.")
    change = Change.objects.create(family=family, kind=kind, happened_on=happened_on, recorded_at=clock.now())
    policies.stop(family, *meant.ends)
    if meant.asks_again:
        _ask_again(family, {purpose.code for purpose in versions.current().consent.purposes}, "carer")
    if meant.nobody_to_ask or meant.new_contact:
        Link.objects.filter(family=family, revoked_at=None).update(revoked_at=clock.now())
    if meant.new_contact:
        Contact.objects.filter(family=family).delete()
    record(by=by, verb="consent.change_recorded", family=family.code, site=family.site.code, kind=kind)
    return change


@action
def end_change(*, by: Person, family: Family, ended_on: date) -> Change:
    """It is safe again to contact the family. By which way has to be asked anew: no route is held to be safe yet.

    What was stopped stays so until somebody opens it again.
    """
    need(by, "change.record", family.site.code)
    change = family.changes.select_for_update().filter(kind__in=CAN_END, ended_on=None).first()
    if change is None:
        raise Refused("It is not recorded that this family must not be contacted for its safety.")
    if not change.happened_on <= ended_on <= clock.today():
        raise Refused(f"Give the day since which it is safe again: from {change.happened_on:%-d %B %Y} to today.")
    change.ended_on = ended_on
    change.save(update_fields=["ended_on"])
    Contact.objects.filter(family=family).update(safe=[])
    record(by=by, verb="consent.change_ended", family=family.code, site=family.site.code, kind=change.kind,
           ended_on=ended_on)
    return change


@action
def ask_again(*, by: Person, purposes: Collection[str], reason: str) -> int:
    """After an amendment that needs it: what families said of these purposes holds no more until they say it anew.

    Returns how many families are to be asked. Families that withdrew or must not be contacted are left in peace.
    """
    need(by, "study.amend")
    known = {purpose.code for purpose in versions.current().consent.purposes}
    if not purposes or set(purposes) - known:
        raise Refused("Choose the statements that families must be asked again.")
    if not reason.strip():
        raise Refused("Say why families must be asked again.")
    said = {family for family in Statement.objects.filter(purpose__in=purposes, given=True)
            .values_list("family_id", flat=True)}
    families = Family.objects.filter(pk__in=queries.who_may_be_asked(said))
    for family in families:
        _ask_again(family, set(purposes), "amendment")
    record(by=by, verb="consent.to_ask_again", why=reason.strip(), purposes=sorted(purposes), families=len(families))
    return len(families)


def _ask_again(family: Family, purposes: set[str], because: str) -> None:
    newest = queries.newest_of(family)
    for purpose in sorted(purposes & set(newest)):
        Renewal.objects.get_or_create(family=family, purpose=purpose, after=newest[purpose].pk, defaults={
            "because": because, "made_at": clock.now(), "study_version": versions.latest_number()})


@action
def give_code(*, by: Person, link: Link) -> str:
    """Eight signs that open the same page as `link`, once, within an hour: to be said or written down in the room.

    29 signs, so 5 x 10^11 codes: with fifty in use, a guess is right once in 10^10 times.
    """
    need(by, "consent.link", link.family.site.code)
    return code_for(by=by, family=link.family, leads_to=link.leads_to, mode=link.mode)


def code_for(*, by: Person, family: Family, leads_to: str, mode: str = "self") -> str:
    """A code to a family's page, within the action of the stage that has the page."""
    code = "".join(secrets.choice(CODE_SIGNS) for _place in range(8))
    ShortCode.objects.create(family=family, leads_to=leads_to, mode=mode, code_hash=_keyed(code),
                             until=clock.now() + CODE_LASTS)
    record(by=by, verb="consent.code_given", family=family.code, site=family.site.code, leads_to=leads_to)
    return code


@action
def use_code(*, by: Rule, typed: str) -> tuple[str, str]:
    """A typed code becomes a link of its own: its token, and where it leads to."""
    wanted = "".join(sign for sign in typed.upper() if sign in CODE_SIGNS)
    code = ShortCode.objects.select_for_update().filter(code_hash=_keyed(wanted), used_at=None,
                                                        until__gt=clock.now()).first()
    if code is None:
        raise Refused(_("This code is not in use. Check each letter and number, or ask for a new one."))
    code.used_at = clock.now()
    code.save(update_fields=["used_at"])
    token = secrets.token_urlsafe(24)
    link = Link.objects.create(family=code.family, leads_to=code.leads_to, token_hash=_hash(token), mode=code.mode,
                               made_at=clock.now())
    record(by=by, verb="consent.code_used", family=code.family.code, site=code.family.site.code, link=link.pk)
    return token, code.leads_to


def _keyed(code: str) -> str:
    return hmac.new(keys.at_first_use(CODE_KEY, first=not ShortCode.objects.exists()), code.encode(), "sha256").hexdigest()


def _may_speak(by: Person | Link, family: Family, right: str) -> None:
    if isinstance(by, Link):
        if by.family_id != family.pk or by.revoked_at is not None:
            raise NotAllowed("This link is not in use.")
    else:
        need(by, right, family.site.code)
