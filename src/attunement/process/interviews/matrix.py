"""The framework matrix: cases × themes, each cell a summary linked to the passages it rests on (Ritchie, Spencer)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from attunement.places import check_place
from attunement.process.errors import ProcessError
from attunement.process.interviews.coding import Project

STILL = datetime(1980, 1, 1)
CELL = 32_767
"""The most characters that a cell of a workbook holds."""


@dataclass(frozen=True)
class Cell:
    """What a case says on a theme: a summary in the analyst's words, and the ids of the passages (a theme's own and
    those of the codes below it).
    """

    summary: str
    passages: tuple[str, ...]


@dataclass(frozen=True)
class Matrix:
    """`cells` by case and theme (a code's guid); `extracts` by passage id, cell by cell: case, source, the words."""

    cases: tuple[str, ...]
    themes: tuple[tuple[str, str], ...]
    cells: Mapping[tuple[str, str], Cell]
    extracts: Mapping[str, tuple[str, str, str]]

    def tidy(self) -> pl.DataFrame:
        """One row a case and theme, empty cells too: case, theme, summary, passages (how many)."""
        rows = [(case, name, self.cells[case, theme].summary, len(self.cells[case, theme].passages))
                for case in self.cases for theme, name in self.themes]  # fmt: skip
        return pl.DataFrame(rows, orient="row", schema={"case": pl.String, "theme": pl.String, "summary": pl.String,
                                                        "passages": pl.Int64})  # fmt: skip


def framework(project: Project, summaries: Mapping[tuple[str, str], str] | None = None) -> Matrix:
    """The matrix of a project over its top-level codes. `summaries`: by case and code guid. ProcessError: a summary
    of a case or theme that is not there, or one without a passage to rest on.
    """
    own = dict(summaries or {})
    cases = tuple(sorted({source.case for source in project.sources}))
    themes = tuple((code.guid, code.name) for code in project.codebook.under(None))
    case_of = {source.id: source.case for source in project.sources}
    written = {one.id: (case_of[one.source], one.source, project.text(one)) for one in sorted(project.codings)}
    cells = {}
    for theme, name in themes:
        branch = set(project.codebook.branch(theme))
        for case in cases:
            ids = tuple(one.id for one in sorted(project.codings)
                        if one.code in branch and case_of[one.source] == case)  # fmt: skip
            cells[case, theme] = Cell(own.pop((case, theme), ""), ids)
            if cells[case, theme].summary and not ids:
                raise ProcessError(f"The summary of {case} on '{name}' rests on no passage.")
    if own:
        raise ProcessError(f"A summary is of {next(iter(own))[0]} and a theme, and the matrix has no such cell.")
    in_order = [id_ for theme, _name in themes for case in cases for id_ in cells[case, theme].passages]
    return Matrix(cases, themes, cells, {id_: written[id_] for id_ in in_order})


def to_workbook(matrix: Matrix, path: Path | str) -> Path:
    """Write an .xlsx: a sheet with the matrix, where a cell links to the first of its passages, and one with all passages,
    cell by cell.

    Words that begin like a formula stay words.
    """
    from openpyxl import Workbook  # type: ignore[import-untyped]
    from openpyxl.worksheet.hyperlink import Hyperlink  # type: ignore[import-untyped]

    book = Workbook()
    book.properties.created = book.properties.modified = STILL
    sheet, below = book.active, book.create_sheet("Passages")
    sheet.title = "Framework"
    row_of: dict[str, int] = {}
    _line(below, 1, ("Passage", "Case", "Source", "Words"))
    for number, (id_, words) in enumerate(matrix.extracts.items(), start=2):
        row_of[id_] = number
        _line(below, number, (id_, *words))
    _line(sheet, 1, ("Case", *(name for _theme, name in matrix.themes)))
    for number, case in enumerate(matrix.cases, start=2):
        said = [matrix.cells[case, theme] for theme, _name in matrix.themes]
        _line(sheet, number, (case, *(_told(cell) for cell in said)))
        for column, cell in enumerate(said, start=2):
            if cell.passages:
                place = f"'Passages'!A{row_of[cell.passages[0]]}"
                linked = sheet.cell(number, column)
                linked.hyperlink = Hyperlink(ref=linked.coordinate, location=place)
    sheet.freeze_panes, below.freeze_panes = "B2", "A2"
    return _save(book.save, Path(path), ".xlsx")


def to_word(matrix: Matrix, path: Path | str) -> Path:
    """Write a .docx: a heading a theme, a table of cases with a repeated header row, and the passages in full."""
    from docx import Document
    from docx.oxml import OxmlElement

    made = Document()
    made.core_properties.created = made.core_properties.modified = STILL
    made.core_properties.title = "Framework matrix"
    made.add_heading("Framework matrix", 0)
    for theme, name in matrix.themes:
        made.add_heading(name, 1)
        table = made.add_table(rows=1, cols=3, style="Table Grid")
        for cell, words in zip(table.rows[0].cells, ("Case", "Summary", "Passages"), strict=True):
            cell.text = words
        table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
        for case in matrix.cases:
            cell_, row = matrix.cells[case, theme], table.add_row().cells
            row[0].text, row[1].text = case, _plain(cell_.summary)
            row[2].text = "\n".join(f"“{_plain(matrix.extracts[id_][2])}” ({id_[:8]})" for id_ in cell_.passages)
    return _save(made.save, Path(path), ".docx")


def _told(cell: Cell) -> str:
    number = len(cell.passages)
    count = f"[{number} passage{'' if number == 1 else 's'}]" if number else ""
    return " ".join(part for part in (cell.summary, count) if part)


def _line(sheet: Any, row: int, words: tuple[str, ...]) -> None:
    for column, text in enumerate(words, start=1):
        cell = sheet.cell(row, column)
        cell.value = _plain(text)[:CELL]
        cell.data_type = "s"


def _plain(text: str) -> str:
    """Without what neither file can hold."""
    return "".join(letter for letter in text if letter in "\t\n" or ord(letter) >= 32)


def _save(save: object, path: Path, suffix: str) -> Path:
    if path.suffix.lower() != suffix:
        raise ProcessError(f"{path.name}: the file's name ends in {suffix}.")
    check_place(path, ProcessError)
    beside = path.with_name(f".writing-{path.name}")
    try:
        save(str(beside))  # type: ignore[operator]
        beside.replace(path)
    except OSError as fault:
        raise ProcessError(f"{path.name} cannot be written: {fault.strerror}.") from None
    finally:
        beside.unlink(missing_ok=True)
    return path
