"""Referring a family, and a further child of a family."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from attunement.journey.people.models import Person, Site
from attunement.journey.people.permissions import need
from attunement.journey.referral import policies
from attunement.journey.referral.models import Child, Contact, Family
from attunement.journey.trail import clock, versions
from attunement.journey.trail.actions import action, record
from attunement.journey.trail.errors import Refused
from attunement.study.calendar import age_in_months


@action
def refer(*, by: Person, site: Site, carer: str, born_on: date, answers: Mapping[str, bool], language: str = "en",
          phone: str = "", email: str = "", help_needed: bool = False) -> Child:
    """Refers a family with one child. An ineligible child is recorded with its reason; then no name is kept."""
    need(by, "referral.refer", site.code)
    study = versions.current()
    policies.birth_date_possible(born_on)
    policies.every_rule_answered(study, answers)
    if language not in {known.code for known in study.languages}:
        raise Refused("The study does not have this language. Choose English, and say that help is needed.")
    Site.objects.select_for_update().get(pk=site.pk)
    number = Family.objects.filter(site=site).count() + 1
    family = Family.objects.create(code=f"{site.code}{number:03}", site=site, number=number, language=language,
                                   help_needed=help_needed, referred_on=clock.today(), referred_by=by,
                                   study_version=versions.latest_number())
    child = _add_child(by=by, family=family, born_on=born_on, answers=answers)
    if child.eligible:
        Contact.objects.create(family=family, carer=carer, phone=phone, email=email)
    return child


@action
def refer_sibling(*, by: Person, family: Family, born_on: date, answers: Mapping[str, bool]) -> Child:
    """Refers a further child of a known family: same family, same arm, next letter."""
    need(by, "referral.refer", family.site.code)
    policies.birth_date_possible(born_on)
    policies.every_rule_answered(versions.current(), answers)
    Family.objects.select_for_update().get(pk=family.pk)
    return _add_child(by=by, family=family, born_on=born_on, answers=answers)


def _add_child(*, by: Person, family: Family, born_on: date, answers: Mapping[str, bool]) -> Child:
    reason = policies.first_reason(versions.current(), born_on, answers)
    known = family.children.count()
    child = Child.objects.create(
        family=family, letter="ABCDEFGHIJ"[known], born_on=None if reason else born_on,
        age_months=age_in_months(born_on, clock.today()), answers=dict(answers), eligible=not reason, reason=reason,
        index=not reason and not family.children.filter(index=True).exists(), referred_on=clock.today(),
        study_version=versions.latest_number())
    record(by=by, verb="referral.child_referred", family=family.code, site=family.site.code, child=child.letter,
           eligible=child.eligible, reason=reason, index=child.index)
    return child
