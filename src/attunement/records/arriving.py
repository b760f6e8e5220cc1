"""Files that reach the analyst's page, in memory: our workbook, its CSV set or its corrected rows, and nothing else.

A statutory return, or the authority's own sheet of child ids, is refused by its shape, before anything is kept of it.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

from attunement.records import annex_a, ssda903
from attunement.records.cells import Withheld, text_of
from attunement.records.errors import RecordsError
from attunement.records.excel import sheets as excel_sheets
from attunement.records.grids import Grid, csv_grid, find_headings
from attunement.records.opening import Unread, inspect
from attunement.records.ours import laid_out
from attunement.records.sheets import CHILDREN, CODES, READ_ME, SHEETS
from attunement.records.zipped import unzipped

DIGEST = re.compile(
    r"(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{56}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128})", re.IGNORECASE
)
OFFLINE = (
    'It must stay inside the authority, and nothing of it was kept. Run "attunement records cohort" on it there, offline, '
    "and send the workbook which that makes."
)
HASHED = (
    "A trial number has been replaced by a hash. Please write the trial numbers that we gave: a hashed child id protects "
    "nobody, for all ids of 8 digits can be tried within a minute."
)
_OURS = "expected our workbook (.xlsx), or the CSV files of our set"
_NAMES = {sheet.table for sheet in SHEETS} | {READ_ME.lower(), CODES.lower()}
_PLACE = re.compile(r"([A-Z]{1,3})([0-9]+)")
Grids = dict[str, list[list[Any]]]


def open_files(files: Sequence[tuple[str, bytes]]) -> Grids:
    """Rows by sheet name in small letters. `files`: (name, content) of one workbook, of the CSV files of a set, or of one
    zip that holds them.

    RecordsError, one sentence that repeats neither a file's name nor anything in it, for every other file.
    """
    if not files:
        raise RecordsError(f"No file was sent; {_OURS}.")
    if len(files) == 1 and files[0][1].startswith(b"PK") and (inside := unzipped(files[0][1])) is not None:
        files = inside
    grids: Grids = {}
    for name, content in files:
        if _is_xml(content):
            raise RecordsError(f"This is an XML file, as statutory returns are. {OFFLINE}")
        if content.startswith((b"PK", b"\xd0\xcf")) or not content or name.lower().endswith(".xlsx"):
            if len(files) > 1:
                raise RecordsError("Please send one workbook, or the CSV files of our set, not both.")
            grids = _workbook(content)
        else:
            grids |= _csv(name, content)
    if CHILDREN.table not in grids and not any(sheet.table in grids for sheet in SHEETS):
        raise RecordsError(f"None of the sheets is ours; {_OURS}.")
    _no_hashes(grids)
    return grids


def _is_xml(content: bytes) -> bool:
    start = content[:400].removeprefix(b"\xef\xbb\xbf").replace(b"\xff\xfe", b"").replace(b"\xfe\xff", b"")
    return start.replace(b"\0", b"").lstrip().startswith(b"<")


def _workbook(content: bytes) -> Grids:
    source = io.BytesIO(content)
    unread = inspect(source)
    found = excel_sheets(source, "The workbook")
    names = {str(grid.sheet).strip().lower() for grid in found}
    if not names & {sheet.table for sheet in SHEETS}:
        for grid in found:
            _not_statutory(grid)
        if annex_a.is_annex_a(found):
            raise RecordsError(f"This is an Annex A workbook. {OFFLINE}")
        raise RecordsError(f"None of the sheets is ours; {_OURS}.")
    grids = {name: [list(row) for row in grid.rows] for grid in found
             if (name := str(grid.sheet).strip().lower()) in _NAMES}  # fmt: skip
    for cell in unread:
        _withhold(grids, cell)
    return grids


def _withhold(grids: Grids, cell: Unread) -> None:
    """A cell that a parser shows as blank holds what a person must mend: it is not taken for blank."""
    place, rows = _PLACE.fullmatch(cell.place), grids.get(cell.sheet.strip().lower())
    if place is None or rows is None:
        return
    column = 0
    for letter in place[1]:
        column = column * 26 + ord(letter) - 64
    row = int(place[2]) - 1
    if row < len(rows):
        rows[row] += [""] * (column - len(rows[row]))
        rows[row][column - 1] = Withheld(cell.what)


def _csv(name: str, content: bytes) -> Grids:
    try:
        grid, _encoding = csv_grid("A file", content)
    except RecordsError as error:
        raise RecordsError(str(error)) from None
    _not_statutory(grid)
    table = PurePath(name.replace("\\", "/")).stem.lower().replace("_", " ").strip()
    if table not in _NAMES:
        raise RecordsError("One of the files has a name that our set does not have; "
                           f"expected {', '.join(sheet.table + '.csv' for sheet in SHEETS)} and read_me.csv.")
    return {table: [list(row) for row in laid_out(grid)]}


def _not_statutory(grid: Grid) -> None:
    if find_headings(grid, {"trial number", "child id"}) is not None:
        raise RecordsError("This is your own sheet of trial numbers and child ids. It must stay inside the authority; "
                           "nothing of it was kept.")
    if ssda903.recognise(grid) is not None:
        raise RecordsError(f"This is a file of the SSDA903 return. {OFFLINE}")


def _no_hashes(grids: Grids) -> None:
    for sheet in SHEETS:
        for row in grids.get(sheet.table, [])[1:]:
            if any(DIGEST.fullmatch(text_of(cell)) for cell in row[:3]):
                raise RecordsError(HASHED)
