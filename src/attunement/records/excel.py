"""The sheets of a workbook, once nothing in it can harm."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from python_calamine import CalamineWorkbook

from attunement.records.errors import RecordsError
from attunement.records.grids import Grid
from attunement.records.opening import Unread, inspect

DAMAGED = "The workbook cannot be read; please open it in Excel, save it anew as .xlsx and send it again."


def read_excel(path: Path) -> tuple[tuple[str, ...], Iterator[Grid], tuple[Unread, ...]]:
    """The names of the sheets; the sheets, each read when its turn comes, so that one at a time is in memory; and the
    cells that show as blank although something stands in them.

    RecordsError, with the file, for what is no workbook, has macros or a password, or unpacks to too much.
    """
    source = io.BytesIO(path.read_bytes())
    try:
        unread = inspect(source)
        book = _book(source)
    except RecordsError as error:
        raise RecordsError(f"{path.name}: {error}") from None
    return tuple(book.sheet_names), _sheets(book, path.name, f"{path.name}: "), unread


def sheets(source: BinaryIO, name: str) -> list[Grid]:
    """All sheets with their rows. RecordsError when the parser gives up."""
    return list(_sheets(_book(source), name))


def _book(source: BinaryIO) -> CalamineWorkbook:
    try:
        return CalamineWorkbook.from_filelike(source)
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    # The parser's panics are no Exception.
    except BaseException:
        raise RecordsError(DAMAGED) from None


def _sheets(book: CalamineWorkbook, name: str, before: str = "") -> Iterator[Grid]:
    for sheet in book.sheet_names:
        try:
            rows = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
        except (KeyboardInterrupt, SystemExit, MemoryError):
            raise
        except BaseException:
            raise RecordsError(before + DAMAGED) from None
        yield Grid(name, sheet, rows, range(1, len(rows) + 1))
