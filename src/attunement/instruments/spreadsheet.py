"""The same round trip as a spreadsheet, for those who translate in one. No cell of it is ever a formula."""

from __future__ import annotations

import io
import zipfile

from openpyxl import Workbook, load_workbook  # type: ignore[import-untyped]
from openpyxl.styles import Alignment, Font  # type: ignore[import-untyped]
from openpyxl.utils.exceptions import InvalidFileException  # type: ignore[import-untyped]

from attunement.instruments.key import InstrumentError
from attunement.instruments.translating import Package, Segment

HEAD = ("id", "source", "target", "note")
SHEET = "translation"
FACTS = ("slug", "source_language", "language", "sha256")
LARGEST, MOST_ROWS = 5_000_000, 2000


def write(package: Package) -> bytes:
    """The package as an Excel workbook: four rows of facts, a head, one row a text."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = SHEET
    rows = [(fact, getattr(package, fact), "", "") for fact in FACTS] + [HEAD]
    rows += [(one.id, one.source, one.target, one.note) for one in package.segments]
    for number, row in enumerate(rows, 1):
        for column, text in enumerate(row, 1):
            cell = sheet.cell(number, column)
            cell.value, cell.data_type = text, "s"  # a text that begins with = stays a text
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.quotePrefix = text[:1] in ("=", "+", "-", "@")
            cell.font = Font(bold=number <= len(FACTS) + 1)
    for letter, width in zip("ABCD", (16, 60, 60, 40), strict=True):
        sheet.column_dimensions[letter].width = width
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def read(content: bytes, name: str) -> Package:
    """The package that came back. Raises InstrumentError, one sentence that names the file and the row."""
    rows = _rows(content, name)
    if [row[0] for row in rows[:4]] != list(FACTS) or tuple(rows[4][:4] if len(rows) > 4 else ()) != HEAD:
        raise InstrumentError(f"{name} does not begin as it was sent out: leave its first five rows as they are")
    segments = []
    for number, row in enumerate(rows[5:], 6):
        if any(row):
            segments.append(Segment(*row[:3]))
            if row[2].startswith("\x00"):
                raise InstrumentError(f"{name}, row {number}: the translation is a formula; it must be a text")
    slug, source, language, sha256 = (row[1] for row in rows[:4])
    return Package(slug, source, language, sha256, tuple(segments))


def _rows(content: bytes, name: str) -> list[list[str]]:
    """The cells as text; a formula begins with a NUL, which no text does."""
    if len(content) > LARGEST:
        raise InstrumentError(f"{name} is larger than a questionnaire's texts can be")
    try:
        book = load_workbook(io.BytesIO(content))
        sheet = book[SHEET]
    except KeyError:
        raise InstrumentError(f"{name} has no sheet {SHEET!r}") from None
    except (InvalidFileException, zipfile.BadZipFile, OSError, ValueError, TypeError, SyntaxError):
        raise InstrumentError(f"{name} cannot be read as an Excel workbook") from None
    found = []
    for row in sheet.iter_rows(max_row=MOST_ROWS, max_col=4):
        found.append(["\x00" if cell.data_type == "f" else str(cell.value if cell.value is not None else "").strip()
                      for cell in row])
    return found
