"""The gate for a table of counts: hides what is small, and as little else as keeps small cells from being found out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from attunement.disclosure.auditing import exposed
from attunement.disclosure.cells import TOTAL, Counted, counted
from attunement.disclosure.loosening import loosen
from attunement.disclosure.profiles import DEFAULT, Profile
from attunement.disclosure.profiles import profile as named
from attunement.disclosure.release import BEFORE, PROTECTS, SMALL, Release, assembled
from attunement.disclosure.system import Shown, System, system

# A total says more than one of its parts, and other tables may need it.
_COST_OF_A_TOTAL = 4.0


def protect(
    table: pl.DataFrame,
    profile: str | Profile = DEFAULT,
    released: Sequence[Release] | Release = (),
) -> Release:
    """The table as it may be published under `profile`, given what was `released` before for the study.

    `table`: one string column a dimension (a total is the value `Total`) and `n`, whole numbers. The Release's `table`
    has the same rows in their order, `n` null where hidden. Further cells are hidden until no small cell of this table
    or of an earlier release can be bounded closer than its profile allows (see `audit`); which ones, a linear
    programme finds that moves the exposed cell at the least cost in counts given up (Kelly, Golden and Assad 1992;
    Fischetti and Salazar 2000). What an earlier release has already exposed stays so: see `audit`. DisclosureError
    for a table that makes no sense.
    """
    rule, true = named(profile), counted(table)
    earlier = [released] if isinstance(released, Release) else list(released)
    before = [(each.counted(), each.shown(), each.profile) for each in earlier]
    public, secret = _known_before(before)
    reasons = [
        SMALL if rule.hidden(n) else BEFORE if true.cell(row) in secret - public else None
        for row, n in zip(true.coordinates, true.n, strict=True)
    ]
    shown = [None if reason else rule.shown(n) for reason, n in zip(reasons, true.n, strict=True)]
    known = system([*before, (true, shown, rule)])
    places = known.rows(true)
    for place in loosen(known, exposed(known)[0], _costs(known, true, public, places)):
        for row in (row for row, at in enumerate(places) if at == place):
            reasons[row], shown[row] = PROTECTS, None
    return assembled(table, shown, reasons, rule)


def _known_before(before: Sequence[tuple[Counted, Shown, Profile]]) -> tuple[set[object], set[object]]:
    """The cells that earlier releases show, and those that they hide."""
    public: set[object] = set()
    secret: set[object] = set()
    for table, shown, _ in before:
        for row, n in zip(table.coordinates, shown, strict=True):
            (secret if n is None else public).add(table.cell(row))
    return public, secret


def _costs(known: System, true: Counted, public: set[object], places: list[int]) -> dict[int, float]:
    """What it costs to hide each cell that is shown for the first time: large counts and totals say more."""
    return {
        at: (1 + np.log1p(n)) * (_COST_OF_A_TOTAL if TOTAL in row else 1)
        for row, n, at in zip(true.coordinates, true.n, places, strict=True)
        if true.cell(row) not in public and (known.low[at] > 0 or known.high[at] < np.inf)
    }
