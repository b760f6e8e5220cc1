"""Consent and roles: whether families are asked for all that the study does, and who may know the arm."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from attunement.study.english import listed
from attunement.study.findings import Remark
from attunement.study.roles import ROLES
from attunement.study.schema import Study


def remarks(study: Study) -> Iterator[Remark]:
    yield from _purposes(study)
    yield from _eligibility(study)
    yield from _roles(study)
    yield from _registers(study)


def _purposes(study: Study) -> Iterator[Remark]:
    purposes, place = study.consent.purposes, ("consent", "purposes")
    if not any(purpose.required and "contact" in purpose.stops for purpose in purposes):
        text = "No required purpose stops contact: a family must agree to take part, and be able to stop altogether."
        yield Remark("problem", place, text)
    for act, needed in _acts(study).items():
        if needed and not any(act in purpose.stops for purpose in purposes):
            text = f"{needed}, but no purpose of the consent can stop it: none has {act} under stops."
            yield Remark("problem", place, text)
    for index, purpose in enumerate(purposes):
        if not purpose.lawful_basis.strip():
            yield Remark("problem", (*place, index), f"The purpose {purpose.code} has no lawful basis.")
    if not study.consent.notice.paragraphs:
        yield Remark("problem", ("consent", "notice"), "The privacy notice tells families nothing.")


def _acts(study: Study) -> dict[str, str]:
    films = any(session.kind == "film" for session in study.delivery.sessions)
    return {
        "surveys": "Families are asked questionnaires" if study.time_points else "",
        "records": "Outcomes are taken from authorities' records" if study.records.outcomes else "",
        "filming": "Families are filmed" if films else "",
        "supervision": "Films may go to supervision" if films and study.accreditation else "",
    }


def _eligibility(study: Study) -> Iterator[Remark]:
    for index, rule in enumerate(study.eligibility):
        if (rule.kind == "age_under_months") != (rule.months is not None):
            text = f"The rule {rule.code}: months stands with the kind age_under_months, and only there."
            yield Remark("problem", ("eligibility", index), text)


def _roles(study: Study) -> Iterator[Remark]:
    for index, role in enumerate(study.roles):
        place = ("roles", index)
        if role.code not in ROLES:
            close = get_close_matches(role.code, ROLES, n=1)
            meant = f"Did you mean {close[0]}?" if close else f"Known are {listed(ROLES)}."
            yield Remark("problem", place, f"There is no role {role.code}. {meant}")
        elif role.masked and ROLES[role.code] == "sees":
            text = f"The role {role.code} cannot do its work without knowing the arm, but is masked."
            yield Remark("problem", (*place, "masked"), text)
        elif not role.masked and ROLES[role.code] == "masked":
            text = f"The role {role.code} may know the arm here: what it measures or sums up could then lean one way."
            yield Remark("problem", (*place, "masked"), text)


def _registers(study: Study) -> Iterator[Remark]:
    used = {role.code for role in study.roles}
    for index, register in enumerate(study.registers):
        place = ("registers", index)
        if (register.days is None) == (register.months is None):
            yield Remark("problem", place, f"The register {register.code} needs days or months, one of them.")
        if strange := [code for code in register.opened_by if code not in used]:
            text = f"The register {register.code} is opened by {listed(strange)}, which the study has not among its roles."
            yield Remark("problem", (*place, "opened_by"), text)
