"""Referring a family and its further children, its agreement to be contacted, and forgetting who it was."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from django.db.models import Q

from attunement.journey.people.models import Person, Site
from attunement.journey.people.permissions import need
from attunement.journey.referral import policies
from attunement.journey.referral.models import Child, Contact, Family, NotApproached
from attunement.journey.referral.queries import lock_family
from attunement.journey.trail import clock, versions
from attunement.journey.trail.actions import Actor, action, record
from attunement.journey.trail.errors import Refused
from attunement.journey.trail.models import Message
from attunement.study.calendar import age_in_months


@action
def refer(*, by: Person, site: Site, carer: str, born_on: date, answers: Mapping[str, bool], language: str = "en",
          phone: str = "", email: str = "", address: str = "", safe: Collection[str] = (), hours: tuple[int, int] = (0, 24),
          help_needed: bool = False, agreed: bool | None = None) -> Child:
    """Refers a family with one child. An ineligible child is recorded with its reason; then no name is kept.

    `agreed`: whether the family may be contacted by the study; None when it has not been asked. `safe`: the routes by
    which it said that it is safe to reach it, between the two `hours`.
    """
    need(by, "referral.refer", site.code)
    study = versions.current()
    policies.birth_date_possible(born_on)
    policies.every_rule_answered(study, answers)
    policies.routes_known(safe, hours, {"text": phone, "call": phone, "mail": email, "post": address})
    if language not in {known.code for known in study.languages}:
        raise Refused("The study does not have this language. Choose English, and say that help is needed.")
    Site.objects.select_for_update().get(pk=site.pk)
    number = Family.objects.filter(site=site).count() + 1
    family = Family.objects.create(code=f"{site.code}{number:03}", site=site, number=number, language=language,
                                   help_needed=help_needed, referred_on=clock.today(), referred_by=by,
                                   study_version=versions.latest_number())
    child = _add_child(by=by, family=family, born_on=born_on, answers=answers)
    Contact.objects.create(family=family, carer=carer, phone=phone, email=email, address=address, safe=sorted(safe),
                           from_hour=hours[0], to_hour=hours[1])
    if not child.eligible:
        forget(by=by, family=family, why="ineligible")
    elif agreed is not None:
        answer_to_contact(by=by, family=family, agreed=agreed)
    return child


@action
def refer_sibling(*, by: Person, family: Family, born_on: date, answers: Mapping[str, bool], carer: str = "",
                  agreed: bool | None = None, **contact: Any) -> Child:
    """Refers a further child of a known family: same family, same arm, next letter.

    Of a family whose earlier children were not eligible nothing is kept, so carer and `contact` are given anew.
    """
    need(by, "referral.refer", family.site.code)
    policies.birth_date_possible(born_on)
    policies.every_rule_answered(versions.current(), answers)
    lock_family(family)
    if family.erased != "ineligible":
        policies.not_forgotten(family)
    child = _add_child(by=by, family=family, born_on=born_on, answers=answers)
    if not child.eligible:
        _forget_child(child)
    elif family.erased:
        family.erased = ""
        family.save(update_fields=["erased"])
        change_contact(by=by, family=family, carer=carer, **contact)
        if agreed is not None:
            answer_to_contact(by=by, family=family, agreed=agreed)
    return child


def _add_child(*, by: Person, family: Family, born_on: date, answers: Mapping[str, bool]) -> Child:
    reason = policies.first_reason(versions.current(), born_on, answers)
    known = family.children.count()
    child = Child.objects.create(
        family=family, letter="ABCDEFGHIJ"[known], born_on=born_on,
        age_months=age_in_months(born_on, clock.today()), answers=dict(answers), eligible=not reason, reason=reason,
        index=not reason and not family.children.filter(index=True).exists(), referred_on=clock.today(),
        study_version=versions.latest_number())
    record(by=by, verb="referral.child_referred", family=family.code, site=family.site.code, child=child.letter,
           eligible=child.eligible, reason=reason, index=child.index)
    return child


@action
def answer_to_contact(*, by: Actor, family: Family, agreed: bool) -> None:
    """Records whether the study may contact the family. No: who it was is forgotten."""
    if isinstance(by, Person):
        need(by, "referral.refer", family.site.code)
    policies.not_forgotten(family)
    if family.agreed == agreed:
        return
    if family.agreed and not agreed:
        raise Refused("The family has agreed already. If it does not want to go on, record what it says under consent.")
    family.agreed, family.agreed_on = agreed, clock.today()
    family.save(update_fields=["agreed", "agreed_on"])
    record(by=by, verb="referral.contact_answered", family=family.code, site=family.site.code, agreed=agreed)
    if not agreed:
        forget(by=by, family=family, why="refused")


@action
def forget(*, by: Actor, family: Family, why: str) -> None:
    """Erases name, contact, dates of birth and answers; month, authority, age band and reason stay."""
    policies.not_forgotten(family)
    contact = Contact.objects.filter(family=family).first()
    if contact is not None:
        known = {contact.phone, contact.email, contact.address} - {""}
        own = Message.objects.filter(Q(address__in=known) | Q(link__isnull=False), family=family.code)
        own.filter(sent_at=None, stopped="").update(stopped="nothing is kept of this family", body="")
        own.update(address="")
        contact.delete()
    for child in family.children.all():
        _forget_child(child)
    family.erased, family.referred_on = why, family.referred_on.replace(day=1)
    family.agreed, family.agreed_on = (family.agreed if why == "ineligible" else False), None
    family.save(update_fields=["erased", "referred_on", "agreed", "agreed_on"])
    record(by=by, verb="referral.forgotten", family=family.code, site=family.site.code, reason=why)


def _forget_child(child: Child) -> None:
    child.born_on, child.answers, child.referred_on = None, {}, child.referred_on.replace(day=1)
    child.age_months = policies.band_of(child.age_months)[0]
    child.save(update_fields=["born_on", "answers", "referred_on", "age_months"])


@action
def change_contact(*, by: Person, family: Family, carer: str, phone: str = "", email: str = "", address: str = "",
                   safe: Collection[str] = (), hours: tuple[int, int] = (0, 24), help_needed: bool | None = None) -> None:
    """A new number, a route that is not safe any more. What waits to leave by such a route stays."""
    need(by, "referral.contact", family.site.code)
    policies.not_forgotten(family)
    if not carer.strip():
        raise Refused("Enter the name of the parent or carer.")
    policies.routes_known(safe, hours, {"text": phone, "call": phone, "mail": email, "post": address})
    Contact.objects.update_or_create(family=family, defaults={
        "carer": carer, "phone": phone, "email": email, "address": address, "safe": sorted(safe),
        "from_hour": hours[0], "to_hour": hours[1]})
    if help_needed is not None:
        Family.objects.filter(pk=family.pk).update(help_needed=help_needed)
    record(by=by, verb="referral.contact_changed", family=family.code, site=family.site.code, safe=sorted(safe),
           from_hour=hours[0], to_hour=hours[1])


@action
def count_not_approached(*, by: Person, site: Site, month: date, reason: str, families: int) -> NotApproached:
    """How many families were looked at in a month and not asked, for one reason. The newest count holds."""
    need(by, "referral.refer", site.code)
    if reason not in {known.code for known in versions.current().not_approached}:
        raise Refused("Choose one of the reasons that the study names.")
    if month.replace(day=1) > clock.today():
        raise Refused("The month lies in the future. Check the year.")
    made = NotApproached.objects.create(site=site, month=month.replace(day=1), reason=reason, families=families,
                                        counted_at=clock.now(), study_version=versions.latest_number())
    record(by=by, verb="referral.not_approached", site=site.code, month=made.month, reason=reason, families=families)
    return made
