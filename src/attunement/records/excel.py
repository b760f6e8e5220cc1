"""The sheets of a workbook, once nothing in it can harm."""

from __future__ import annotations

import io
from pathlib import Path
from typing import BinaryIO

from python_calamine import CalamineWorkbook

from attunement.records.errors import RecordsError
from attunement.records.grids import Grid
from attunement.records.opening import Unread, inspect

DAMAGED = "The workbook cannot be read; please open it in Excel, save it anew as .xlsx and send it again."


def read_excel(path: Path) -> tuple[list[Grid], tuple[Unread, ...]]:
    """The sheets of the workbook, and the cells that show as blank although something stands in them.

    RecordsError, with the file, for what is no workbook, has macros or a password, or unpacks to too much.
    """
    source = io.BytesIO(path.read_bytes())
    try:
        unread = inspect(source)
        return list(sheets(source, path.name)), unread
    except RecordsError as error:
        raise RecordsError(f"{path.name}: {error}") from None


def sheets(source: BinaryIO, name: str) -> list[Grid]:
    """All sheets with their rows. RecordsError when the parser gives up."""
    try:
        book = CalamineWorkbook.from_filelike(source)
        found = []
        for sheet in book.sheet_names:
            rows = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
            found.append(Grid(name, sheet, rows, range(1, len(rows) + 1)))
        return found
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    # The parser's panics are no Exception.
    except BaseException:
        raise RecordsError(DAMAGED) from None
