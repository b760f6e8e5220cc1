"""What may be kept of an authority's workbook while it is being mended: trial numbers, dates and codes, and no other text.

A cell that holds anything else leaves only what a message may say of it ("text of 20 letters") and a mark, by which a
local spelling can be mapped to a code without its text being known.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from attunement.records.cells import Withheld, date_of, describe, text_of
from attunement.records.codes import words
from attunement.records.dates import read_date
from attunement.records.opening import MOST_ROWS
from attunement.records.reading import plain_code
from attunement.records.sheets import EXTRACT_LABEL, READ_ME, SHEETS, Column, Sheet

Kept = dict[str, Any]
Grids = Mapping[str, Sequence[Sequence[Any]]]
ROW_LABEL = "Row in your workbook"
LEAVE_LABEL = "Leave this row out"
EXPECTED_LABEL = "What is expected"
OWN_LABELS = (ROW_LABEL, LEAVE_LABEL, EXPECTED_LABEL)


def keep(grids: Grids, known: Collection[str], mark: Callable[[str], str]) -> Kept:
    """`grids` (rows by sheet name in small letters, headings first) as JSON without any free text.

    `known` are the trial numbers asked about; `mark` makes a keyed digest of a wording. A sheet that is not there is
    not kept; so are columns of other names: `strange_columns` counts them.
    """
    kept: Kept = {"extract": _extract(grids.get(READ_ME.lower(), ())), "sheets": {}, "missing": {}}
    for sheet in SHEETS:
        grid = grids.get(sheet.table)
        if grid:
            kept["sheets"][sheet.table], kept["missing"][sheet.table] = _sheet(sheet, grid, known, mark)
    return kept


def strange_columns(grids: Grids) -> list[str]:
    """Where columns stand that are not ours: the sheet's name and the place, never the heading."""
    found = []
    for sheet in SHEETS:
        own = {label.lower() for label in (*(column.label for column in sheet.columns), *OWN_LABELS)}
        grid = grids.get(sheet.table) or [[]]
        width = max(map(len, grid))
        for place in range(width):
            label = text_of(grid[0][place]).lower() if place < len(grid[0]) else ""
            filled = any(text_of(row[place]) for row in grid[1:] if place < len(row))
            if label not in own and (label or filled):
                found.append(f"sheet {sheet.name}, column {place + 1}")
    return found


def restored(kept: Kept) -> dict[str, list[list[Any]]]:
    """The grids again, as `reading.read_sheets` takes them; each row at the number that it had."""
    grids: dict[str, list[list[Any]]] = {}
    if kept["extract"] is not None:
        grids[READ_ME.lower()] = [[EXTRACT_LABEL, _cell(kept["extract"])]]
    for sheet in SHEETS:
        if sheet.table not in kept["sheets"]:
            continue
        columns = [c for c in _asked(sheet) if c.name not in kept["missing"][sheet.table]]
        rows: list[list[Any]] = [[column.label for column in columns]]
        for number, values in sorted(kept["sheets"][sheet.table].items(), key=lambda item: int(item[0])):
            rows += [[] for _blank in range(int(number) - 1 - len(rows))]
            rows.append([_cell(values.get(column.name)) for column in columns])
        grids[sheet.table] = rows
    return grids


def is_correction(grids: Grids) -> bool:
    """Whether these are corrected rows: their sheets say which row of the workbook each stands for."""
    return any(ROW_LABEL.lower() in [text_of(cell).lower() for cell in grid[0]] for grid in grids.values() if grid)


def merged(kept: Kept, grids: Grids, known: Collection[str], mark: Callable[[str], str]) -> Kept:
    """`kept` with corrected rows in place of those whose number they carry; rows without a number are added.

    A row marked to be left out goes. A cell that still shows what could not be kept stays at fault: it is never blank.
    """
    new = keep(grids, known, mark)
    sheets = {table: dict(rows) for table, rows in kept["sheets"].items()}
    for sheet in SHEETS:
        grid = grids.get(sheet.table)
        if not grid or sheet.table not in sheets:
            continue
        labels = [text_of(cell).lower() for cell in grid[0]]
        for line, values in new["sheets"].get(sheet.table, {}).items():
            cells = dict(zip(labels, grid[int(line) - 1], strict=False))
            number = text_of(cells.get(ROW_LABEL.lower()))
            if not (number.isascii() and number.isdigit() and 1 < int(number[:9]) <= MOST_ROWS):
                number = str(max([1, *map(int, sheets[sheet.table])]) + 1)
            if text_of(cells.get(LEAVE_LABEL.lower())).lower() in ("yes", "y", "x"):
                sheets[sheet.table].pop(number, None)
            else:
                sheets[sheet.table][number] = _corrected(sheet, sheets[sheet.table].get(number, {}), values, cells)
    return {"extract": new["extract"] or kept["extract"], "sheets": sheets, "missing": kept["missing"]}


