"""Sheets and CSV files as they stand: find the headings under a title, match them to fields, give raw columns."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
import polars as pl

from attunement.records.cells import text_of
from attunement.records.codes import words
from attunement.records.errors import RecordsError
from attunement.records.layout import MISSED, Field
from attunement.records.typed import Fault, Raw

LARGEST = 200 * 1024 * 1024
Unknown = Literal["drop", "refuse"]
TITLE_ROWS = 30
_BRACKETS = re.compile(r"[(\[][^)\]]*[)\]]+")
_DELIMITERS = ",;\t|"
_TOTALS = ("total", "totals", "grand total", "sum", "count")
_DAY_ZERO = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows of cells, and for each row its line in the file or sheet."""

    file: str
    sheet: str | None
    rows: Sequence[Sequence[Any]]
    lines: Sequence[int]


def read_csv(path: Path) -> tuple[Grid, str]:
    """The rows of a CSV file and the encoding it had. RecordsError, with the line, where it is none."""
    if path.stat().st_size > LARGEST:
        raise RecordsError(f"{path.name}: the file is larger than {LARGEST >> 20} MB; expected one return.")
    return csv_grid(path.name, path.read_bytes())


def csv_grid(name: str, content: bytes) -> tuple[Grid, str]:
    """The same for a file that is in memory already."""
    if not content:
        raise RecordsError(f"{name}: the file is empty; expected headings in its first row.")
    text, encoding = _decoded(name, content)
    rows, lines = [], []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=False)
    started = 1
    try:
        for row in reader:
            rows.append(row)
            lines.append(started)
            started = reader.line_num + 1
    except csv.Error:
        line = reader.line_num + 1
        raise RecordsError(f"{name}: line {line}: no CSV; expected a quotation mark to be closed.") from None
    return Grid(name, None, rows, lines), encoding


def _decoded(name: str, content: bytes) -> tuple[str, str]:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return content.decode("utf-16"), "utf-16"
        except UnicodeDecodeError:
            raise RecordsError(f"{name}: line 1: bytes that are no text; please save it as CSV in UTF-8.") from None
    if (at := content.find(b"\0")) >= 0:
        line = content.count(b"\n", 0, at) + 1
        raise RecordsError(f"{name}: line {line}: a byte that no text file holds; expected CSV, XML or .xlsx.")
    try:
        return content.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace"), "cp1252"


def _delimiter(text: str) -> str:
    start = "\n".join(text[:20_000].splitlines()[:TITLE_ROWS])
    return max(_DELIMITERS, key=start.count)


def heading(cell: Any) -> str:
    """A heading as it is compared: without case, punctuation or what stands in brackets."""
    return words(_BRACKETS.sub(" ", text_of(cell)).replace("_", " "))


def find_headings(grid: Grid, needs: set[str]) -> int | None:
    """The index of the first row, under title rows, that holds all of `needs` (as `heading` writes them)."""
    for index, row in enumerate(grid.rows[:TITLE_ROWS]):
        if needs <= {heading(cell) for cell in row}:
            return index
    return None


def raw_table(
    grid: Grid,
    at: int,
    table: str,
    fields: Sequence[Field],
    left: set[str],
    unknown: Unknown,
) -> tuple[Raw, list[Fault]]:
    """The rows under the headings in row `at`. Faults: columns that are unknown, double or missing, cells beside them.

    RecordsError where `unknown` is "refuse" and a column is unknown, or where there is no column of ids.
    """
    named = headings_of(tuple(fields))
    places: dict[str, int] = {}
    lines, cells, faults = _under(grid, at)
    faults = [replace(fault, table=table) for fault in faults]
    names = [*grid.rows[at], *[""] * (len(cells) - len(grid.rows[at]))]
    for place, name in enumerate(names):
        known = named.get(heading(name))
        if known is not None and known.name not in places:
            places[known.name] = place
        elif place >= len(grid.rows[at]):
            beside = [row for row, cell in enumerate(cells[place]) if text_of(cell)]
            faults += [Fault("too_many_cells", table, row, None, "a cell beside the last heading") for row in beside]
        elif known is not None or (heading(name) not in left and (text_of(name) or _filled(cells[place]))):
            what = "a heading that stands there twice" if known else _what(name)
            if unknown == "refuse":
                raise RecordsError(
                    f"{_at(grid)}row {grid.lines[at]}, column {letters(place)}: {what}; expected only the "
                    "headings of the return."
                )
            faults.append(Fault("unknown_column", table, None, None, f"{what} in column {letters(place)}", ""))
    for one in fields:
        if one.name not in places:
            if one.required and one.kind == "id":
                raise RecordsError(
                    f"{_at(grid)}row {grid.lines[at]}: no heading {one.source}; expected it beside the others."
                )
            if one.required or one.name in MISSED:
                missed = f"the heading {one.source}"
                faults.append(Fault("missing_column", table, None, one.name, "no such heading", missed))
    made = [pl.Series("source_line", lines, pl.Int64)]
    made += [column(cells[place], name) for name, place in places.items()]
    headings = {name: text_of(names[place]) for name, place in places.items()}
    by_letter = {letters(place): name for name, place in places.items()}
    return Raw(table, pl.DataFrame(made), tuple(fields), grid.sheet, headings, grid.lines[at], by_letter), faults


