"""The gate for tables: its time, and what it leaves exposed, beside ACRO's crosstab on the same families."""

from __future__ import annotations

import contextlib
import io
import itertools
import logging
import os
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
from rich.table import Table

SITES, STATES, TABLES = 6, 5, 30


def bench(shown: Table) -> None:
    from attunement.disclosure import as_published, audit, protect

    chance = np.random.default_rng(2022)
    rows = [_families(chance) for _ in range(TABLES)]
    tables = [_crossed(each) for each in rows]
    releases = [protect(table, "tre-10") for table in tables]
    own = statistics.median(_cpu(lambda t=table: audit(protect(t, "suppress-5"))) for table in tables)
    default = statistics.median(_cpu(lambda t=table: audit(protect(t))) for table in tables)
    small = sum(int((each.hidden["reason"] == "small").sum()) for each in releases)
    hidden = sum(each.hidden.height for each in releases)
    exposed = sum(len(audit(each)) for each in releases)
    shown.add_row(f"A gated {SITES} × {STATES} table with totals, suppress-5, audited", f"{own:.0f} ms", "≤ ACRO")
    shown.add_row("… round-5, audited", f"{default:.0f} ms", "≤ ACRO")
    said = f"{exposed}; {hidden}, of them small {small}"
    shown.add_row(f"Threshold ten, {TABLES} tables: exposed cells; hidden", said, "0")
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            import acro
    except ImportError:
        shown.add_row("ACRO 1.0.2 beside it", "peer not installed", "")
        return
    peer, left, theirs = _peer(acro, True, rows, tables, as_published, audit)
    shown.add_row("ACRO's crosstab of the same families, suppressing", f"{peer:.0f} ms, {peer / own:.1f} × ours", "≥ 1 ×")
    shown.add_row("… exposed cells; hidden, or a total no longer true", f"{left}; {theirs}", "")
    _, left, theirs = _peer(acro, False, rows, tables, as_published, audit)
    shown.add_row("ACRO's as it comes, for review: exposed cells; hidden", f"{left}; {theirs}", "")


def _cpu(work: Callable[[], object]) -> float:
    before = time.process_time()
    work()
    return (time.process_time() - before) * 1000


def _families(chance: np.random.Generator) -> pl.DataFrame:
    """Families by site and state; each pair of values occurs, so that every library makes the same table."""
    counts = 1 + chance.poisson(chance.gamma(1.2, 6.0, (SITES, STATES)))
    cells = [(f"site {i}", f"state {j}") for (i, j), n in np.ndenumerate(counts) for _ in range(int(n))]
    return pl.DataFrame(cells, schema=["site", "state"], orient="row")


def _crossed(rows: pl.DataFrame) -> pl.DataFrame:
    counts: dict[tuple[Any, ...], int] = {}
    for site, state in rows.iter_rows():
        for cell in itertools.product((site, "Total"), (state, "Total")):
            counts[cell] = counts.get(cell, 0) + 1
    return pl.DataFrame([(*cell, n) for cell, n in sorted(counts.items())], schema=["site", "state", "n"], orient="row")


def _peer(
    acro: Any, suppress: bool, rows: list[pl.DataFrame], tables: list[pl.DataFrame], as_published: Any, audit: Any
) -> Any:
    """Median CPU ms of its crosstab, its exposed cells under our audit, and how many cells it hides."""
    import pandas

    logging.disable(logging.CRITICAL)
    times, exposed, hidden, here = [], 0, 0, os.getcwd()
    quiet = io.StringIO()
    with (tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(quiet),
          contextlib.redirect_stderr(quiet), warnings.catch_warnings()):  # fmt: skip
        warnings.simplefilter("ignore")
        os.chdir(folder)
        try:
            session = acro.ACRO(suppress=suppress)
            for each, table in zip(rows, tables, strict=True):
                frame = pandas.DataFrame(each.to_dict(as_series=False))
                before = time.process_time()
                made = session.crosstab(frame["site"], frame["state"], margins=True, margins_name="Total")
                times.append((time.process_time() - before) * 1000)
                seen = [_seen(made, site, state) for site, state in table.select("site", "state").iter_rows()]
                hidden += seen.count(None)
                exposed += _exposed(table, seen, as_published, audit)
        finally:
            os.chdir(here)
            logging.disable(logging.NOTSET)
    return statistics.median(times), exposed, hidden


def _seen(made: Any, site: str, state: str) -> int | None:
    """A cell of its table; None where it is blank, or where the margin is not there."""
    try:
        value = made.loc[site, state]
    except KeyError:
        return None
    return None if value != value else int(value)


def _exposed(table: pl.DataFrame, seen: list[int | None], as_published: Any, audit: Any) -> int:
    """Its totals may be those of the cells that it kept: such a count is not the true one, and is taken as hidden."""
    true = [n if value == n else None for value, n in zip(seen, table["n"], strict=True)]
    published = table.with_columns(pl.Series("n", true, dtype=pl.Int64))
    return len(audit(as_published(table, published, "tre-10")))
