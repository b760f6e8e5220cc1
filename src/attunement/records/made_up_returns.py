"""Made-up children, and their histories written as a CIN census XML."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from xml.sax.saxutils import escape

import numpy as np

from attunement.records.made_up import Cells, History, make_history

_FOR_EVER = date(9999, 1, 1)
Day = date | None


@dataclass(frozen=True, slots=True)
class Person:
    """A child as the authority knows it; its history has the rows of our workbook."""

    child_id: str
    birth_date: date
    history: History
    sex: str = "F"
    ethnicity: str = "WBRI"


def cin_census(people: Iterable[Person], *, year: int, reference: date, made: date) -> bytes:
    """A census of collection year `year`. Everything stands under the referral during which it began."""
    head = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<Message>\n<Header>\n<CollectionDetails><Collection>CIN</Collection>'
        f"<Year>{year}</Year><ReferenceDate>{reference}</ReferenceDate></CollectionDetails>\n<Source><SourceLevel>L"
        "</SourceLevel><LEA>999</LEA><SoftwareCode>made up</SoftwareCode><Release>1</Release><SerialNo>1</SerialNo>"
        f"<DateTime>{made}T09:00:00</DateTime></Source>\n</Header>\n<Children>\n"
    )
    return (head + "".join(_child(person, year) for person in people) + "</Children>\n</Message>\n").encode()


def _child(person: Person, year: int) -> str:
    past = person.history
    sex = ("Sex", person.sex) if year >= 2025 else ("GenderCurrent", {"M": "1", "F": "2", "U": "0"}[person.sex])
    own = block(
        "ChildIdentifiers",
        value("LAchildID", person.child_id),
        value("PersonBirthDate", person.birth_date),
        value(*sex),
        value("PersonDeathDate", past.died_on),
    )
    own += block("ChildCharacteristics", value("Ethnicity", person.ethnicity))
    return block("Child", own, *(_referral(past, number) for number in range(len(past.referrals))))


def _referral(past: History, number: int) -> str:
    start, end, reason = past.referrals[number]
    enquiries = sorted(
        _under(past, number, [row for row in past.assessments if row[0] == "section 47"]), key=lambda row: str(row[1])
    )
    conferences = [row[1] for row in _under(past, number, [row for row in past.assessments if row[0] == "conference"])]
    parts = [
        value("CINreferralDate", start),
        value("ReferralSource", "6"),
        value("PrimaryNeedCode", "N1"),
        value("CINclosureDate", end),
        value("ReasonForClosure", reason),
        value("DateOfInitialCPC", conferences[0] if conferences else None),
    ]
    for _what, began, ended in _under(past, number, [row for row in past.assessments if row[0] == "assessment"]):
        parts.append(
            block(
                "Assessments",
                value("AssessmentActualStartDate", began),
                value("AssessmentAuthorisationDate", ended),
                block("FactorsIdentifiedAtAssessment", value("AssessmentFactors", "1A")),
            )
        )
    for kind, began, ended, _moved in _under(past, number, past.plans):
        if kind == "CIN":
            parts.append(block("CINPlanDates", value("CINPlanStartDate", began), value("CINPlanEndDate", ended)))
    for place, (_what, began, _none) in enumerate(enquiries):
        held = conferences[place] if place < len(conferences) else None
        parts.append(
            block(
                "Section47",
                value("S47ActualStartDate", began),
                value("DateOfInitialCPC", held),
                value("ICPCnotRequired", "false" if held else "true"),
            )
        )
    parts.append(value("ReferralNFA", "false"))
    for kind, began, ended, _moved in _under(past, number, past.plans):
        if kind == "CP":
            parts.append(
                block(
                    "ChildProtectionPlans",
                    value("CPPstartDate", began),
                    value("CPPendDate", ended),
                    value("InitialCategoryOfAbuse", "NEG"),
                    value("LatestCategoryOfAbuse", "NEG"),
                    value("NumberOfPreviousCPP", "0"),
                )
            )
    return block("CINdetails", *parts)


def _under(past: History, number: int, rows: Sequence[Cells]) -> list[Cells]:
    """The rows that begin during this referral; those that begin during none stand under the first."""
    found = []
    for row in rows:
        day = row[1] if isinstance(row[1], date) else _FOR_EVER
        during = [
            n
            for n, (start, end, _reason) in enumerate(past.referrals)
            if isinstance(start, date) and start <= day <= (end if isinstance(end, date) else _FOR_EVER)
        ]
        if (during[-1] if during else 0) == number:
            found.append(row)
    return found


def value(name: str, value: object) -> str:
    return "" if value is None else f"<{name}>{escape(str(value))}</{name}>\n"


def block(name: str, *inside: str) -> str:
    return f"<{name}>\n{''.join(inside)}</{name}>\n"


def made_up_people(count: int, *, allocated_on: date, window_end: date, worse: float, seed: int) -> list[Person]:
    """`count` children with the histories of `made_up.make_history` and a birth date that goes with them."""
    random = np.random.default_rng(seed)
    people = []
    for number in range(count):
        past = make_history(
            f"T-{number:05d}", allocated_on=allocated_on, window_end=window_end, worse=worse, random=random
        )
        born = allocated_on - timedelta(int(random.integers(20, 330)))
        sex = "MF"[int(random.integers(2))]
        people.append(
            Person(f"LA{100_000 + number}", born, past, sex, ("WBRI", "APKN", "MWAS")[int(random.integers(3))])
        )
    return people
