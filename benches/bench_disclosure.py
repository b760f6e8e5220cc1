"""The gate for tables: its time, and what it leaves exposed, beside ACRO's crosstab of the same families.

ACRO is looked for in the Python that ATTUNEMENT_PEER_ACRO names, else in this one.
"""

from __future__ import annotations

import itertools
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from rich.table import Table

SITES, STATES, TIMED, RANDOM = 6, 5, 30, int(os.environ.get("ATTUNEMENT_PEER_TABLES", "1000"))
PEER_PYTHON = os.environ.get("ATTUNEMENT_PEER_ACRO", sys.executable)
PEER = Path(__file__).with_name("acro_peer.py")


def bench(shown: Table) -> None:
    from attunement.disclosure import audit, protect

    chance = np.random.default_rng(2022)
    rows = [_families(chance) for _ in range(TIMED)]
    tables = [_crossed(each) for each in rows]
    own = statistics.median(_cpu(lambda t=table: audit(protect(t, "suppress-5"))) for table in tables)
    default = statistics.median(_cpu(lambda t=table: audit(protect(t))) for table in tables)
    shown.add_row(f"A gated {SITES} × {STATES} table with totals, suppress-5, audited", f"{own:.0f} ms", "≤ ACRO")
    shown.add_row("… round-5, audited", f"{default:.0f} ms", "≤ ACRO")
    peer = _peer(rows, suppress=True)
    if peer is None:
        shown.add_row("ACRO 1.0.2 beside it", "peer not installed", "")
    else:
        theirs = statistics.median(peer["times"])
        shown.add_row("ACRO's crosstab of the same families", f"{theirs:.0f} ms, {theirs / own:.1f} × ours", "≥ 1 ×")
    _random(shown, chance, peer is not None)


def _random(shown: Table, chance: np.random.Generator, beside: bool) -> None:
    """Random tables under a threshold of ten, the one that ACRO has."""
    from attunement.disclosure import audit, protect

    rows = [_families(chance, int(chance.integers(2, 7)), int(chance.integers(2, 6))) for _ in range(RANDOM)]
    tables = [_crossed(each) for each in rows]
    releases = [protect(table, "tre-10") for table in tables]
    small = sum(int((each.hidden["reason"] == "small").sum()) for each in releases)
    said = f"{sum(len(audit(each)) for each in releases)}; {sum(each.hidden.height for each in releases)}"
    shown.add_row(f"{RANDOM:,} random tables, {small:,} small cells, threshold ten: exposed; hidden", said, "0")
    for suppress in (True, False) if beside else ():
        peer = _peer(rows, suppress=suppress)
        assert peer is not None
        made = [(table, cells) for table, cells in zip(tables, peer["cells"], strict=True) if cells is not None]
        exposed = sum(_exposed(table, cells) for table, cells in made)
        hidden = sum(cell[2] is None for _table, cells in made for cell in cells)
        how = ("suppressing" if suppress else "as it comes, for review") + f" ({RANDOM - len(made):,} ended with an error)"
        shown.add_row(f"… ACRO's, {how}: exposed; hidden", f"{exposed:,}; {hidden:,}", "")


def _cpu(work: Callable[[], object]) -> float:
    before = time.process_time()
    work()
    return (time.process_time() - before) * 1000


def _families(chance: np.random.Generator, sites: int = SITES, states: int = STATES) -> pl.DataFrame:
    """Families by site and state; each pair of values occurs, so that every library makes the same table."""
    counts = 1 + chance.poisson(chance.gamma(1.2, 6.0, (sites, states)))
    cells = [(f"site {i}", f"state {j}") for (i, j), n in np.ndenumerate(counts) for _ in range(int(n))]
    return pl.DataFrame(cells, schema=["site", "state"], orient="row")


def _crossed(rows: pl.DataFrame) -> pl.DataFrame:
    counts: dict[tuple[Any, ...], int] = {}
    for site, state in rows.iter_rows():
        for cell in itertools.product((site, "Total"), (state, "Total")):
            counts[cell] = counts.get(cell, 0) + 1
    return pl.DataFrame([(*cell, n) for cell, n in sorted(counts.items())], schema=["site", "state", "n"], orient="row")


def _peer(rows: list[pl.DataFrame], *, suppress: bool) -> dict[str, Any] | None:
    """CPU ms of ACRO's crosstab of each, and its cells, from a process of its own; None where it is not installed."""
    asked = json.dumps([each.to_dict(as_series=False) for each in rows])
    try:
        subprocess.run([PEER_PYTHON, "-c", "import acro"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    alone = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run([PEER_PYTHON, str(PEER), *["suppress"][: int(suppress)]], input=asked, capture_output=True,
                          text=True, check=True, env=alone)  # fmt: skip
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _exposed(table: pl.DataFrame, cells: list[list[Any]]) -> int:
    """Its totals may be those of the cells that it kept: such a count is not the true one, and is taken as hidden."""
    from attunement.disclosure import as_published, audit

    seen = {(one, other): value for one, other, value in cells}
    true = [n if seen[one, other] == n else None for one, other, n in table.select("site", "state", "n").iter_rows()]
    published = table.with_columns(pl.Series("n", true, dtype=pl.Int64))
    return len(audit(as_published(table, published, "tre-10")))
