"""Transcripts: with consent or not at all, in LF text, and without the names of people and places."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from attunement.process.errors import ProcessError

Kind = Literal["transcript", "open_answer", "session_note"]

PATTERNS: Mapping[str, re.Pattern[str]] = {
    "email": re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    "telephone": re.compile(r"(?<![\w+])(?:\+44[ -]?|0)(?:\d[ -]?){9,10}(?!\d)"),
    "postcode": re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b"),
    "number": re.compile(r"(?<!\d)\d{3}[ -]?\d{3}[ -]?\d{4}(?!\d)"),
    "date of birth": re.compile(r"\b\d{1,2}[/.-]\d{1,2}[/.-](?:19|20)\d{2}\b"),
}
"""What is taken out wherever it stands, besides the names that are given."""


@dataclass(frozen=True)
class Redaction:
    """One place where something was taken out: `start` and `end` of what stands there now, and what kind it was.

    Never what stood there before: the log may lie beside the text.
    """

    start: int
    end: int
    kind: str
    now: str


@dataclass(frozen=True)
class Source:
    """A text that may be coded: LF line ends, no control characters, consent on record. `case`: whose words (a code).

    Positions in it count Unicode code points from 0. ProcessError: no consent, no text.
    """

    id: str
    case: str
    text: str
    kind: Kind = "transcript"
    consent: str = ""
    redactions: tuple[Redaction, ...] = ()

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise ProcessError(f"A source is {', '.join(get_args(Kind))}, not {self.kind!r}.")
        if not self.consent.strip():
            raise ProcessError(f"There is no consent on record for {self.id}: it may be neither kept nor coded.")
        if not self.text.strip():
            raise ProcessError(f"{self.id} has no words in it.")
        if self.text != lines(self.text):
            raise ProcessError(f"{self.id} has other line ends than LF: read it with `lines` before anything is coded.")


def lines(text: str) -> str:
    """The text with LF line ends and without a byte-order mark, as it must be before a position means anything."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def pseudonymise(text: str, names: Mapping[str, str]) -> tuple[str, tuple[Redaction, ...]]:
    """The text, in LF, with each of `names` replaced by its pseudonym and with what PATTERNS find taken out; and the
    log. Names are whole words, in any case, the longest first; a possessive keeps its 's.

    ProcessError: a name without letters, or a pseudonym that gives a name away.
    """
    whole, found = lines(text), []
    folded = {name.casefold(): pseudonym for name, pseudonym in names.items()}
    for name, pseudonym in names.items():
        if not name.strip() or not any(character.isalpha() for character in name):
            raise ProcessError("A name that is to be replaced has letters.")
        if any(_word(other).search(pseudonym) for other in names):
            raise ProcessError(f"The pseudonym '{pseudonym}' holds one of the names that it is to hide.")
    for name in names:
        found += [(match.span(), "name", f"[{folded[name.casefold()]}]") for match in _word(name).finditer(whole)]
    for kind, pattern in PATTERNS.items():
        found += [(match.span(), kind, f"[{kind}]") for match in pattern.finditer(whole)]
    pieces: list[str] = []
    log: list[Redaction] = []
    read = written = 0
    for (start, end), kind, now in _apart(found):
        pieces += [whole[read:start], now]
        written += start - read
        log.append(Redaction(written, written + len(now), kind, now))
        written, read = written + len(now), end
    return "".join([*pieces, whole[read:]]), tuple(log)


def left_over(text: str, names: Iterable[str]) -> list[str]:
    """Kinds of what still looks like somebody: `name` or a kind of PATTERNS, once for each place. Empty: none."""
    found = [kind for kind, pattern in PATTERNS.items() for _match in pattern.finditer(text)]
    return [*("name" for name in names for _match in _word(name).finditer(text)), *found]


def _word(name: str) -> re.Pattern[str]:
    gap = r"\s+".join(re.escape(part) for part in name.split())
    return re.compile(rf"(?<!\w){gap}(?!\w)", re.IGNORECASE)


def _apart(found: list[tuple[tuple[int, int], str, str]]) -> Iterable[tuple[tuple[int, int], str, str]]:
    """In order, without those that overlap one before; where two begin together, the longer."""
    end = 0
    for one in sorted(found, key=lambda row: (row[0][0], -row[0][1])):
        if one[0][0] >= end:
            yield one
            end = one[0][1]