def placeholder(cell: Any) -> Any:
    """A kept cell as corrected rows show it: what could not be kept stands in brackets."""
    return f"[{cell['there']}]" if isinstance(cell, dict) else cell


def _corrected(sheet: Sheet, old: dict[str, Any], new: dict[str, Any], cells: Mapping[str, Any]) -> dict[str, Any]:
    row = {}
    for column in _asked(sheet):
        before, label = old.get(column.name), column.label.lower()
        untouched = isinstance(before, dict) and text_of(cells.get(label)) == placeholder(before)
        value = before if untouched or label not in cells else new.get(column.name)
        if value is not None:
            row[column.name] = value
    return row


def only(kept: Kept, agreed: Collection[str]) -> Kept:
    """Without the rows of trial numbers outside `agreed`; rows whose number could not be read stay, to be mended."""
    sheets = {
        table: {n: row for n, row in rows.items()
                if not isinstance(row.get("trial_number"), str) or row["trial_number"] in agreed}
        for table, rows in kept["sheets"].items()
    }  # fmt: skip
    return {**kept, "sheets": sheets}


def unmapped(kept: Kept) -> dict[tuple[str, str, str], list[int]]:
    """Wordings in code columns that stand for no code: (sheet, column, mark) -> the rows where they stand."""
    found: dict[tuple[str, str, str], list[int]] = {}
    for sheet in SHEETS:
        for number, values in kept["sheets"].get(sheet.table, {}).items():
            for column in sheet.columns:
                cell = values.get(column.name)
                if column.kind == "code" and isinstance(cell, dict) and cell.get("mark"):
                    found.setdefault((sheet.table, column.name, cell["mark"]), []).append(int(number))
    return found


def _asked(sheet: Sheet) -> list[Column]:
    return [column for column in sheet.columns if column.kind != "given"]


def _sheet(
    sheet: Sheet, grid: Sequence[Sequence[Any]], known: Collection[str], mark: Callable[[str], str]
) -> tuple[dict[str, dict[str, Any]], list[str]]:
    labels = [text_of(cell).lower() for cell in grid[0]]
    places = {c.name: labels.index(c.label.lower()) for c in _asked(sheet) if labels.count(c.label.lower()) == 1}
    rows = {}
    for number, cells in enumerate(grid[1:], start=2):
        values = {
            column.name: _kept(sheet, column, cells[places[column.name]], known, mark)
            for column in _asked(sheet)
            if column.name in places and places[column.name] < len(cells) and text_of(cells[places[column.name]])
        }
        if values:
            rows[str(number)] = values
    return rows, [column.name for column in _asked(sheet) if column.name not in places]


def _kept(sheet: Sheet, column: Column, value: Any, known: Collection[str], mark: Callable[[str], str]) -> Any:
    text = text_of(value)
    if isinstance(value, Withheld):
        return {"there": str(value)}
    if column.kind == "trial":
        return text if text in known else {"there": describe(value)}
    if column.kind == "date":
        return _kept_date(value)
    code = plain_code(column, text)
    if code is not None:
        return code
    return {"there": describe(value), "mark": mark(f"{sheet.table}.{column.name}:{words(text) or text}")}


def _kept_date(value: Any) -> Any:
    """A real day as such; text of a date's shape as it stands, for it may be two days; nothing else."""
    if isinstance(value, datetime | date):
        return f"{value:%Y-%m-%d}"
    text = describe(value)
    if text == text_of(value) and read_date(text, usual="dmy", day_first=False) != "no date":
        return text
    day = date_of(value)
    return f"{day:%Y-%m-%d}" if day else {"there": text}


def _extract(grid: Sequence[Sequence[Any]]) -> Any:
    for row in grid:
        if row and text_of(row[0]) == EXTRACT_LABEL and len(row) > 1 and text_of(row[1]):
            return _kept_date(row[1])
    return None


def _cell(kept: Any) -> Any:
    if not isinstance(kept, dict):
        return kept
    cell = Withheld(kept["there"])
    cell.mark = kept.get("mark", "")
    return cell
