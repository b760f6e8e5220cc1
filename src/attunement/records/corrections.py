"""The rows of a return that need a person, as a workbook of their own: each with its place and what is expected."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, BinaryIO

from openpyxl import Workbook  # type: ignore[import-untyped]
from openpyxl.styles import Alignment, Font  # type: ignore[import-untyped]
from openpyxl.utils import get_column_letter  # type: ignore[import-untyped]

from attunement.records.cells import safe_cell
from attunement.records.findings import Finding
from attunement.records.kept import EXPECTED_LABEL, LEAVE_LABEL, ROW_LABEL, Kept, placeholder
from attunement.records.sheets import EXTRACT_LABEL, READ_ME, SHEETS, Sheet
from attunement.records.template import DATE_FORMAT

_HELP = (
    "Mend the cells named in the last column, and send this file on the same page: its rows take the place of yours.",
    f'Write "yes" under "{LEAVE_LABEL}" for a row that should not be there.',
    "Words in brackets stand for text that we did not keep. Your own file shows what is there.",
    "Please write no names, addresses, postcodes or numbers of your own system anywhere.",
)


def corrections(target: BinaryIO, kept: Kept, findings: Sequence[Finding]) -> int:
    """Write the rows of `kept` that have a finding to `target`, an empty row for a child that has none; return how many."""
    book = Workbook()
    book.remove(book.active)
    first = book.create_sheet(READ_ME)
    first.append([EXTRACT_LABEL, _shown(kept["extract"])])
    first["B1"].number_format = DATE_FORMAT
    for line in _HELP:
        first.append([line])
    first.column_dimensions["A"].width, first.column_dimensions["B"].width = 100, 16
    written = 0
    for sheet in SHEETS:
        rows = _faulty(sheet, kept, findings)
        if rows:
            _page(book.create_sheet(sheet.name), sheet, rows)
            written += len(rows)
    book.save(target)
    return written


def _faulty(sheet: Sheet, kept: Kept, findings: Sequence[Finding]) -> list[list[Any]]:
    """Row number, our cells, leave out, expected; in the order of the rows, missing children last."""
    said: dict[tuple[int | None, str | None], list[str]] = {}
    for one in findings:
        if one.sheet == sheet.name and (one.row != 1 and (one.row or one.trial_number)):
            whose = None if one.row else one.trial_number
            said.setdefault((one.row, whose), []).append(f"{one.column or 'Row'}: {one.expected}")
    rows = []
    for (number, whose), expected in sorted(said.items(), key=lambda item: (item[0][0] or 1 << 30, str(item[0][1]))):
        own = kept["sheets"].get(sheet.table, {}).get(str(number), {"trial_number": whose})
        cells = [_shown(own.get(column.name)) for column in sheet.columns if column.kind != "given"]
        rows.append([number, *cells, None, "; ".join(dict.fromkeys(expected))])
    return rows


def _page(page: Any, sheet: Sheet, rows: Sequence[Sequence[Any]]) -> None:
    page.append([ROW_LABEL, *(c.label for c in sheet.columns if c.kind != "given"), LEAVE_LABEL, EXPECTED_LABEL])
    for place, cell in enumerate(page[1], start=1):
        cell.font, cell.alignment = Font(bold=True), Alignment(wrap_text=True, vertical="top")
        page.column_dimensions[get_column_letter(place)].width = 18
    page.column_dimensions[get_column_letter(page.max_column)].width = 80
    page.freeze_panes = "B2"
    for row in rows:
        page.append([safe_cell(cell) for cell in row])
        for cell in page[page.max_row]:
            if isinstance(cell.value, date):
                cell.number_format = DATE_FORMAT


def _shown(kept: Any) -> Any:
    """A day as a real date, so that a spreadsheet shows it as one."""
    cell = placeholder(kept)
    try:
        return date.fromisoformat(cell) if isinstance(cell, str) and len(cell) == 10 else cell
    except ValueError:
        return cell
