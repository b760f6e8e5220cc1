"""On which line of a TOML text each key stands, because `tomllib` does not keep that.

The scanner trusts that `tomllib` has read the text already: it finds places and judges nothing.
"""

from __future__ import annotations

import re
import tomllib

from attunement.study.findings import Place

_BLANK = re.compile(r"[ \t\r\n]*(?:#[^\n]*[ \t\r\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_ONE_LINE = {'"': re.compile(r'"(?:[^"\\]|\\.)*"'), "'": re.compile(r"'[^']*'")}
_MANY_LINES = {
    '"""': re.compile(r'"""(?:[^\\]|\\.)*?""""{0,2}', re.DOTALL),
    "'''": re.compile(r"'''.*?''''{0,2}", re.DOTALL),
}
_SCALAR = re.compile(r"[^,\]}#\n]*")


def line_numbers(text: str) -> dict[Place, int]:
    """Key path -> line, counted from 1: `("sites", 0, "target")` -> 27. Array members have a whole number."""
    return _Scanner(text).scan()


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.line = 1
        self.lines: dict[Place, int] = {}
        self.members: dict[Place, int] = {}

    def scan(self) -> dict[Place, int]:
        table: Place = ()
        self.take(_BLANK)
        while self.at < len(self.text):
            if self.text.startswith("[", self.at):
                table = self.header()
            else:
                self.pair(table)
            self.take(_BLANK)
        return self.lines

    def header(self) -> Place:
        brackets = 2 if self.text.startswith("[[", self.at) else 1
        self.at += brackets
        keys = self.keys()
        self.at += brackets
        place: Place = ()
        for position, key in enumerate(keys):
            place = (*place, key)
            last = position == len(keys) - 1
            if last and brackets == 1:
                self.lines[place] = self.line
            self.lines.setdefault(place, self.line)
            if last and brackets == 2:
                self.members[place] = self.members.get(place, -1) + 1
                self.lines[(*place, self.members[place])] = self.line
            if place in self.members:
                place = (*place, self.members[place])
        return place

    def pair(self, table: Place) -> None:
        place = table
        for key in self.keys():
            place = (*place, key)
            self.lines.setdefault(place, self.line)
        self.at += 1  # the equals sign
        self.take(_SPACE)
        self.value(place)

    def value(self, place: Place) -> None:
        first = self.text[self.at]
        if first == "[":
            self.members_of(place, "]")
        elif first == "{":
            self.members_of(place, "}")
        elif self.text[self.at : self.at + 3] in _MANY_LINES:
            self.take(_MANY_LINES[self.text[self.at : self.at + 3]])
        else:
            self.take(_ONE_LINE.get(first, _SCALAR))

    def members_of(self, place: Place, closing: str) -> None:
        self.at += 1
        self.take(_BLANK)
        count = 0
        while self.text[self.at] != closing:
            if closing == "]":
                self.lines[(*place, count)] = self.line
                self.value((*place, count))
            else:
                self.pair(place)
            count += 1
            self.take(_BLANK)
            if self.text[self.at] == ",":
                self.at += 1
                self.take(_BLANK)
        self.at += 1

    def keys(self) -> list[str]:
        """The parts of a dotted key; the place after it is the sign that ends it."""
        found = []
        while True:
            self.take(_SPACE)
            quote = _ONE_LINE.get(self.text[self.at])
            written = self.take(quote or _BARE_KEY)
            found.append(next(iter(tomllib.loads(f"{written} = 0"))) if quote else written)
            self.take(_SPACE)
            if self.text[self.at] != ".":
                return found
            self.at += 1

    def take(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.text, self.at)
        written = match.group() if match else ""
        self.at += len(written)
        self.line += written.count("\n")
        return written
