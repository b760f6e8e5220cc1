"""A report as typed values: what every renderer is handed. No renderer computes a number."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from attunement.report.errors import ReportError

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class Number:
    """A result printed inside text or a table, by its id."""

    id: str


class Spoken(str):
    """Somebody's own cleared words, printed between quotation marks with who speaks; `id`: the quote's in its bank."""

    id: str

    def __new__(cls, id_: str, words: str, speaker: str) -> Spoken:
        made = super().__new__(cls, f"\N{LEFT DOUBLE QUOTATION MARK}{' '.join(words.split())}"
                                    f"\N{RIGHT DOUBLE QUOTATION MARK} ({speaker})")  # fmt: skip
        made.id = id_
        return made


Inline = str | Number


@dataclass(frozen=True)
class Result:
    """One number of the report: its value (None: not known) and the string that every renderer prints."""

    id: str
    value: int | float | None
    text: str


@dataclass(frozen=True)
class Paragraph:
    """Running text; `headline` is the one result that a section is about."""

    parts: tuple[Inline, ...]
    style: Literal["body", "lead", "headline", "note"] = "body"


@dataclass(frozen=True)
class Column:
    title: str
    numeric: bool = True


@dataclass(frozen=True)
class Table:
    """The first cell of a row names the row. `note` stands under the table."""

    id: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Inline, ...], ...]
    note: tuple[Inline, ...] = ()


@dataclass(frozen=True)
class Figure:
    """A drawing with its words: `alt` says what is seen, `description` what it shows, `data` the numbers drawn."""

    id: str
    title: str
    svg: str
    alt: str
    description: tuple[Inline, ...]
    data: Table


@dataclass(frozen=True)
class Notice:
    """Something a reader must know first. `short` is repeated at the start of every section."""

    kind: Literal["demonstration", "dummy", "incomplete", "true_counts", "withheld", "scale", "caution"]
    title: str
    text: tuple[Inline, ...]
    short: str = ""


@dataclass(frozen=True)
class Section:
    """`language`: of its words where they are not in the report's own; `rtl` where they run from right to left."""

    id: str
    title: str
    blocks: tuple[Block, ...]
    language: str = ""
    rtl: bool = False


Block = Paragraph | Table | Figure | Notice | Section


@dataclass(frozen=True)
class Document:
    """A whole report; `dated` is the day that its files bear, `watermark` what stands across it until it is final.

    Raises ReportError for a number without a result, a ragged table, an id used twice, or a figure without words for
    those who do not see it.
    """

    title: str
    subtitle: str
    language: str
    notices: tuple[Notice, ...]
    sections: tuple[Section, ...]
    results: Mapping[str, Result]
    dated: date = date(1980, 1, 1)
    watermark: str = ""

    def __post_init__(self) -> None:
        seen: set[str] = set()
        _printable((self.title, self.subtitle, self.watermark))
        for block in (*self.notices, *self.blocks()):
            _printable(_words(_inlines(block)))
            for part in _inlines(block):
                if isinstance(part, Number) and part.id not in self.results:
                    raise ReportError(f"The report prints the number '{part.id}', which has no result.")
            if isinstance(block, Figure) and not (block.alt.strip() and any(map(str.strip, _words(block.description)))):
                raise ReportError(f"The figure '{block.id}' has no alt text or no description, so no report is built.")
            for table in _tables(block):
                if any(len(row) != len(table.columns) for row in table.rows):
                    raise ReportError(f"The table '{table.id}' has rows of different lengths.")
            for name in _ids(block):
                if name in seen:
                    raise ReportError(f"The id '{name}' is used twice in the report.")
                seen.add(name)

    def blocks(self) -> Iterator[Block]:
        """Every block in reading order, sections before what they hold."""
        waiting: list[Block] = list(reversed(self.sections))
        while waiting:
            block = waiting.pop()
            yield block
            if isinstance(block, Section):
                waiting += reversed(block.blocks)

    def said(self, part: Inline) -> str:
        """A part of a text as it is printed."""
        return self.results[part.id].text if isinstance(part, Number) else part

    def printed(self) -> Counter[str]:
        """How often each result is printed, by id."""
        parts = (part for block in (*self.notices, *self.blocks()) for part in _inlines(block))
        return Counter(part.id for part in parts if isinstance(part, Number))

    def tables(self) -> Iterator[Table]:
        """Every table, and every figure's data, in reading order."""
        for block in self.blocks():
            yield from _tables(block)


def _printable(texts: Iterable[str]) -> None:
    """No page, no PDF and no Word file has a place for control characters."""
    for text in texts:
        if _CONTROL.search(text):
            raise ReportError(f"The report's text holds a character that cannot be printed: {text[:40]!r}.")


def _words(parts: Iterable[Inline]) -> Iterator[str]:
    return (part if isinstance(part, str) else part.id for part in parts)


def _tables(block: Block) -> tuple[Table, ...]:
    return (block,) if isinstance(block, Table) else (block.data,) if isinstance(block, Figure) else ()


def _ids(block: Block) -> tuple[str, ...]:
    own = (block.id,) if isinstance(block, Section | Figure) else ()
    return own + tuple(table.id for table in _tables(block))


def _inlines(block: Block) -> Iterator[Inline]:
    if isinstance(block, Paragraph):
        yield from block.parts
    elif isinstance(block, Notice):
        yield from block.text
    elif isinstance(block, Figure):
        yield from block.description
    for table in _tables(block):
        yield from table.note
        for row in table.rows:
            yield from row
