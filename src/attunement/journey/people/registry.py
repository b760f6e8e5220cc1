"""What later stages hang on pages of earlier ones: lines of the start page, panels of a family's record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Tile:
    """One line of a role's start page; with `nav`, a short word, it stands at the top of every page too."""

    title: str
    address: str
    note: str = ""
    count: int | None = None
    nav: str = ""


@dataclass(frozen=True)
class Panel:
    """One stage's part of a family's record: lines of (label, value) and what may be done now."""

    title: str
    rows: list[tuple[str, Any]] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)


tiles: list[Callable[[Any], list[Tile]]] = []
def lines_for(person: Any) -> list[Tile]:
    """Every stage's lines for this person, in the order of the stages; made once a request."""
    if "lines" not in person.__dict__:
        person.__dict__["lines"] = [line for lines in tiles for line in lines(person)]
    return list(person.__dict__["lines"])


panels: list[Callable[[Any, Any], Panel | None]] = []


@dataclass(frozen=True)
class Column:
    """A later stage's column in the list of families: family ids in, a word for each out. `right`: who sees it."""

    title: str
    right: str
    words: Callable[[list[int]], dict[int, str]]


columns: list[Column] = []

# Of the entries on a page of the trail: number -> what this reader may know of it beyond what the trail holds.
trail_values: list[Callable[[Any, list[Any]], dict[int, str]]] = []

# Panels of a practitioner's own page of a family, for stages after the one that has the page.
caseload_panels: list[Callable[[Any, Any], Panel | None]] = []
