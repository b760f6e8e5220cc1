"""How far a sheet reaches, and what in it a parser may not read: a quick look at its bytes, some megabytes at a time."""

from __future__ import annotations

import re
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

_PLACE = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]{0,3})([0-9]+)["']""")
CELL = re.compile(rb"<(?:\w+:)?c(?=[\s/>])")
# Beyond this a number in a cell with a date's format stops the parser, not just the cell.
_FAR_TOO_LARGE = 1e10
_LONG_NUMBER = re.compile(rb"v>\s*([-+]?[0-9.]{10,}(?:[eE][-+]?[0-9]+)?|[-+]?[0-9.]+[eE][-+]?[0-9]+)")
_LONG = 12
# Eight characters at once, each byte of a word one of them.
_ONE, _SIX, _QUOTE, _DIGIT, _LESS, _LETTER, _HIGH, _HALF = (
    np.uint64(byte * 0x0101010101010101) for byte in (0x01, 0x06, 0x22, 0x30, 0x3C, 0x40, 0x80, 0xF0)
)
Words = NDArray[np.uint64]


class Look:
    """The bytes of a sheet, looked at once for all questions. No question raises, whatever the bytes are."""

    def __init__(self, sheet: bytes) -> None:
        self.sheet = sheet
        self._text = np.frombuffer(sheet + bytes(16), np.uint8)
        self._words: Words = np.ndarray(len(sheet), "<u8", self._text, 0, (1,))
        self._equals = np.flatnonzero(self._text[2:-16] == ord("=")) + 2
        self._plain = not (self._text[self._equals + 1] != ord('"')).any()

    @cached_property
    def reach(self) -> tuple[int, int, int]:
        """How many cells there are, the last row and the last column that any of them names."""
        found = self._quick_reach() if self._plain else None
        if found is not None:
            return found
        rows = columns = 0
        for letters, digits in _PLACE.findall(self.sheet):
            rows, columns = max(rows, int(digits[:12])), max(columns, _column(letters))
        return len(CELL.findall(self.sheet)), rows, columns

    def _quick_reach(self) -> tuple[int, int, int] | None:
        """The same from the names in all `r="…"`, all of them at once. None where a sheet is written in a way that this
        does not know."""
        before = self._text[self._equals - 1]
        own = self._equals[before == ord("r")]
        space = self._text[own - 2]
        if (before <= ord(" ")).any() or ((space == 9) | (space == 10) | (space == 13)).any():
            return None
        names = self._words[own[space == ord(" ")] + 2]
        return _furthest(names) if len(names) else (0, 0, 0)

    @property
    def suspicious(self) -> bool:
        """Whether there is an error, a formula, or anything that is not written as Excel does."""
        # Every error that Excel writes begins with #.
        if not self._plain or b"<worksheet" not in self.sheet or (b"#" in self.sheet and b't="e"' in self.sheet):
            return True
        opens, name, after = self._text[:-16] == ord("<"), self._text[1:-15], self._text[2:-14]
        if (opens & (name == ord("f"))).any() or (opens & (after == ord(":"))).any():
            return True
        values = np.flatnonzero(opens & (name == ord("v")))
        if (after[values] != ord(">")).any():
            return True
        # A short number ends within the twelve characters from its <v> on.
        ends = [_any(_LESS, self._words[np.minimum(values + place, len(self._words) - 1)]) != 0 for place in (3, 5)]
        return not (ends[0] | ends[1]).all() and any(map(too_large, _LONG_NUMBER.findall(self.sheet)))


def _any(character: np.uint64, words: Words) -> Words:
    """A bit set in each byte that is `character`, up to the first such byte from below; none where there is none."""
    marked = words ^ character
    return (marked - _ONE) & ~marked & _HIGH


def _furthest(names: Words) -> tuple[int, int, int] | None:
    """How many names of cells there are, the last row, the last column. A name is up to three letters and digits before
    a quotation mark, its first character in the lowest byte. None where one is longer or anything else."""
    quotes = _any(_QUOTE, names)
    before = ((quotes & (~quotes + np.uint64(1))) >> np.uint64(7)) - np.uint64(1)
    name = names & before
    letters = ((name & _LETTER) >> np.uint64(6)) * np.uint64(255)
    others = before & ~letters
    digits = name & others
    # How many bits they fill: eight a character.
    lettered, long = (np.bitwise_count(each).astype(np.uint64) for each in (letters, before))
    strange = (name & _HIGH) | ((digits & _HALF) ^ (others & _DIGIT)) | ((digits + _SIX) & others & _LETTER)
    unknown = (quotes == 0) | (long == lettered) | (lettered > 24) | (letters != (np.uint64(1) << lettered) - np.uint64(1))
    if strange.any() or unknown.any():
        return None
    # With the last character in the highest byte, the order of names is that of their bytes turned round.
    row = (digits << (np.uint64(64) - long)).byteswap().max()
    column = ((name & letters & np.uint64(0x1F1F1F)) << (np.uint64(24) - lettered)).byteswap().max()
    return len(names), int(int(row).to_bytes(8, "big").strip(b"\0")), _column(int(column).to_bytes(8, "big")[:3])


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + (letter & 31)
    return number


def too_large(number: bytes) -> bool:
    """Whether a number's text says more than a cell with a date's format can hold."""
    try:
        return not abs(float(number)) < _FAR_TOO_LARGE
    except ValueError:
        return True
