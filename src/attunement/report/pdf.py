"""The document model as PDF/UA-1 and PDF/A-2a at once, by typst; and figures as PNG for files that take no SVG."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from datetime import UTC, datetime, time
from functools import cache
from importlib import util
from pathlib import Path
from typing import Any

from attunement.report.errors import ReportError
from attunement.report.model import Block, Document, Figure, Inline, Notice, Paragraph, Section, Table

FONT = "DejaVu Sans"
_TURNS = 8
_ENDS_AS_A_LINE = b"\r\nendstream"
"""Compressed data whose last byte is by chance a carriage return: with the line feed that follows it reads as the end of
a line, and a PDF/A check then finds the length wrong. Moving the page number by a hair gives other bytes."""


def render(document: Document) -> bytes:
    """The report on A4 pages; the same document gives the same bytes, whatever fonts the machine has.

    ReportError for what typst does not look at itself: no language, no section, a table without column titles.
    """
    _hold(document)
    told, made = _told(document), []
    for nudge in range(_TURNS):
        one = bytes(_compiled("report.typ", told | {"nudge": nudge}, int(_moment(document).timestamp()), format="pdf",
                              pdf_standards=["ua-1", "a-2a"]))  # fmt: skip
        if _ENDS_AS_A_LINE not in one:
            return one
        made.append(one)
    return made[0]


def drawings(figures: Iterable[Figure], ppi: float = 192) -> dict[str, bytes]:
    """Each figure's drawing as PNG, by the figure's id."""
    found = {figure.id: _svg(figure) for figure in figures}
    if not found:
        return {}
    pages = _compiled("drawings.typ", {"drawings": list(found.values())}, 0, format="png", ppi=ppi)
    return dict(zip(found, pages if isinstance(pages, list) else [pages], strict=True))


def pages(document: Document, ppi: float = 72) -> list[bytes]:
    """The PDF's pages as PNG, to be looked at."""
    made = _compiled("report.typ", _told(document), int(_moment(document).timestamp()), format="png", ppi=ppi)
    return made if isinstance(made, list) else [made]


def _compiled(template: str, told: dict[str, Any], timestamp: int, **wanted: Any) -> Any:
    import typst

    text = (Path(__file__).parent / template).read_bytes()
    try:
        return typst.compile(text, font_paths=_fonts(), ignore_system_fonts=True, timestamp=timestamp,
                             sys_inputs={"told": json.dumps(told, ensure_ascii=False)}, **wanted)  # fmt: skip
    except typst.TypstError as fault:
        raise ReportError(f"The pages cannot be set: {str(fault).splitlines()[0]}") from None


@cache
def _fonts() -> list[str]:
    """The sans serif that comes with Matplotlib, so that the lock file fixes the letters too."""
    found = util.find_spec("matplotlib")
    if found is None or found.origin is None:
        raise ReportError("The fonts for the PDF come with Matplotlib, which is not installed.")
    return [str(Path(found.origin).parent / "mpl-data/fonts/ttf")]


def _moment(document: Document) -> datetime:
    return datetime.combine(document.dated, time(), UTC)


def _hold(document: Document) -> None:
    if not document.language.strip():
        raise ReportError("The report names no language, so a screen reader cannot read it out.")
    if not document.sections or not document.title.strip():
        raise ReportError("The report has no title or no section, so a PDF of it would have no heading.")
    for table in document.tables():
        if not table.columns or not all(column.title.strip() for column in table.columns):
            raise ReportError(f"The table '{table.id}' has a column without a title.")


def _told(document: Document) -> dict[str, Any]:
    language, _, region = document.language.partition("-")
    stamps = [short for short in (document.watermark, *(notice.short for notice in document.notices)) if short]
    return {
        "title": document.title, "subtitle": document.subtitle, "language": language, "region": region or None,
        "font": FONT, "nudge": 0, "stamp": " · ".join(stamps), "watermark": document.watermark,
        "notices": [_block(notice, 0, document) for notice in document.notices],
        "blocks": [one for section in document.sections for one in _section(section, 2, document)],
    }  # fmt: skip


def _section(section: Section, level: int, document: Document) -> list[dict[str, Any]]:
    tongue = section.language.partition("-")[0] or None
    found: list[dict[str, Any]] = [{"kind": "heading", "level": level, "title": _tidy(section.title), "language": tongue,
                                    "rtl": section.rtl}]  # fmt: skip
    for block in section.blocks:
        if isinstance(block, Section):
            found += _section(block, level + 1, document)
        else:
            found.append(_block(block, level, document) | {"language": tongue, "rtl": section.rtl})
    return found


def _block(block: Block, level: int, document: Document) -> dict[str, Any]:
    def line(parts: tuple[Inline, ...]) -> str:
        return _tidy("".join(document.said(part) for part in parts))

    if isinstance(block, Paragraph):
        return {"kind": "paragraph", "style": block.style, "text": line(block.parts)}
    if isinstance(block, Notice):
        return {"kind": "notice", "grave": block.kind != "scale", "title": _tidy(block.title), "text": line(block.text)}
    if isinstance(block, Figure):
        return {"kind": "figure", "title": _tidy(block.title), "svg": _svg(block), "alt": _tidy(block.alt),
                "text": line(block.description), "data": _block(block.data, level, document)}  # fmt: skip
    assert isinstance(block, Table)
    return {
        "kind": "table", "caption": _tidy(block.caption), "note": line(block.note),
        "columns": [{"title": _tidy(column.title), "numeric": column.numeric, "width": _width(block, place, document)}
                    for place, column in enumerate(block.columns)],
        "rows": [[_tidy(document.said(cell)) for cell in row] for row in block.rows],
    }  # fmt: skip


def _width(table: Table, place: int, document: Document) -> float:
    """A column's share of the page: by the root of its longest cell, so that long texts get more room and not all of it,
    and never less than its longest word takes.
    """
    cells = [document.said(row[place]) for row in table.rows]
    longest = math.sqrt(max(map(len, cells), default=0))
    word = max(len(word) for cell in (table.columns[place].title, *cells) for word in cell.split() or [""]) / 6.5
    if table.columns[place].numeric:
        return round(min(max(longest / 3.5, word, 1.0), 1.6), 2)
    if len(table.columns) == 2 and table.columns[1].numeric:
        return 4.0
    return round(min(max(longest / 3, word, 1.4 if place == 0 else 1.2), 4.5), 2)


def _svg(figure: Figure) -> str:
    return figure.svg.replace('font-family="inherit"', f'font-family="{FONT}"')


def _tidy(text: str) -> str:
    return text.replace("'", "\N{RIGHT SINGLE QUOTATION MARK}")
