"""Writing the workbook that a local authority's analyst fills in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO

from openpyxl import Workbook  # type: ignore[import-untyped]
from openpyxl.styles import Alignment, Font, PatternFill  # type: ignore[import-untyped]
from openpyxl.utils import get_column_letter  # type: ignore[import-untyped]
from openpyxl.worksheet.datavalidation import DataValidation  # type: ignore[import-untyped]
from openpyxl.worksheet.worksheet import Worksheet  # type: ignore[import-untyped]

from attunement.records.cells import EARLIEST, safe_cell
from attunement.records.errors import RecordsError
from attunement.records.sheets import CHILDREN, CODES, EXTRACT_LABEL, READ_ME, SHEETS, Column, Sheet

DATE_FORMAT = "DD/MM/YYYY"
_SPARE_ROWS = 2_000
_HEAD = PatternFill("solid", fgColor="DDE6EE")
_FILL_IN = PatternFill("solid", fgColor="FFF6D6")


@dataclass(frozen=True, slots=True)
class Row:
    """One child to ask about: the records from `allocated_on` to `window_end` decide its outcomes."""

    trial_number: str
    allocated_on: date
    window_end: date


def template(target: BinaryIO, *, site: str, study: str, children: Sequence[Row]) -> None:
    """Write the workbook for one site to `target`, with a line for each child and every list of codes.

    RecordsError when a trial number is empty or stands there twice.
    """
    distinct(children)
    book = Workbook()
    book.remove(book.active)
    _read_me(book.create_sheet(READ_ME), site, study, len(children))
    lists = _codes(book, book.create_sheet(CODES))
    for sheet in SHEETS:
        page = book.create_sheet(sheet.name)
        _head(page, sheet)
        last = len(children) + 1 if sheet is CHILDREN else _SPARE_ROWS
        for index, column in enumerate(sheet.columns, start=1):
            _validate(page, column, get_column_letter(index), last, lists, len(children))
    page = book[CHILDREN.name]
    for number, row in enumerate(children, start=2):
        for place, value in enumerate((row.trial_number, row.allocated_on, row.window_end), start=1):
            cell = page.cell(number, place, safe_cell(value))
            if place > 1:
                cell.number_format = DATE_FORMAT
    # Codes are for looking up: they stand last.
    book.move_sheet(CODES, len(SHEETS))
    book.save(target)


def distinct(children: Sequence[Row]) -> None:
    """RecordsError unless every child has a trial number of its own."""
    numbers = [row.trial_number for row in children]
    if len(set(numbers)) < len(numbers) or not all(n.strip() == n != "" for n in numbers):
        raise RecordsError("Each child of the workbook needs a trial number of its own.")


def _read_me(page: Worksheet, site: str, study: str, children: int) -> None:
    lines: list[tuple[str, ...]] = [
        (f"Records for {study}",),
        (f"Authority: {site}",),
        (),
        (EXTRACT_LABEL, ""),
        ("Fill in the day on which you took the extract, in the yellow cell, as a date such as 14/02/2022.",),
        (),
        (f"1. Sheet {CHILDREN.name}: {children} children. Answer for each of them what the records show.",),
        ("2. The other sheets: one row for each thing that happened. Leave a sheet empty if there is nothing.",),
        ("3. An end date that is blank means: it goes on.",),
        ("4. Please write no names, addresses, postcodes or numbers of your own system anywhere.",),
        ("5. Save as an ordinary Excel workbook (.xlsx), without a password and without macros.",),
        (),
        *((f"{sheet.name}: {sheet.what}",) for sheet in SHEETS),
    ]
    for line in lines:
        page.append([safe_cell(text) for text in line])
    page["A1"].font = Font(bold=True, size=14)
    page["A4"].font = Font(bold=True)
    page["B4"].fill, page["B4"].number_format = _FILL_IN, DATE_FORMAT
    page.column_dimensions["A"].width, page.column_dimensions["B"].width = 90, 16
    page.add_data_validation(_date_rule("B4"))


def _codes(book: Workbook, page: Worksheet) -> dict[str, str]:
    """All lists of codes, one block below the other; returns for each column's label the cells that hold its list."""
    page.append(["List", "Code", "Meaning"])
    _bold(page, 3)
    places: dict[str, str] = {}
    for column in _coded(SHEETS):
        start = page.max_row + 1
        for code, meaning in column.codes.items():
            page.append([safe_cell(column.label), safe_cell(code), safe_cell(meaning)])
        places[column.label] = f"'{CODES}'!$B${start}:$B${page.max_row}"
    for letter, width in zip("ABC", (34, 16, 70), strict=True):
        page.column_dimensions[letter].width = width
    return places


def _coded(sheets: Iterable[Sheet]) -> list[Column]:
    return [column for sheet in sheets for column in sheet.columns if column.codes]


def _head(page: Worksheet, sheet: Sheet) -> None:
    page.append([safe_cell(column.label) for column in sheet.columns])
    _bold(page, len(sheet.columns))
    for index, column in enumerate(sheet.columns, start=1):
        page.column_dimensions[get_column_letter(index)].width = max(14, len(column.label) + 4)


def _bold(page: Worksheet, columns: int) -> None:
    page.freeze_panes = "A2"
    for index in range(1, columns + 1):
        cell = page.cell(1, index)
        cell.font, cell.fill, cell.alignment = Font(bold=True), _HEAD, Alignment(wrap_text=True, vertical="top")


def _validate(page: Worksheet, column: Column, letter: str, last: int, lists: dict[str, str], children: int) -> None:
    if last < 2 or column.kind == "given":
        return
    place = f"{letter}2:{letter}{last}"
    if column.kind == "date":
        page.add_data_validation(_date_rule(place))
        return
    if column.kind == "trial":
        if page.title == CHILDREN.name or not children:
            return
        source = f"'{CHILDREN.name}'!$A$2:$A${children + 1}"
    else:
        source = lists[column.label]
    rule = DataValidation("list", formula1=f"={source}", allow_blank=True, showErrorMessage=True)
    rule.errorTitle, rule.error = column.label, "Please choose from the list."
    rule.add(place)
    page.add_data_validation(rule)


def _date_rule(place: str) -> DataValidation:
    first = f"DATE({EARLIEST.year},{EARLIEST.month},{EARLIEST.day})"
    rule = DataValidation(
        "date", operator="greaterThanOrEqual", formula1=first, allow_blank=True, showErrorMessage=True
    )
    rule.errorTitle, rule.error = "Date", "Please give a date such as 14/02/2022, or leave the cell blank."
    rule.add(place)
    return rule
