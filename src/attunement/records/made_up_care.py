"""Made-up histories written as SSDA903: Header and Episodes as CSV, or both as XML."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date

from attunement.records.made_up_returns import Person, block, value

EPISODES = (
    "CHILD",
    "DECOM",
    "RNE",
    "LS",
    "CIN",
    "PLACE",
    "PLACE_PROVIDER",
    "DEC",
    "REC",
    "REASON_PLACE_CHANGE",
    "HOME_POST",
    "PL_POST",
    "URN",
)
HEADER = ("CHILD", "SEX", "DOB", "ETHNIC", "UPN", "MOTHER", "MC_DOB")


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
        own = block(
            "HEADER",
            value("CHILDID", person.child_id),
            value("SEX", _sex(person, year)),
            value("DOB", _british(person.birth_date)),
            value("ETHNIC", person.ethnicity),
        )
        names = [{"PLACE": "PL"}.get(name, name) for name in EPISODES[1:]]
        rows = (
            block("EPISODE", *(value(n, v or None) for n, v in zip(names, row, strict=True))) for row in _care(person)
        )
        children.append(block("CHILD", own, *rows))
    return ("<?xml version='1.0' encoding='utf-8'?>\n<EXPSSDA903>\n" + "".join(children) + "</EXPSSDA903>\n").encode()


def _care(person: Person) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    before = None
    for start, end, legal, reason in sorted(person.history.care, key=lambda row: str(row[0])):
        why = "L" if before == start else "S"
        rows.append(
            (
                _british(start),
                why,
                str(legal or ""),
                "N1",
                "U6",
                "PR1",
                _british(end),
                str(reason or ""),
                "",
                "",
                "",
                "",
            )
        )
        before = end if reason == "X1" else None
    return rows


def _sex(person: Person, year: int) -> str:
    return person.sex if year >= 2025 else {"M": "1", "F": "2", "U": "0"}[person.sex]


def _british(day: object) -> str:
    return f"{day:%d/%m/%Y}" if isinstance(day, date) else ""


def _csv(names: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(names)
    writer.writerows(rows)
    return text.getvalue().encode()
