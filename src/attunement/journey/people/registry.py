"""What later stages hang on pages of earlier ones: lines of the start page, panels of a family's record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Tile:
    """One line of a role's start page."""

    title: str
    address: str
    note: str = ""
    count: int | None = None


@dataclass(frozen=True)
class Panel:
    """One stage's part of a family's record: lines of (label, value) and what may be done now."""

    title: str
    rows: list[tuple[str, Any]] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)


tiles: list[Callable[[Any], list[Tile]]] = []
# What stands at the top of every page of staff: (right, a short word, the page's name), in the order of the stages.
menu: list[tuple[str, str, str]] = []


def lines_for(person: Any) -> list[Tile]:
    """Every stage's lines for this person, in the order of the stages."""
    return [line for lines in tiles for line in lines(person)]


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
