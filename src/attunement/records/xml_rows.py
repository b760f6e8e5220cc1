"""A return in XML, child by child, into raw tables: one row a block, each with the line where it starts."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
from lxml import etree

from attunement.records.errors import RecordsError
from attunement.records.guarded import Guarded
from attunement.records.layout import Layout
from attunement.records.typed import MANY, Fault, Raw

_PIECE = 4_096
_NOTED = 1_000
_LAST_CERTAIN_LINE = 65_535


class _Block:
    """What an element that starts a row may hold: values by their place in the row, and inner blocks."""

    def __init__(self, layout: Layout, table: str, element: str) -> None:
        self.table, self.element = table, element
        self.fields = layout.tables[table]
        self.width = 3 + len(self.fields)
        self.many = {3 + n for n, one in enumerate(self.fields) if one.kind in ("dates", "codes")}
        self.places = {
            name: 3 + n for n, one in enumerate(self.fields) for name in (one.source, *one.also)
        }  # fmt: skip
        self.inner: dict[str, _Block] = {}
        self.rows: list[list[Any]] = []
        self.frames: list[pl.DataFrame] = []
        self.count = 0

    def flush(self) -> None:
        if self.rows:
            schema = {"source_line": pl.Int64, "child": pl.Int64, "within": pl.Int64}
            names = {**schema, **{one.name: pl.String for one in self.fields}}
            cells = zip(*self.rows, strict=True)
            self.frames.append(
                pl.DataFrame([pl.Series(n, c, t) for (n, t), c in zip(names.items(), cells, strict=True)])
            )
            self.rows.clear()

    def raw(self) -> Raw:
        self.flush()
        schema = {"source_line": pl.Int64, "child": pl.Int64, "within": pl.Int64}
        empty = pl.DataFrame(schema={**schema, **{one.name: pl.String for one in self.fields}})
        return Raw(
            self.table,
            pl.concat(self.frames) if self.frames else empty,
            self.fields,
            self.element,
            headings={one.name: one.source for one in self.fields},
        )


@dataclass
class XmlRows:
    """What was read: `raws`, the `header` (element -> text), and the faults seen on the way."""

    raws: list[Raw] = field(default_factory=list)
    header: dict[str, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


def read_xml(path: Path, layout: Layout) -> XmlRows:
    """All rows of `path`. RecordsError, with the line, where it is no well-formed XML or goes beyond the bounds."""
    try:
        return _Walk(path, layout).run(None)
    except _OtherEncoding:
        found = _Walk(path, layout).run("windows-1252")
        found.faults.insert(0, Fault("not_utf8", None, None, None, "bytes of another encoding", "UTF-8"))
        return found


def root_of(path: Path) -> str:
    """The local name of the root element, or "" where there is none."""
    source = Guarded(path, piece=4096)  # the first element stands at the start: no more of the file is needed
    try:
        for _event, element in etree.iterparse(source, events=("start",), **_options(source)):
            return _local(element.tag)
    except (etree.XMLSyntaxError, RecordsError):
        return ""
    finally:
        source.close()
    return ""


class _OtherEncoding(Exception):
    pass


def _options(source: Guarded) -> dict[str, Any]:
    return {"resolve_entities": False, "no_network": True, "huge_tree": False, "load_dtd": False, "remove_comments": True,
            "remove_pis": True, "encoding": source.encoding}  # fmt: skip


class _Walk:
    def __init__(self, path: Path, layout: Layout) -> None:
        self.path, self.layout = path, layout
        self.through = set(layout.detail["through"])
        self.left = set(layout.detail["left"])
        self.blocks = {one["table"]: _Block(layout, one["table"], one["element"]) for one in layout.detail["blocks"]}
        for one in layout.detail["blocks"][1:]:
            self.blocks[one["inside"]].inner[one["element"]] = self.blocks[one["table"]]
        self.first = self.blocks["children"]
        self.of_child = layout.detail["blocks"][0]["element"]
        self.found = XmlRows()
        self.blank: set[str | None] = {None}
        self.noted: dict[str, int] = {}

    def run(self, encoding: str | None) -> XmlRows:
        source = Guarded(self.path, encoding)
        collects = gc.isenabled()
        gc.disable()  # Rows pile up, and nothing here goes round in circles that would have to be looked for.
        try:
            wanted = ("{*}" + self.of_child, "{*}Header")
            for _event, element in etree.iterparse(source, events=("end",), tag=wanted, **_options(source)):
                if _local(element.tag) == self.of_child:
                    source.heard()
                    self._child(element)
                else:
                    self.found.header = {_local(e.tag): (e.text or "").strip() for e in element.iter() if not len(e)}
        except etree.XMLSyntaxError as error:
            raise self._said(error, source) from None
        finally:
            source.close()
            if collects:
                gc.enable()
        self.found.raws = [block.raw() for block in self.blocks.values()]
        return self.found

    def _said(self, error: etree.XMLSyntaxError, source: Guarded) -> Exception:
        """Our own words: the parser's quote what stands in the file."""
        # The error's own log also holds those of files read before.
        code, (line, column) = error.code, error.position
        if code in _ENCODING_CODES and source.encoding == "utf-8":
            return _OtherEncoding()
        what = _SYNTAX.get(code, "the XML is not well formed")
        line = line or source.line
        return RecordsError(
            f"{self.path.name}: line {line}, column {column or 1}: {what}; expected a complete XML file as the "
            "case system exports it."
        )

    def _child(self, element: Any) -> None:
        row = self._row(self.first, element, self.first.count, None)
        self._inside(element, self.first, row, self.first.count)
        self.first.count += 1
        if len(self.first.rows) >= _PIECE:
            for block in self.blocks.values():
                block.flush()
        element.clear(keep_tail=False)
        parent = element.getparent()
        if parent is not None:
            while element.getprevious() is not None:
                del parent[0]

    def _row(self, block: _Block, element: Any, child: int, within: int | None) -> list[Any]:
        row: list[Any] = [None] * block.width
        line = element.sourceline
        row[0], row[1], row[2] = line if line < _LAST_CERTAIN_LINE else _line_of(element, line), child, within
        block.rows.append(row)
        return row

    def _inside(self, element: Any, block: _Block, row: list[Any], number: int) -> None:
        places, blank = block.places, self.blank
        if element.text not in blank:
            self._stray(block, number, element.text)
        for one in element:
            place = places.get(one.tag)
            if place is not None:
                if row[place] is None:
                    row[place] = one.text
                else:
                    self._again(block, row, place, number, one.text)
                if len(one):
                    self._note("unknown_element", block, number, "elements inside a value")
            else:
                self._other(one, block, row, number)
            if one.tail not in blank:
                self._stray(block, number, one.tail)

    def _other(self, one: Any, block: _Block, row: list[Any], number: int) -> None:
        """What is no value of this row: a wrapper, an inner block, something known and left, or something unknown."""
        tag = one.tag
        if not isinstance(tag, str):
            self._note("unknown_element", block, number, "an entity")
            return
        if tag in self.through:
            self._inside(one, block, row, number)
        elif tag in block.inner:
            inner = block.inner[tag]
            made = self._row(inner, one, row[1], number if block is not self.first else None)
            self._inside(one, inner, made, inner.count)
            inner.count += 1
        elif tag not in self.left:
            known = self._alias(tag, block)
            if known is None:
                self._note(
                    "unknown_element", block, number, f"an element of {len(_local(tag))} letters, line {one.sourceline}"
                )
            else:
                one.tag = known
                if known in block.places:
                    row[block.places[known]] = one.text
                else:
                    self._other(one, block, row, number)

    def _alias(self, tag: str, block: _Block) -> str | None:
        """The name we know for `tag`, which has a namespace or other small and capital letters."""
        wanted = _local(tag).lower()
        known = (*block.places, *block.inner, *self.through, *self.left)
        return next((name for name in known if name.lower() == wanted and name != tag), None)

    def _again(self, block: _Block, row: list[Any], place: int, number: int, text: str | None) -> None:
        if place in block.many:
            row[place] += MANY + (text or "")
        else:
            self._note("twice_in_one", block, number, "a second value", block.fields[place - 3].name)

    def _stray(self, block: _Block, number: int, text: str) -> None:
        if text.isspace():
            if len(self.blank) < 1_000:
                self.blank.add(text)
        else:
            self._note("stray_text", block, number, f"text of {len(text.strip())} characters between elements")

    def _note(self, cause: str, block: _Block, number: int, there: str, name: str | None = None) -> None:
        seen = self.noted[cause] = self.noted.get(cause, 0) + 1
        if seen <= _NOTED:
            self.found.faults.append(Fault(cause, block.table, number, name, there))


