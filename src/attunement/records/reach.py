"""How far a sheet reaches, and what in it a parser may not read: a quick look at its bytes, some megabytes at a time."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_PLACE = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]{0,3})([0-9]+)["']""")
CELL = re.compile(rb"<(?:\w+:)?c(?=[\s/>])")
# Beyond this a number in a cell with a date's format stops the parser, not just the cell.
_FAR_TOO_LARGE = 1e10
_LONG_NUMBER = re.compile(rb"v>\s*([-+]?[0-9.]{10,}(?:[eE][-+]?[0-9]+)?|[-+]?[0-9.]+[eE][-+]?[0-9]+)")
# So much at once that the processor keeps it at hand.
_PIECE = 1 << 18
# Eight characters at once, each byte of a word one of them.
_ONE, _SIX, _QUOTE, _DIGIT, _LESS, _LETTER, _HIGH, _HALF = (
    np.uint64(byte * 0x0101010101010101) for byte in (0x01, 0x06, 0x22, 0x30, 0x3C, 0x40, 0x80, 0xF0)
)
Bytes = NDArray[np.uint8]
Words = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Look:
    """What the bytes of a sheet show: how many cells there are, the last row and the last column that any of them names,
    and whether there is (`suspicious`) an error, a formula, or anything that is not written as Excel does."""

    cells: int
    rows: int
    columns: int
    suspicious: bool


def look(sheet: bytes) -> Look:
    """Nothing is raised, whatever the bytes are."""
    text = np.frombuffer(sheet + bytes(16), np.uint8)
    words: Words = np.ndarray(len(sheet), "<u8", text, 0, (1,))
    # Every error that Excel writes begins with #.
    suspicious = b"<worksheet" not in sheet or (b"#" in sheet and b't="e"' in sheet)
    cells = rows = columns = 0
    plain = known = True
    long = False
    for start in range(0, len(sheet), _PIECE):
        piece = text[start : min(start + _PIECE, len(sheet)) + 2]
        equals = np.flatnonzero(piece[:-2] == ord("=")) + start
        plain = plain and not (text[equals + 1] != ord('"')).any()
        reach = _quick_reach(text, words, equals) if plain and known else None
        known = reach is not None
        if reach is not None:
            cells, rows, columns = cells + reach[0], max(rows, reach[1]), max(columns, reach[2])
        if not suspicious:
            suspicious, longer = _suspicious(piece, words[start:])
            long = long or longer
    if not (plain and known):
        cells, rows, columns = _reach(sheet)
    suspicious = suspicious or (long and any(map(too_large, _LONG_NUMBER.findall(sheet))))
    return Look(cells, rows, columns, not plain or suspicious)


def _reach(sheet: bytes) -> tuple[int, int, int]:
    rows = columns = 0
    for letters, digits in _PLACE.findall(sheet):
        rows, columns = max(rows, int(digits[:12])), max(columns, _column(letters))
    return len(CELL.findall(sheet)), rows, columns


def _quick_reach(text: Bytes, words: Words, equals: NDArray[np.int64]) -> tuple[int, int, int] | None:
    """The same from the names in all `r="…"`, all of them at once. None where a sheet is written in a way that this does
    not know."""
    before = text[equals - 1]
    own = equals[before == ord("r")]
    space = text[own - 2]
    if (before <= ord(" ")).any() or ((space == 9) | (space == 10) | (space == 13)).any():
        return None
    names = words[own[space == ord(" ")] + 2]
    return _furthest(names) if len(names) else (0, 0, 0)


def _suspicious(piece: Bytes, words: Words) -> tuple[bool, bool]:
    """Whether there is a formula, or a name with a prefix or a value with attributes; and a number that is not short.
    Two characters more than the piece are there."""
    opens, name, after = piece[:-2] == ord("<"), piece[1:-1], piece[2:]
    if (opens & (name == ord("f"))).any() or (opens & (after == ord(":"))).any():
        return True, False
    values = np.flatnonzero(opens & (name == ord("v")))
    if (after[values] != ord(">")).any():
        return True, False
    # A short number ends within the twelve characters from its <v> on.
    ends = [_any(_LESS, words[np.minimum(values + place, len(words) - 1)]) != 0 for place in (3, 5)]
    return False, not (ends[0] | ends[1]).all()


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
