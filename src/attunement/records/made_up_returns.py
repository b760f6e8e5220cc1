"""Made-up histories written as authorities send them: CIN census XML, SSDA903 as CSV and XML, Annex A workbook."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from xml.sax.saxutils import escape

from openpyxl import Workbook  # type: ignore[import-untyped]

from attunement.records.layout import layout
from attunement.records.made_up import Cells, History
from attunement.records.template import DATE_FORMAT

EPISODES = ("CHILD", "DECOM", "RNE", "LS", "CIN", "PLACE", "PLACE_PROVIDER", "DEC", "REC", "REASON_PLACE_CHANGE", "HOME_POST",
            "PL_POST", "URN")
HEADER = ("CHILD", "SEX", "DOB", "ETHNIC", "UPN", "MOTHER", "MC_DOB")
_SEXES = {"M": "a) Male", "F": "b) Female", "U": "c) Unknown"}
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
    own = _block("ChildIdentifiers", _value("LAchildID", person.child_id), _value("PersonBirthDate", person.birth_date),
                 _value(*sex), _value("PersonDeathDate", past.died_on))
    own += _block("ChildCharacteristics", _value("Ethnicity", person.ethnicity))
    return _block("Child", own, *(_referral(past, number) for number in range(len(past.referrals))))


def _referral(past: History, number: int) -> str:
    start, end, reason = past.referrals[number]
    enquiries = sorted(_under(past, number, [row for row in past.assessments if row[0] == "section 47"]), key=lambda row: str(row[1]))
    conferences = [row[1] for row in _under(past, number, [row for row in past.assessments if row[0] == "conference"])]
    parts = [_value("CINreferralDate", start), _value("ReferralSource", "6"), _value("PrimaryNeedCode", "N1"),
             _value("CINclosureDate", end), _value("ReasonForClosure", reason),
             _value("DateOfInitialCPC", conferences[0] if conferences else None)]
    for _what, began, ended in _under(past, number, [row for row in past.assessments if row[0] == "assessment"]):
        parts.append(_block("Assessments", _value("AssessmentActualStartDate", began), _value("AssessmentAuthorisationDate", ended),
                            _block("FactorsIdentifiedAtAssessment", _value("AssessmentFactors", "1A"))))
    for kind, began, ended, _moved in _under(past, number, past.plans):
        if kind == "CIN":
            parts.append(_block("CINPlanDates", _value("CINPlanStartDate", began), _value("CINPlanEndDate", ended)))
    for place, (_what, began, _none) in enumerate(enquiries):
        held = conferences[place] if place < len(conferences) else None
        parts.append(_block("Section47", _value("S47ActualStartDate", began), _value("DateOfInitialCPC", held),
                            _value("ICPCnotRequired", "false" if held else "true")))
    parts.append(_value("ReferralNFA", "false"))
    for kind, began, ended, _moved in _under(past, number, past.plans):
        if kind == "CP":
            parts.append(_block("ChildProtectionPlans", _value("CPPstartDate", began), _value("CPPendDate", ended),
                                _value("InitialCategoryOfAbuse", "NEG"), _value("LatestCategoryOfAbuse", "NEG"),
                                _value("NumberOfPreviousCPP", "0")))
    return _block("CINdetails", *parts)


def _under(past: History, number: int, rows: Sequence[Cells]) -> list[Cells]:
    """The rows that begin during this referral; those that begin during none stand under the first."""
    found = []
    for row in rows:
        day = row[1] if isinstance(row[1], date) else _FOR_EVER
        during = [n for n, (start, end, _reason) in enumerate(past.referrals)
                  if isinstance(start, date) and start <= day <= (end if isinstance(end, date) else _FOR_EVER)]
        if (during[-1] if during else 0) == number:
            found.append(row)
    return found


def header_903(people: Iterable[Person], *, year: int) -> bytes:
    """The Header file."""
    rows = [(p.child_id, _sex(p, year), _british(p.birth_date), p.ethnicity, "", "", "") for p in people]
    return _csv(HEADER, rows)


def episodes_903(people: Iterable[Person]) -> bytes:
    """The Episodes file."""
    return _csv(EPISODES, [(p.child_id, *row) for p in people for row in _care(p)])


def xml_903(people: Iterable[Person], *, year: int) -> bytes:
    """Header and Episodes in one XML."""
    children = []
    for person in people:
        own = _block("HEADER", _value("CHILDID", person.child_id), _value("SEX", _sex(person, year)),
                     _value("DOB", _british(person.birth_date)), _value("ETHNIC", person.ethnicity))
        names = [{"PLACE": "PL"}.get(name, name) for name in EPISODES[1:]]
        rows = (_block("EPISODE", *(_value(n, v or None) for n, v in zip(names, row, strict=True))) for row in _care(person))
        children.append(_block("CHILD", own, *rows))
    return ("<?xml version='1.0' encoding='utf-8'?>\n<EXPSSDA903>\n" + "".join(children) + "</EXPSSDA903>\n").encode()


def _care(person: Person) -> list[tuple[str, ...]]:
    rows, before = [], None
    for start, end, legal, reason in sorted(person.history.care, key=lambda row: str(row[0])):
        why = "L" if before == start else "S"
        rows.append((_british(start), why, str(legal or ""), "N1", "U6", "PR1", _british(end), str(reason or ""), "", "", "", ""))
        before = end if reason == "X1" else None
    return rows


def annex_a(people: Sequence[Person], *, taken: date) -> bytes:
    """Lists 2 to 8 on the day of the snapshot."""
    book = Workbook()
    book.remove(book.active)
    for one in layout("annex_a").detail["lists"]:
        page = book.create_sheet(f"List {one['number']}")
        names = [field.source for field in layout("annex_a").tables[one["table"]]]
        page.append(names)
        for person in people:
            for facts in _list_rows(one["number"], person, taken):
                own = {"Child Unique ID": person.child_id, "Gender": _SEXES[person.sex], "Ethnicity": f"a) {person.ethnicity}",
                       "Date of Birth": person.birth_date}
                page.append([(own | facts).get(name) for name in names])
                for cell in page[page.max_row]:
                    if isinstance(cell.value, date):
                        cell.number_format = DATE_FORMAT
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _list_rows(number: int, person: Person, taken: date) -> list[dict[str, object]]:
    past = person.history
    if number == 3:
        return [{"Date of referral": row[0], "Referral Source": "q) 6: Police", "Referral NFA?": "No"} for row in past.referrals]
    if number == 4:
        return [{"Continuous Assessment Start Date": row[1], "Continuous Assessment Date of Authorisation": row[2]}
                for row in past.assessments if row[0] == "assessment"]
    if number == 5:
        return _enquiries(past)
    if number == 6:
        return [{"CIN Start Date": row[0], "Primary Need Code": "N1 - Abuse or neglect", "CIN Closure Date": row[1],
                 "Reason for Closure": row[2], "Case Status": _status(past, row[1], taken)} for row in past.referrals]
    if number == 7:
        return [{"Child Protection Plan Start Date": row[1], "Initial Category of Abuse": "Neglect",
                 "Latest Category of Abuse": "Neglect", "Child Protection Plan End Date": row[2],
                 "Number of Previous Child Protection Plans": 0} for row in past.plans if row[0] == "CP"]
    if number == 8:
        return [{"Date Started to be Looked After": row[0], "Child's Legal Status": row[2], "Date Ceased to be Looked After": row[1],
                 "Reason Ceased to be Looked After": row[3], "Child's Category of Need": "N1"} for row in past.care]
    return []


def _enquiries(past: History) -> list[dict[str, object]]:
    held = [row[1] for row in past.assessments if row[0] == "conference"]
    rows: list[dict[str, object]] = []
    for place, row in enumerate(row for row in past.assessments if row[0] == "section 47"):
        day = held[place] if place < len(held) else None
        rows.append({"Strategy discussion initiating Section 47 Enquiry Start Date": row[1],
                     "Date of Initial Child Protection Conference": day,
                     "Was an Initial Child Protection Conference deemed unnecessary?": "No" if day else "Yes"})
    return rows


def _status(past: History, closed: object, taken: date) -> str:
    def now(rows: Iterable[Cells], start: int, end: int) -> bool:
        days = [(row[start], row[end]) for row in rows]
        return any(isinstance(s, date) and s <= taken and (not isinstance(e, date) or e > taken) for s, e in days)

    if isinstance(closed, date) and closed <= taken:
        return "e) Closed episode"
    if now([row for row in past.care if row[2] not in ("V3", "V4")], 0, 1):
        return "a) Looked after child"
    if now([row for row in past.plans if row[0] == "CP"], 1, 2):
        return "b) Child protection plan"
    return "c) Child in need plan" if now([row for row in past.plans if row[0] == "CIN"], 1, 2) else "d) Open assessment"


def _sex(person: Person, year: int) -> str:
    return person.sex if year >= 2025 else {"M": "1", "F": "2", "U": "0"}[person.sex]


def _british(day: object) -> str:
    return f"{day:%d/%m/%Y}" if isinstance(day, date) else ""


def _value(name: str, value: object) -> str:
    return "" if value is None else f"<{name}>{escape(str(value))}</{name}>\n"


def _block(name: str, *inside: str) -> str:
    return f"<{name}>\n{''.join(inside)}</{name}>\n"


def _csv(names: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(names)
    writer.writerows(rows)
    return text.getvalue().encode()


def made_up_people(count: int, *, allocated_on: date, window_end: date, worse: float, seed: int) -> list[Person]:
    """`count` children with the histories of `made_up.make_history` and a birth date that goes with them."""
    import numpy as np

    from attunement.records.made_up import make_history

    random = np.random.default_rng(seed)
    people = []
    for number in range(count):
        past = make_history(f"T-{number:05d}", allocated_on=allocated_on, window_end=window_end, worse=worse, random=random)
        born = allocated_on - timedelta(int(random.integers(20, 330)))
        sex = "MF"[int(random.integers(2))]
        people.append(Person(f"LA{100_000 + number}", born, past, sex, ("WBRI", "APKN", "MWAS")[int(random.integers(3))]))
    return people
