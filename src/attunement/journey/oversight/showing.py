"""What a demonstration shows of itself: one sign-in a role, and one family's own link. Refused for a real study."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.urls import reverse

from attunement.journey.consent import actions as consent
from attunement.journey.people.models import Holding, Person
from attunement.journey.people.roles import ROLES
from attunement.journey.referral import actions as referral
from attunement.journey.referral.models import Family
from attunement.journey.surveys import actions as surveys
from attunement.journey.surveys.models import Questionnaire
from attunement.journey.trail import clock, versions
from attunement.journey.trail.errors import Refused


def sign_ins(password: str) -> list[tuple[str, str]]:
    """(role's title, e-mail) of the first holder of each role, who can sign in with `password`."""
    _only_in_a_demonstration()
    found, hashed = [], ""
    for code, role in ROLES.items():
        person = Person.objects.filter(holdings__role=code, holdings__until=None, is_active=True).order_by("pk").first()
        if person is None:
            continue
        if hashed == "" and check_password(password, person.password):
            hashed = person.password
        hashed = hashed or make_password(password)
        Person.objects.filter(pk=person.pk).exclude(password=hashed).update(password=hashed)
        found.append((role.title, person.email))
    return found


def family_link() -> str:
    """The path of a fresh link to the first questionnaire of a family that has just agreed to take part."""
    _only_in_a_demonstration()
    holding = Holding.objects.filter(role="coordinator", until=None).select_related("person", "site").first()
    if holding is None or holding.site is None:
        raise Refused("This demonstration has no coordinator. Start it anew.")
    by = holding.person
    paper = Questionnaire.objects.filter(state="open", last_day=None, family__site=holding.site).first()
    family = paper.family if paper else _new_family(by, holding)
    code = next(point.code for point in versions.current().time_points if point.months_after is None)
    surveys.open_questionnaire(by=by, family=family, code=code)
    return reverse("survey_intro", args=[consent.give_link(by=by, family=family, leads_to=code)])


def _new_family(by: Person, holding: Holding) -> Family:
    study = versions.current()
    child = referral.refer(
        by=by, site=holding.site, carer="Demo Carer", born_on=clock.today() - timedelta(days=120), phone="07700 900000",
        safe=["text", "call"], agreed=True,
        answers={rule.code: True for rule in study.eligibility if rule.kind == "yes"})
    given = {purpose.code: True for purpose in study.consent.purposes}
    consent.record_consent(by=by, family=child.family, given=given, mode="visit", language="en")
    return child.family


def _only_in_a_demonstration() -> None:
    if not settings.DEMONSTRATION:
        raise Refused("This is a real study: nothing of it is shown.")
