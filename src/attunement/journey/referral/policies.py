"""May this family be referred now, and is this child eligible?"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

from attunement.journey.referral.models import Contact, Family
from attunement.journey.trail import clock
from attunement.journey.trail.errors import Refused
from attunement.study import Study
from attunement.study.calendar import age_in_months


def birth_date_possible(born_on: date) -> None:
    if born_on > clock.today():
        raise Refused("The date of birth lies in the future. Check the year.")
    if age_in_months(born_on, clock.today()) > 18 * 12:
        raise Refused("The date of birth is more than 18 years ago. Check the year.")


def every_rule_answered(study: Study, answers: Mapping[str, bool]) -> None:
    asked = {rule.code for rule in study.eligibility if rule.kind == "yes"}
    if set(answers) != asked:
        wanting = ", ".join(sorted(asked ^ set(answers)))
        raise Refused(f"Answer each eligibility question with yes or no. Not answered: {wanting}.")


def first_reason(study: Study, born_on: date, answers: Mapping[str, bool]) -> str:
    """The code of the first eligibility rule that is not met; empty when all are."""
    for rule in study.eligibility:
        if rule.kind == "yes" and not answers[rule.code]:
            return rule.code
        if rule.kind == "age_under_months" and age_in_months(born_on, clock.today()) >= (rule.months or 0):
            return rule.code
    return ""


# The bands that stay of an erased child, by the first month of each.
BANDS = (0, 3, 6, 9, 12, 24, 60, 120)


def band_of(months: int) -> tuple[int, str]:
    """The first month of the band, and its words."""
    first = max(month for month in BANDS if month <= max(0, months))
    after = next((month for month in BANDS if month > first), None)
    return first, f"{first} to {after - 1} months" if after else f"{first} months or more"


def not_forgotten(family: Family) -> None:
    if family.erased:
        raise Refused(f"Nothing is kept of this family, because {family.get_erased_display()}. If it comes back, "
                      "refer it anew.")


def routes_known(safe: Collection[str], hours: tuple[int, int], reached: Mapping[str, str]) -> None:
    """A route is safe only when there is a number or address for it; the hours are two full hours of one day."""
    names = dict(Contact.ROUTES)
    for route in safe:
        if route not in names:
            raise Refused("Choose safe ways from those that are offered.")
        if not reached[route]:
            raise Refused(f"{names[route]} is marked as safe, but there is no number or address for it.")
    if not 0 <= hours[0] < hours[1] <= 24:
        raise Refused("The first safe hour must be before the last one.")
