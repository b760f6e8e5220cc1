"""Which small cells can be found out from everything that has been published."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from attunement.disclosure.bounding import MANY, TOLERANCE, Places, spans, unproved
from attunement.disclosure.cells import TOTAL, Cell
from attunement.disclosure.release import Named, Published, Release
from attunement.disclosure.system import Numbers, System, system


@dataclass(frozen=True, slots=True)
class Exposed:
    """A small cell that lies between `low` and `high`, closer than the profile's `width`. Not for publication."""

    cell: str
    low: float
    high: float
    width: int


def audit(releases: Iterable[Published] | Published) -> tuple[Exposed, ...]:
    """The small cells of any set of releases that all of them together bound closer than their profile allows.

    A cell's interval is that of two linear programmes over the sums of all tables jointly, counts ≥ 0 (Fischetti and
    Salazar 2000, section 2: the attacker's problems). Empty: nothing is exposed.
    """
    several = [releases] if isinstance(releases, Release | Named) else list(releases)
    known = system(several)
    cells, low, high = exposed(known)
    names = {at: name(cell) for cell, at in known.place.items()} | {
        at: f"the rest of {name(cell)}" for at, cell in known.rests.items()
    }
    return tuple(
        Exposed(names[at], float(first), float(last), int(known.width[at]))
        for at, first, last in zip(cells.tolist(), low, high, strict=True)
    )


def exposed(known: System) -> tuple[Places, Numbers, Numbers]:
    """The exposed cells' variables, and between which counts each lies."""
    cells = unproved(known, np.flatnonzero(known.width > 0))
    low, high = spans(known, cells)
    close = high - low < known.width[cells] - TOLERANCE
    return cells[close], low[close], high[close]


def perhaps_exposed(known: System) -> Places:
    """The exposed cells' variables. Where they are many, a few others may be among them: to know would take a programme
    each, and what loosens the one loosens the others.
    """
    cells = unproved(known, np.flatnonzero(known.width > 0))
    if len(cells) > MANY:
        return cells
    low, high = spans(known, cells)
    return cells[high - low < known.width[cells] - TOLERANCE]


def name(cell: Cell) -> str:
    """A cell in words, such as: arm vig, site A."""
    return ", ".join(f"{dimension} {value}" for dimension, value in sorted(cell)) or TOTAL
