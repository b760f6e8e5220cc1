"""Assessing, verifying and re-allocating; and the places that "read the first free row, then save" loses."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from attunement.allocation import Minimisation, OpenedScheme, assess, parse, rerandomise, verify, write_log
from attunement.allocation.example import example_entries
from benches import places, served_allocations

SCHEMES = ("complete", "blocks:4", "blocks:4,6,8", "big_stick:3", "efron:2/3", "wei:0,1", "maximal:3")
FACTORS = {"site": ("A", "B", "C", "D"), "help": ("little", "much"), "age": ("0", "1", "2")}
FAMILIES, REPLICATES, DRAWS = 252, 10_000, 50_000


def bench(shown: Table) -> None:
    with Console(stderr=True).status("Measuring allocation…"):
        slowest = max((least(lambda scheme=scheme: assess(parse(scheme, n=400), 400)), scheme) for scheme in SCHEMES)
        shown.add_row(f"Assess exactly, n = 400, the slowest ({slowest[1]})", f"{slowest[0]:.3f} s", "1 s")
        sites = [f"site {family % 4}" for family in range(FAMILIES)]
        for scheme in ("big_stick:3", "blocks:4,6,8", "maximal:3"):
            rule = parse(scheme, n=63)
            took = least(lambda rule=rule: rerandomise(rule, sites, REPLICATES, 1), 5)
            shown.add_row(f"Re-allocate {REPLICATES:,} × {FAMILIES}, {scheme}", f"{took:.4f} s", "0.02 s")
        people = [{factor: ls[family % len(ls)] for factor, ls in FACTORS.items()} for family in range(FAMILIES)]
        minimised = Minimisation(FACTORS, dict.fromkeys(FACTORS, 1))
        took = least(lambda: rerandomise(minimised, people, REPLICATES, 1), 5)
        shown.add_row(f"Re-allocate {REPLICATES:,} × {FAMILIES}, minimisation by 3 factors", f"{took:.4f} s", "0.02 s")
        with tempfile.TemporaryDirectory() as folder:
            _verify(shown, Path(folder) / "log")
            for database, many, rate, gone in served_allocations.measured(Path(folder)):
                shown.add_row(f"Allocate {many} families over HTTP, 8 clients, {database}",
                              f"{rate:.0f} a second, {gone} lost", "0 lost")
            free, fast = places.lost(Path(folder) / "free.sqlite3", locked=False)
            locked, slow = places.lost(Path(folder) / "locked.sqlite3", locked=True)
        asked = places.PROCESSES * places.REQUESTS
        shown.add_row(f"Peer: read the first free row, then save; {asked} families, 8 processes, a bare table",
                      f"{fast:.0f} a second, {free} lost", "")
        shown.add_row("… the same in one serialised transaction", f"{slow:.0f} a second, {locked} lost", "0 lost")


def _verify(shown: Table, log: Path) -> None:
    seed, salt, arms = bytes(range(48)).hex(), bytes(16).hex(), ("one", "other")
    stick = OpenedScheme(1, seed, salt, "big_stick:3", (1, 1), arms, dict.fromkeys("ABCD", DRAWS), "1")
    factors = tuple((factor, levels, "1") for factor, levels in FACTORS.items())
    minimised = OpenedScheme(1, seed, salt, "minimisation:range,4/5", (1, 1), arms, {"": DRAWS}, "1", factors)
    for what, scheme in (("big stick", stick), ("minimisation by 3 factors", minimised)):
        entries = write_log(log, example_entries(scheme, bytes(32), draws=DRAWS, others=9, daily=1500))
        took = least(lambda: verify(log))
        shown.add_row(f"Verify {entries:,} entries, {DRAWS:,} of them draws, {what}", f"{took:.2f} s", "3 s")


def least(work: Callable[[], object], times: int = 2) -> float:
    """CPU seconds of this process, the least of several."""
    took = []
    for _ in range(times):
        before = time.process_time()
        work()
        took.append(time.process_time() - before)
    return min(took)