def _line_of(element: Any, line: int) -> int:
    """Beyond 65,534 the parser knows the line of text only: the element's is that of its first text less its line ends."""
    while not element.text and len(element):
        element = element[0]
    return line - (element.text or "").count("\n")


def _local(tag: Any) -> str:
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


_T = etree.ErrorTypes
_ENCODING_CODES = {_T.ERR_INVALID_ENCODING, _T.ERR_INVALID_CHAR}
_SYNTAX = {
    _T.ERR_DOCUMENT_EMPTY: "there is no XML",
    _T.ERR_DOCUMENT_END: "something stands after the end of the XML",
    _T.ERR_TAG_NAME_MISMATCH: "an element is closed by another name",
    _T.ERR_TAG_NOT_FINISHED: "the file ends within an element",
    _T.ERR_UNDECLARED_ENTITY: "an entity that is not declared",
    _T.ERR_NAME_REQUIRED: "a sign < or & that begins nothing",
    _T.ERR_INVALID_CHAR: "a character that XML does not allow",
    _T.ERR_INVALID_ENCODING: "bytes that are not in the file's encoding",
    _T.ERR_LT_REQUIRED: "text where an element was expected",
}


def tables_of(layout: Layout) -> Iterator[str]:
    """The tables that this layout fills, in its order."""
    yield from (one["table"] for one in layout.detail["blocks"])