def _under(grid: Grid, at: int) -> tuple[Sequence[int], Sequence[Sequence[Any]], list[Fault]]:
    """The lines of the rows below row `at` that are not blank, and their cells, a column each. Faults: rows of totals, and
    headings that stand there again, which are left out."""
    lines, rows = grid.lines[at + 1 :], grid.rows[at + 1 :]
    widths = {*map(len, rows), len(grid.rows[at])}
    width = max(widths)
    if len(widths) > 1:
        rows = [[*row, *[""] * (width - len(row))] for row in rows]
    cells = [*zip(*rows, strict=True)]
    faults = []
    # Mostly the first column alone shows that every row is of a child.
    first = cells[0] if cells else ()
    if {*map(type, first)} - {str} or not all(first) or any(map(str.isspace, first)) or {*first} & _odd(grid.rows[at]):
        causes = [_aside(row, grid.rows[at]) for row in rows]
        faults = [Fault(cause, None, None, None, "a row that is no child's", line=line)
                  for cause, line in zip(causes, lines, strict=True) if cause]  # fmt: skip
        kept = [n for n, row in enumerate(rows) if not causes[n] and any(row) and not _blank(row)]
        lines, cells = [lines[n] for n in kept], [*zip(*(rows[n] for n in kept), strict=True)]
    return lines, cells or [()] * width, faults


def _odd(headings: Sequence[Any]) -> set[str]:
    return {*_TOTALS, *map(str.title, _TOTALS), *map(str.capitalize, _TOTALS), *map(str.upper, _TOTALS), str(headings[0])}


def _aside(row: Sequence[Any], headings: Sequence[Any]) -> str | None:
    """Why a row is no record: it is one of totals, or the headings again."""
    if text_of(row[0]).lower() in _TOTALS:
        return "total_row"
    same = (own in (name, "", None) for own, name in zip(row, headings, strict=False))
    if row[0] and row[0] == headings[0] and all(same):
        return "headings_again"
    return None


def _blank(row: Sequence[Any]) -> bool:
    return all(isinstance(cell, str) and not cell.strip() for cell in row if cell)


def _at(grid: Grid) -> str:
    return f"{grid.file}: " + (f"sheet {grid.sheet}, " if grid.sheet else "")


def _what(name: Any) -> str:
    return (
        f"a heading of {len(text_of(name))} characters that no list has" if text_of(name) else "cells without a heading"
    )


def _filled(cells: Sequence[Any]) -> bool:
    return any(text_of(cell) for cell in cells)


def column(cells: Sequence[Any], name: str) -> pl.Series:
    """Cells of one column: dates, numbers or text where they are all alike, else text. Blank is null."""
    if not any(cells) and {*cells} <= {"", None}:
        return pl.Series(name, [None], pl.String).new_from_index(0, len(cells))
    if cells and cells[0] and type(cells[0]) is str:
        # Most columns are text throughout, and this is how to hear of it soonest.
        try:
            text = pl.Series(name, cells, pl.String)
        except TypeError:
            text = None
        if text is not None and not text.null_count():
            return text
    kinds = set(map(type, cells))
    if kinds == {date}:
        return _days(name, cells)
    if str in kinds and len(kinds) > 1:
        blank = {cell for cell in cells if type(cell) is str and not cell.strip()}
        cells = [None if type(cell) is str and cell in blank else cell for cell in cells]
        kinds = set(map(type, cells))
    kinds -= {type(None)}
    if kinds == {date}:
        held = [place for place, cell in enumerate(cells) if cell is not None]
        days = _days(name, [cells[place] for place in held])
        return pl.Series(name, [None], pl.Date).new_from_index(0, len(cells)).scatter(held, days)
    if kinds <= {float, int} and kinds:
        return pl.Series(name, cells, pl.Float64, strict=False)
    if kinds <= {str}:
        return pl.Series(name, cells, pl.String)
    return pl.Series(name, [_text(cell) for cell in cells], pl.String)


def _days(name: str, cells: Sequence[date]) -> pl.Series:
    days = np.fromiter(map(date.toordinal, cells), np.int32, len(cells))
    return pl.Series(name, days - _DAY_ZERO).cast(pl.Date)


def _text(cell: Any) -> str | None:
    if isinstance(cell, datetime | date):
        return f"{cell:%Y-%m-%d}" if cell.year >= 1000 else "0"
    if isinstance(cell, timedelta):
        return "a time"
    return None if cell is None else text_of(cell)


def letters(place: int) -> str:
    """The name of a column, counted from 0: A, B, … Z, AA."""
    name = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        name = chr(65 + rest) + name
    return name


@cache
def headings_of(fields: tuple[Field, ...]) -> Mapping[str, Field]:
    """Every heading that stands for one of the fields of a layout, as `heading` writes it."""
    return MappingProxyType({heading(name): one for one in fields for name in (one.source, *one.also)})


def matching(grid: Grid, candidates: Mapping[str, set[str]]) -> tuple[str, int] | None:
    """The first of `candidates` (name -> headings it needs) that the grid has, with the row of its headings."""
    for name, needs in candidates.items():
        at = find_headings(grid, needs)
        if at is not None:
            return name, at
    return None
