"""Vouchers: one a family and questionnaire, when it is handed in, whatever the arm; each step stays in the ledger."""

from __future__ import annotations

from attunement.journey.fieldwork.models import Voucher, VoucherLine
from attunement.journey.people.models import Person
from attunement.journey.people.permissions import need
from attunement.journey.referral.models import Family
from attunement.journey.referral.queries import lock_family
from attunement.journey.surveys.models import Questionnaire
from attunement.journey.trail import clock, versions
from attunement.journey.trail.actions import action, record
from attunement.journey.trail.errors import Refused


def amounts() -> dict[str, int]:
    """Time point → pence, as the study file says now."""
    return {voucher.time_point: voucher.pence for voucher in versions.current().fieldwork.vouchers}


@action
def give(*, by: Person, family: Family, code: str, how: str, number: str = "") -> Voucher:
    """A family's voucher for a questionnaire that it has handed in: `given` by hand or `sent`."""
    need(by, "fieldwork.work", family.site.code)
    if code not in amounts():
        raise Refused("The study gives no voucher for this questionnaire.")
    if how not in ("given", "sent"):
        raise Refused("Say whether the voucher is given by hand or sent.")
    lock_family(family)
    if not Questionnaire.objects.filter(family=family, time_point=code, state="complete").exists():
        raise Refused("The voucher is for a questionnaire that was handed in; this one was not.")
    if Voucher.objects.filter(family=family, time_point=code).exists():
        raise Refused("The family has its voucher for this questionnaire already.")
    made = Voucher.objects.create(family=family, time_point=code, pence=amounts()[code], state=how)
    _line(by, made, how, number)
    return made


@action
def go_on(*, by: Person, voucher: Voucher, state: str, number: str = "") -> Voucher:
    """A voucher came back, or another one takes its place."""
    voucher = Voucher.objects.select_for_update().get(pk=voucher.pk)
    need(by, "fieldwork.work", voucher.family.site.code)
    if state not in Voucher.NEXT[voucher.state]:
        words = dict(Voucher.STATES)
        raise Refused(f"A voucher whose state is “{words[voucher.state]}” cannot become “{words.get(state, state)}” now.")
    voucher.state = state
    _line(by, voucher, state, number)
    return voucher


def _line(by: Person, voucher: Voucher, state: str, number: str) -> None:
    if number.strip():
        voucher.number = number.strip()
    voucher.save(update_fields=["state", "number"])
    VoucherLine.objects.create(voucher=voucher, by=by, at=clock.now(), state=state, number=number.strip())
    record(by=by, verb=f"fieldwork.voucher_{state}", family=voucher.family.code, site=voucher.family.site.code,
           time_point=voucher.time_point, pence=voucher.pence)
