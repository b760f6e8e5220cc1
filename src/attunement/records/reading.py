"""Reading a filled workbook: either all of it is usable, or every fault is said and nothing is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, BinaryIO

import polars as pl
from python_calamine import CalamineWorkbook

from attunement.records.cells import date_of, describe, text_of
from attunement.records.checking import Line, check_all
from attunement.records.errors import RecordsError
from attunement.records.findings import Finding, expected_of
from attunement.records.grids import letters
from attunement.records.opening import inspect
from attunement.records.sheets import EXTRACT_LABEL, READ_ME, SHEETS, Column, Sheet

_DAMAGED = "The workbook cannot be read; please open it in Excel, save it anew as .xlsx and send it again."
_LABELLED = re.compile(r"\s*[:–]\s*|\s+-\s+")
_A_DATE = "a date such as 14/02/2022"


@dataclass(frozen=True, slots=True)
class Return:
    """A filled workbook. `tables`: sheet name in small letters -> typed frame with `source_line`; empty unless `ok`.
    `rows` are the same with whatever faults: what could not be read is null."""

    extract_on: date | None
    tables: Mapping[str, pl.DataFrame]
    findings: tuple[Finding, ...]
    rows: Mapping[str, pl.DataFrame] = field(default_factory=dict, repr=False)

    @property
    def ok(self) -> bool:
        """Whether it may be imported: no finding is an error."""
        return not any(finding.level == "error" for finding in self.findings)


@dataclass(slots=True)
class _Reading:
    known: Mapping[str, date]
    findings: list[Finding] = field(default_factory=list)
    rows: dict[str, list[Line]] = field(default_factory=dict)

    def error(self, sheet: str, row: int | None, column: str | None, whose: str | None, there: str, want: str) -> None:
        self.findings.append(Finding("error", sheet, row, column, whose, there, want))


def read(source: BinaryIO, *, known: Mapping[str, date], today: date | None = None) -> Return:
    """Read the filled workbook in `source`, an open seekable binary file.

    `known` maps each trial number that was asked about to its day of allocation; `today` bounds the day of the extract.
    RecordsError, one sentence, when the file cannot be read at all; every other fault is a `Finding`.
    """
    unread = inspect(source)
    reading = _Reading(known)
    try:
        grids = _grids(source)
    except RecordsError:
        # The cells that cannot be read are the likely cause, and the ones to mend first.
        if not unread:
            raise
        grids = None
    for cell in unread:
        if cell.hidden or grids is None:
            reading.error(cell.sheet, None, cell.place, None, cell.what, "the value itself, pasted as a value")
    if grids is None:
        return Return(None, {}, tuple(reading.findings), _tables({}))
    return _returned(reading, grids, today)


def read_sheets(
    grids: Mapping[str, Sequence[Sequence[Any]]],
    *,
    known: Mapping[str, date],
    today: date | None = None,
) -> Return:
    """The same for sheets that are there already, by name in small letters: a set of CSV files."""
    return _returned(_Reading(known), grids, today)


def _returned(reading: _Reading, grids: Mapping[str, Sequence[Sequence[Any]]], today: date | None) -> Return:
    extract_on = _extract_on(reading, grids.get(READ_ME.lower()), today)
    for sheet in SHEETS:
        grid = grids.get(sheet.table)
        if grid is None:
            reading.error(sheet.name, None, None, None, "no such sheet", f'the sheet "{sheet.name}" of our workbook')
        else:
            reading.rows[sheet.table] = _rows(reading, sheet, grid)
    reading.findings += check_all(reading.rows, reading.known, extract_on)
    findings = tuple(reading.findings)
    usable = not any(finding.level == "error" for finding in findings)
    tables = _tables(reading.rows)
    return Return(extract_on, tables if usable else {}, findings, tables)


def _grids(source: BinaryIO) -> dict[str, list[list[Any]]]:
    try:
        book = CalamineWorkbook.from_filelike(source)
        return {
            name.strip().lower(): book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            for name in book.sheet_names
        }
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    # The parser's panics are no Exception.
    except BaseException:
        raise RecordsError(_DAMAGED) from None


def _extract_on(reading: _Reading, grid: Sequence[Sequence[Any]] | None, today: date | None) -> date | None:
    wanted = f"the day on which the extract was taken, in the cell beside it, {_A_DATE}"
    for number, row in enumerate(grid or [], start=1):
        if row and text_of(row[0]) == EXTRACT_LABEL:
            value = row[1] if len(row) > 1 else None
            day = date_of(value)
            if day is None or (today and day > today):
                later = ", which is still to come" if day else ""
                reading.error(READ_ME, number, EXTRACT_LABEL, None, describe(value) + later, wanted)
                return None
            return day
    there = "no such sheet" if grid is None else f'no row that begins with "{EXTRACT_LABEL}"'
    reading.error(READ_ME, None, None, None, there, wanted)
    return None


def _rows(reading: _Reading, sheet: Sheet, grid: Sequence[Sequence[Any]]) -> list[Line]:
    """The rows that hold anything, each value typed; a value at fault is a finding and missing."""
    labels = [text_of(cell).lower() for cell in grid[0]] if grid else []
    places: dict[str, int] = {}
    for column in sheet.columns:
        count = labels.count(column.label.lower())
        if count == 1:
            places[column.name] = labels.index(column.label.lower())
        elif column.kind != "given":
            there = f"{count} columns of that name"
            reading.error(sheet.name, 1, column.label, None, there, "the column as in our workbook, once")
    own = {column.label.lower() for column in sheet.columns}
    for place, label in enumerate(labels):
        if label and label not in own:
            there = f"a heading of {len(label)} characters that the sheet does not have"
            expected = expected_of("unknown_column")
            reading.findings.append(
                Finding("problem", sheet.name, 1, letters(place), None, there, expected, "unknown_column")
            )
    rows = []
    asked = [column for column in sheet.columns if column.kind != "given"]
    for number, cells in enumerate(grid[1:], start=2):
        if not any(text_of(cell) for cell in cells):
            continue
        given = {c.name: cells[places[c.name]] for c in asked if c.name in places and places[c.name] < len(cells)}
        whose = text_of(given.get("trial_number"))
        row = Line(sheet, number, whose if whose in reading.known else None)
        for column in asked:
            if column.name in given:
                row.values[column.name] = _value(reading, row, column, given[column.name])
        rows.append(row)
    return rows


def _value(reading: _Reading, row: Line, column: Column, value: object) -> object:
    text = text_of(value)
    if not text:
        if column.required:
            row.faulty.add(column.name)
            reading.error(row.sheet.name, row.number, column.label, row.trial_number, "nothing", _expected(column))
        return None
    found: object = None
    if column.kind == "trial":
        found = row.trial_number
    elif column.kind == "date":
        found = date_of(value)
    else:
        known = {code.lower(): code for code in column.codes}
        plain = text.lower().replace("_", " ")
        found = known.get(plain) or known.get(_LABELLED.split(plain, maxsplit=1)[0])
    if found is None:
        row.faulty.add(column.name)
        there = describe(value)
        reading.error(row.sheet.name, row.number, column.label, row.trial_number, there, _expected(column))
    return found


def _expected(column: Column) -> str:
    if column.kind == "trial":
        return 'a trial number from the sheet "Children" as we sent it'
    if column.kind == "date":
        return _A_DATE + ("" if column.required else ", or a blank cell")
    codes = list(column.codes)
    listed = ", ".join(codes) if len(codes) <= 6 else f'a code from the sheet "Codes", for example {codes[0]}'
    return listed if len(codes) > 6 else f"one of {listed}"


def _tables(rows: Mapping[str, list[Line]]) -> dict[str, pl.DataFrame]:
    tables = {}
    for sheet in SHEETS:
        asked = [column for column in sheet.columns if column.kind != "given"]
        schema: dict[str, Any] = {"source_line": pl.Int64}
        schema |= {column.name: pl.Date if column.kind == "date" else pl.String for column in asked}
        content = [{"source_line": row.number, **row.values} for row in rows.get(sheet.table, ())]
        tables[sheet.table] = pl.DataFrame(content, schema=schema)
    return tables
