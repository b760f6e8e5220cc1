"""An XML file on its way into the parser: its size, its depth and its declarations are bounded before it is parsed."""

from __future__ import annotations

import codecs
import re
from pathlib import Path
from typing import BinaryIO, TypeAlias

import numpy as np
from numpy.typing import NDArray

from attunement.records.errors import RecordsError

Bytes: TypeAlias = NDArray[np.uint8]
Places: TypeAlias = NDArray[np.intp]
LARGEST = 200 * 1024 * 1024
DEEPEST = 32
# So much without the end of a single child is no return, and would fill the memory.
LARGEST_STRETCH = 8 * 1024 * 1024
_PIECE = 1 << 18
_LESS, _SLASH, _GREATER, _BANG, _QUESTION = b"</>!?"
_DECLARATION = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_ENCODINGS = {
    "utf-8": "utf-8", "utf8": "utf-8", "us-ascii": "utf-8", "ascii": "utf-8", "iso-8859-1": "windows-1252",
    "latin1": "windows-1252", "latin-1": "windows-1252", "windows-1252": "windows-1252", "cp1252": "windows-1252",
    "iso-8859-15": "iso-8859-15", "utf-16": "utf-16",
}  # fmt: skip
_ENTITY = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos);)[A-Za-z_][A-Za-z0-9._-]*;")
_WIDE = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be", b"<\0": "utf-16-le", b"\0<": "utf-16-be"}


class Guarded:
    """A file for `iterparse`. `encoding` is what the parser must take; `heard()` says that a child was complete."""

    def __init__(self, path: Path, encoding: str | None = None, *, piece: int = _PIECE) -> None:
        self.name, self._piece = path.name, piece
        if (size := path.stat().st_size) > LARGEST:
            raise RecordsError(
                f"{self.name}: the file is larger than {LARGEST >> 20} MB; please send one year at a time."
            )
        if size == 0:
            raise RecordsError(f"{self.name}: the file is empty; please export the return again.")
        self._file: BinaryIO = path.open("rb")
        start = self._file.read(4096)
        self._file.seek(0)
        self._wide = next((kind for mark, kind in _WIDE.items() if start.startswith(mark)), None)
        self._decode = codecs.getincrementaldecoder(self._wide)() if self._wide else None
        self.encoding = encoding or self._stated(start)
        self._lines = 1
        self._depth, self._since, self._before = 0, 0, b""
        self._head = b""
        self._banged = False
        self._begun = False

    def _stated(self, start: bytes) -> str:
        if self._wide or start.startswith(codecs.BOM_UTF8):
            return "utf-8"
        stated = _DECLARATION.match(start.lstrip())
        name = stated[1].decode("ascii").lower() if stated else "utf-8"
        if name not in _ENCODINGS or name == "utf-16":
            raise RecordsError(f"{self.name}: line 1: an encoding that cannot be read; expected UTF-8.")
        return _ENCODINGS[name]

    def close(self) -> None:
        self._file.close()

    @property
    def line(self) -> int:
        """The line that was reached."""
        return self._lines

    def heard(self) -> None:
        self._since = 0

    def read(self, _size: int = -1) -> bytes:
        piece = self._file.read(self._piece)
        if self._decode:
            try:
                piece = self._decode.decode(piece, final=not piece).encode("utf-8")
            except UnicodeError:
                raise RecordsError(
                    f"{self.name}: line {self._lines}: bytes that are no UTF-16; please save it as UTF-8."
                ) from None
        if not self._begun:
            piece = piece.removeprefix(codecs.BOM_UTF8).lstrip()
            self._begun = True
        if piece:
            self._check(piece)
        return piece

    def _check(self, piece: bytes) -> None:
        seam = self._before[-16:] + piece
        cells = np.frombuffer(self._before[-1:] + piece, np.uint8)
        opens = np.flatnonzero(cells[:-1] == _LESS)
        after = cells[opens + 1]
        before, self._banged = self._banged, bool((after == _BANG).any())
        if (self._banged or before) and (b"<!DOCTYPE" in seam or b"<!ENTITY" in seam):
            raise RecordsError(
                f"{self.name}: line {self._at(seam, seam.find(b'<!'))}: a declaration of a document type or an entity; "
                "expected a return without one."
            )
        if b"&" in seam and (found := _ENTITY.search(seam)):
            line = self._at(piece, found.start() - len(seam) + len(piece))
            raise RecordsError(
                f"{self.name}: line {line}: an entity that is not declared; expected text, with & written as &amp;."
            )
        self._since += len(piece)
        if self._since > LARGEST_STRETCH:
            raise RecordsError(
                f"{self.name}: line {self._lines}: {LARGEST_STRETCH >> 20} MB without the end of a child's "
                "record; expected one child after the other."
            )
        self._measure(piece, cells, opens, after)
        self._lines += piece.count(b"\n")
        self._before = piece

    def _measure(self, piece: bytes, cells: Bytes, opens: Places, after: Bytes) -> None:
        """Depth by counting: each `<` opens unless `/`, `!` or `?` follows, and `/>` closes what was opened."""
        change = np.where(after == _SLASH, -1, np.where((after == _BANG) | (after == _QUESTION), 0, 1))
        empty = (cells[:-1] == _SLASH) & (cells[1:] == _GREATER)
        if empty.any():
            closed = np.flatnonzero(empty)
            places = np.concatenate([opens, closed])
            order = np.argsort(places, kind="stable")
            opens, change = places[order], np.concatenate([change, np.full(closed.size, -1)])[order]
        if not opens.size:
            return
        depths = self._depth + np.cumsum(change)
        self._depth = int(depths[-1])
        if int(depths.max()) > DEEPEST:
            first = int(opens[int(np.argmax(depths > DEEPEST))])
            raise RecordsError(
                f"{self.name}: line {self._at(piece, first)}: more than {DEEPEST} elements inside each other; "
                "expected a return's usual layout."
            )

    def _at(self, piece: bytes, place: int) -> int:
        return self._lines + piece.count(b"\n", 0, max(place - 1, 0))
