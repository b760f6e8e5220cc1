"""The parts of a Word file that are written as XML: paragraphs, tables and pictures with their controls."""

from __future__ import annotations

import io
from itertools import count
from typing import Any

from docx.oxml.parser import oxml_parser

from attunement.report.model import Document, Inline, Number, Table
from attunement.report.tags import bookmark, tag

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"


def w(tag_: str, **values: str | int) -> Any:
    """An element of WordprocessingML in python-docx's own classes; `values` are its attributes."""
    named = {f"{{{W}}}{key}": str(value) for key, value in values.items()}
    return oxml_parser.makeelement(f"{{{W}}}{tag_}", named, {"w": W})


def run(text: str, bold: bool = False) -> Any:
    made = w("r")
    if bold:
        made.append(w("rPr"))
        made[0].append(w("b"))
    written = w("t")
    written.text = text
    written.set(_SPACE, "preserve")
    made.append(written)
    return made


class Writer:
    """Puts blocks at the end of a Word file, and numbers controls and bookmarks as it goes."""

    def __init__(self, document: Document, file: Any) -> None:
        self.document, self.file, self._places = document, file, count(1)
        self._ids = {style.name: style.style_id for style in file.styles}
        self._end = file.element.body.sectPr
        self._width = file.sections[0].page_width - file.sections[0].left_margin - file.sections[0].right_margin

    def paragraph(self, parts: tuple[Inline, ...], style: str) -> None:
        self._add(self._paragraph(parts, self._ids[style]))

    def picture(self, png: bytes, alt: str) -> None:
        made = self.file.add_picture(io.BytesIO(png), width=self._width)
        told = made._inline.docPr
        told.set("descr", alt)
        told.set("id", str(next(self._places)))
        told.set("name", "Figure")

    def table(self, table: Table) -> None:
        """A table in a control of its own, a bookmark around it, its header row repeated on each page."""
        self.paragraph((table.caption,), "Caption")
        place = next(self._places)
        printed = "\n".join("\t".join(map(self.document.said, row)) for row in table.rows)
        control, content = _control(tag("table", table.id, printed), place)
        content.append(self._grid(table))
        name = bookmark("table", table.id, place)
        for element in (w("bookmarkStart", id=place, name=name), control, w("bookmarkEnd", id=place)):
            self._add(element)
        self.paragraph(table.note, "Normal")

    def _grid(self, table: Table) -> Any:
        grid = w("tbl")
        told = w("tblPr")
        look = w("tblLook", val="0420", firstRow=1, lastRow=0, firstColumn=0, lastColumn=0, noHBand=0, noVBand=1)
        style = w("tblStyle", val=self._ids["Light List"])
        told.extend([style, w("tblW", w=5000, type="pct"), look, w("tblCaption", val=table.caption)])
        widths = w("tblGrid")
        widths.extend(w("gridCol") for _ in table.columns)
        head = self._row(tuple(column.title for column in table.columns), table, head=True)
        grid.extend([told, widths, head, *(self._row(row, table) for row in table.rows)])
        return grid

    def _row(self, cells: tuple[Inline, ...], table: Table, head: bool = False) -> Any:
        row = w("tr")
        told = w("trPr")
        told.append(w("cantSplit"))
        if head:
            told.append(w("tblHeader"))
        row.append(told)
        for cell, column in zip(cells, table.columns, strict=True):
            made = w("tc")
            made.append(w("tcPr"))
            made.append(self._paragraph((cell,), self._ids["Normal"], right=column.numeric, bold=head, tight=True))
            row.append(made)
        return row

    def _paragraph(self, parts: tuple[Inline, ...], style: str, *, right: bool = False, bold: bool = False,
                   tight: bool = False) -> Any:  # fmt: skip
        made = w("p")
        told = w("pPr")
        told.append(w("pStyle", val=style))
        if tight:
            told.append(w("spacing", before=40, after=40))
        if right:
            told.append(w("jc", val="right"))
        made.append(told)
        for part in parts:
            if isinstance(part, Number):
                made.extend(self._number(part))
            elif part:
                made.append(run(part.replace("'", "\N{RIGHT SINGLE QUOTATION MARK}"), bold))
        return made

    def _number(self, number: Number) -> list[Any]:
        place, printed = next(self._places), self.document.said(number)
        control, content = _control(tag("num", number.id, printed), place, text=True)
        content.append(run(printed))
        name = bookmark("num", number.id, place)
        return [w("bookmarkStart", id=place, name=name), control, w("bookmarkEnd", id=place)]

    def _add(self, element: Any) -> None:
        self._end.addprevious(element)


def _control(name: str, place: int, *, text: bool = False) -> tuple[Any, Any]:
    """A content control with its tag and the same as alias, which LibreOffice keeps where the control has a type."""
    control, told, content = w("sdt"), w("sdtPr"), w("sdtContent")
    told.extend([w("alias", val=name), w("tag", val=name), w("id", val=place)])
    if text:
        told.append(w("text"))
    control.extend([told, content])
    return control, content
