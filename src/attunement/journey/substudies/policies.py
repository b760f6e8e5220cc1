"""May a sub-study's scheme be set up or locked, a family allocated in it, its seed opened, now?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from attunement.journey.arms import policies as main
from attunement.journey.arms.models import Allocation as MainAllocation
from attunement.journey.arms.models import Scheme as MainScheme
from attunement.journey.arms.policies import Check
from attunement.journey.consent import queries as consent
from attunement.journey.referral.models import Family
from attunement.journey.referral.queries import has_index_child
from attunement.journey.substudies.models import Allocation, Opening, Scheme
from attunement.journey.trail import clock, versions
from attunement.journey.trail.errors import Refused
from attunement.study.checks import substudies as rules
from attunement.study.schema import Substudy
from attunement.study.substudies import alone, last_day

NOT_SHARED = ("factors", "listed")  # of the main study's schemes only


def in_force(code: str) -> Substudy:
    """The sub-study as the study file has it now."""
    for substudy in versions.current().substudies:
        if substudy.code == code:
            return substudy
    raise Refused(f"The study file has no sub-study {code}.")


def facts_of(substudy: Substudy) -> dict[str, Any]:
    """What its scheme is made of. Refused, with the reason, when it cannot serve this sub-study."""
    study = versions.current()
    number, elsewhere = study.substudies.index(substudy), substudy.scheme.partition(":")[0].strip() in rules.NOT_HERE
    for remark in rules.remarks(study):
        told = elsewhere or remark.place[2:] != ("scheme",)  # of a scheme that is drawn here, the main study's rules tell
        if remark.level == "problem" and remark.place[1] == number and told:
            raise Refused(remark.text)
    facts = main.facts_of(alone(study, substudy))
    return {name: value for name, value in facts.items() if name not in NOT_SHARED}


def main_is_locked() -> None:
    if not MainScheme.objects.exclude(locked_at=None).exists():
        raise Refused("The main study's scheme is locked first: both are sealed with the same key.")


def not_opened(code: str) -> None:
    main.not_opened()
    if Opening.objects.filter(substudy=code).exclude(agreed_by=None).exists():
        raise Refused("The seed of this sub-study has been opened: no family is allocated in it any more.")


def locked_scheme(code: str) -> Scheme:
    """The version that allocates now."""
    found = Scheme.objects.filter(substudy=code).exclude(locked_at=None).order_by("-version").first()
    if found is None:
        raise Refused("The scheme of this sub-study has not been locked yet. "
                      "The trial manager and the monitoring statistician do that.")
    return found


def checks(family: Family, substudy: Substudy) -> Iterator[Check]:
    """What must hold before this family is allocated in it, each with the reason why it does not."""
    yield Check("The sub-study is open", _days(substudy))
    yield Check("A child of the family is eligible",
                "" if has_index_child(family) else "No child of this family is eligible.")
    yield Check("The family agreed to take part in the study",
                "" if consent.given(family) else "The family has not agreed to take part, or has withdrawn.")
    if substudy.purpose is not None:
        yield Check(f"The family agreed to what the sub-study needs ({substudy.purpose})", "" if consent.holds(
            family, substudy.purpose) else f"The family has not agreed to {substudy.purpose}, or has taken it back.")
    yield Check("Its circumstances are as they were at referral",
                "The family's circumstances have changed since it was referred. Speak to the trial manager."
                if consent.changes_of(family) else "")
    if substudy.needs == "allocated":
        yield Check("The family is allocated in the main study", "" if MainAllocation.objects.filter(
            family=family).exists() else "The family has not been allocated in the main study yet.")


def _days(substudy: Substudy) -> str:
    if substudy.start is not None and clock.today() < substudy.start:
        return f"The sub-study begins on {_day(substudy.start)}."
    if substudy.end is not None and clock.today() > substudy.end:
        return f"The sub-study ended on {_day(substudy.end)}."
    return ""


def can_be_allocated(family: Family, substudy: Substudy) -> None:
    if Allocation.objects.filter(substudy=substudy.code, family=family).exists():
        raise Refused("This family has been allocated in this sub-study already.")
    for check in checks(family, substudy):
        if check.reason:
            raise Refused(check.reason)


def can_be_opened(substudy: Substudy) -> None:
    """Only at the end: every planned family is in it, or the days of its allocation are over."""
    if Opening.objects.filter(substudy=substudy.code).exclude(agreed_by=None).exists():
        raise Refused("The seed of this sub-study has been opened already.")
    locked_scheme(substudy.code)
    places, last = sum(site.target for site in versions.current().sites), last_day(versions.current(), substudy)
    if Allocation.objects.filter(substudy=substudy.code).count() < places and (last is None or clock.today() <= last):
        until = f" until {_day(last)}" if last else ""
        raise Refused(f"Families can still be allocated in this sub-study{until}: an opened seed tells every coming "
                      "place. Open it when all are allocated or the days of allocation are over.")


def _day(day: Any) -> str:
    return f"{day.day} {day:%B %Y}"
