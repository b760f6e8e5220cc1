"""Made-up histories written as an Annex A workbook."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import date

from openpyxl import Workbook  # type: ignore[import-untyped]

from attunement.records.layout import layout
from attunement.records.made_up import Cells, History
from attunement.records.made_up_returns import Person
from attunement.records.template import DATE_FORMAT

_SEXES = {"M": "a) Male", "F": "b) Female", "U": "c) Unknown"}


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
                own = {
                    "Child Unique ID": person.child_id,
                    "Gender": _SEXES[person.sex],
                    "Ethnicity": f"a) {person.ethnicity}",
                    "Date of Birth": person.birth_date,
                }
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
        return [
            {"Date of referral": row[0], "Referral Source": "q) 6: Police", "Referral NFA?": "No"}
            for row in past.referrals
        ]
    if number == 4:
        return [
            {"Continuous Assessment Start Date": row[1], "Continuous Assessment Date of Authorisation": row[2]}
            for row in past.assessments
            if row[0] == "assessment"
        ]
    if number == 5:
        return _enquiries(past)
    if number == 6:
        return [
            {
                "CIN Start Date": row[0],
                "Primary Need Code": "N1 - Abuse or neglect",
                "CIN Closure Date": row[1],
                "Reason for Closure": row[2],
                "Case Status": _status(past, row[1], taken),
            }
            for row in past.referrals
        ]
    if number == 7:
        return [
            {
                "Child Protection Plan Start Date": row[1],
                "Initial Category of Abuse": "Neglect",
                "Latest Category of Abuse": "Neglect",
                "Child Protection Plan End Date": row[2],
                "Number of Previous Child Protection Plans": 0,
            }
            for row in past.plans
            if row[0] == "CP"
        ]
    if number == 8:
        return [
            {
                "Date Started to be Looked After": row[0],
                "Child's Legal Status": row[2],
                "Date Ceased to be Looked After": row[1],
                "Reason Ceased to be Looked After": row[3],
                "Child's Category of Need": "N1",
            }
            for row in past.care
        ]
    return []


def _enquiries(past: History) -> list[dict[str, object]]:
    held = [row[1] for row in past.assessments if row[0] == "conference"]
    rows: list[dict[str, object]] = []
    for place, row in enumerate(row for row in past.assessments if row[0] == "section 47"):
        day = held[place] if place < len(held) else None
        rows.append(
            {
                "Strategy discussion initiating Section 47 Enquiry Start Date": row[1],
                "Date of Initial Child Protection Conference": day,
                "Was an Initial Child Protection Conference deemed unnecessary?": "No" if day else "Yes",
            }
        )
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
    return (
        "c) Child in need plan" if now([row for row in past.plans if row[0] == "CIN"], 1, 2) else "d) Open assessment"
    )
