"""What must hold between the cells of a row, between rows, and between the sheets and the list of children."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from attunement.records.cells import EARLIEST
from attunement.records.findings import Finding
from attunement.records.sheets import CARE, CHILDREN, REFERRALS, Sheet

_STOPS = {"died": {"RC2", "E2"}, "adopted": {"RC1", "E11", "E12"}, "transferred": {"RC5", "E3"}}


@dataclass(slots=True)
class Line:
    """A row as read: `values` by field, None where blank or at fault (`faulty`); `trial_number` if it is known."""

    sheet: Sheet
    number: int
    trial_number: str | None
    values: dict[str, object] = field(default_factory=dict)
    faulty: set[str] = field(default_factory=set)

    def day(self, name: str) -> date | None:
        value = self.values.get(name)
        return value if isinstance(value, date) else None

    def finding(self, name: str | None, there: str, expected: str, *, stops: bool = True) -> Finding:
        column = self.sheet.column(name) if name else None
        label = column.label if column else None
        return Finding(
            "error" if stops else "problem", self.sheet.name, self.number, label, self.trial_number, there, expected
        )


def check_all(rows: Mapping[str, list[Line]], known: Mapping[str, date], extract_on: date | None) -> Iterator[Finding]:
    """Findings of all sheets; `known` maps trial number to day of allocation."""
    for sheet_rows in rows.values():
        for row in sheet_rows:
            yield from _within(row, extract_on)
        yield from _repeated(sheet_rows)
    if CHILDREN.table in rows:
        yield from _children(rows, known)


def _within(row: Line, extract_on: date | None) -> Iterator[Finding]:
    for name in row.values:
        day = row.day(name)
        if day and extract_on and day > extract_on:
            later = f"{day:%d/%m/%Y}, after the extract was taken"
            yield row.finding(
                name, later, f"a date up to {extract_on:%d/%m/%Y}, or a blank cell if it has not happened"
            )
        elif day and day < EARLIEST:
            yield row.finding(name, f"{day:%d/%m/%Y}", f"a date from {EARLIEST:%d/%m/%Y}; please check the year")
    start, end = row.day("start"), row.day("end")
    if start and end and end < start:
        before = f"{end:%d/%m/%Y}, which is before the start on {start:%d/%m/%Y}"
        yield row.finding("end", before, "a date on or after the start, or a blank cell if it goes on")
    if row.values.get("end_code") and not end and "end" not in row.faulty:
        yield row.finding("end", "nothing, but a reason for the end", "the date of the end, or no reason if it goes on")
    if row.sheet is REFERRALS and end and not row.values.get("end_code") and "end_code" not in row.faulty:
        yield row.finding("end_code", "nothing", "the reason, if it is known: RC5 is a move, not an end", stops=False)


def _repeated(rows: list[Line]) -> Iterator[Finding]:
    first: dict[tuple[object, ...], int] = {}
    for row in rows:
        # A row at fault is told once; two rows that are wrong in different ways are not the same row.
        if row.faulty:
            continue
        key = (row.trial_number,) if row.sheet is CHILDREN else tuple(row.values.values())
        if key in first:
            yield row.finding(None, f"the same as in row {first[key]}", "each row once; please delete one of the two")
        first.setdefault(key, row.number)


def _children(rows: Mapping[str, list[Line]], known: Mapping[str, date]) -> Iterator[Finding]:
    listed = {row.trial_number: row for row in rows[CHILDREN.table]}
    for trial_number in known:
        if trial_number not in listed:
            expected = "a row for each child that we asked about"
            yield Finding("error", CHILDREN.name, None, None, trial_number, "no row for this child", expected)
    others = {name: sheet_rows for name, sheet_rows in rows.items() if name != CHILDREN.table}
    having = {row.trial_number for sheet_rows in others.values() for row in sheet_rows}
    for whose, row in listed.items():
        answer = row.values.get("answer")
        if whose is None or answer is None:
            continue
        if answer == "no record" and whose in having:
            yield row.finding("answer", '"no record", but rows on other sheets', "another answer, or no rows")
        if answer == "found" and whose not in having:
            meaning = "rows on the other sheets, unless nothing was open in the whole time"
            yield row.finding("answer", '"found", but no row on any other sheet', meaning, stops=False)
        if row.day("died_on") and answer != "died":
            yield row.finding("answer", f'"{answer}", but a date of death', '"died", or no date of death')
        if answer in _STOPS and not _dated(str(answer), row, others):
            meaning = "the day it happened (a closure or an end of care with its reason); without it nothing is counted"
            yield row.finding("answer", f'"{answer}" without its date', meaning, stops=False)


def _dated(answer: str, child: Line, others: Mapping[str, list[Line]]) -> bool:
    ends = [*others.get(REFERRALS.table, []), *others.get(CARE.table, [])]
    codes = {r.values.get("end_code") for r in ends if r.trial_number == child.trial_number and r.day("end")}
    return child.day("died_on") is not None or bool(codes & _STOPS[answer])
