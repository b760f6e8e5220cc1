"""The gate for a table of counts: hides what is small, and as little else as keeps small cells from being found out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from attunement.disclosure.auditing import perhaps_exposed
from attunement.disclosure.cells import TOTAL, Cell, Counted, counted
from attunement.disclosure.loosening import loosen
from attunement.disclosure.profiles import DEFAULT, Profile
from attunement.disclosure.profiles import profile as named
from attunement.disclosure.release import BEFORE, PROTECTS, SMALL, Named, Published, Release, assembled
from attunement.disclosure.system import System, system

# A total says more than one of its parts, and other tables may need it.
_COST_OF_A_TOTAL = 4.0


def protect(
    table: pl.DataFrame,
    profile: str | Profile = DEFAULT,
    released: Sequence[Published] | Published = (),
    *,
    cut: str = "",
) -> Release:
    """The table as it may be published under `profile`, given what was `released` before for the study.

    `table`: one string column a dimension (a total is the value `Total`) and `n`, whole numbers. The Release's `table`
    has the same rows in their order, `n` null where hidden. Further cells are hidden until no small cell of this table
    or of an earlier release can be bounded closer than its profile allows (see `audit`); which ones, a linear
    programme finds that moves the exposed cell at the least cost in counts given up (Kelly, Golden and Assad 1992;
    Fischetti and Salazar 2000). `cut`: the state of the data, where more than one is published: the same cell at two
    cuts is two numbers, and what lies between them is one too. What an earlier release has already exposed stays so:
    see `audit`. DisclosureError for a table that makes no sense.
    """
    rule, true = named(profile), replace(counted(table), cut=cut)
    earlier = [released] if isinstance(released, Release | Named) else list(released)
    public, secret = known_before(earlier)
    reasons = [
        SMALL if rule.hidden(n) else BEFORE if true.cell(row) in secret - public else None
        for row, n in zip(true.coordinates, true.n, strict=True)
    ]
    shown = [None if reason else rule.shown(n) for reason, n in zip(reasons, true.n, strict=True)]
    known = system(earlier, (true, shown, rule))
    places = known.rows(true)
    for place in loosen(known, perhaps_exposed(known), _costs(known, true, public, places)):
        for row in (row for row, at in enumerate(places) if at == place):
            reasons[row], shown[row] = PROTECTS, None
    return assembled(table, shown, reasons, rule, cut)


def known_before(earlier: Sequence[Published]) -> tuple[set[Cell], set[Cell]]:
    """The cells that earlier releases show, and those that they hide."""
    public: set[Cell] = set()
    secret: set[Cell] = set()
    for each in earlier:
        if isinstance(each, Named):
            for name, n in each.shown.items():
                (secret if n is None else public).add(each.cell(name))
            continue
        table = each.counted()
        for row, n in zip(table.coordinates, each.shown(), strict=True):
            (secret if n is None else public).add(table.cell(row))
    return public, secret


def _costs(known: System, true: Counted, public: set[Cell], places: list[int]) -> dict[int, float]:
    """What it costs to hide each cell that is shown for the first time: large counts and totals say more."""
    return {
        at: (1 + np.log1p(n)) * (_COST_OF_A_TOTAL if TOTAL in row else 1)
        for row, n, at in zip(true.coordinates, true.n, places, strict=True)
        if true.cell(row) not in public and (known.low[at] > 0 or known.high[at] < np.inf)
    }
