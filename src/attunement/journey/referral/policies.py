"""May this family be referred now, and is this child eligible?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

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
