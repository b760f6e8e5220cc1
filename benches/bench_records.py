"""Reading authorities' returns: beside the published validator (where it is installed) and openpyxl, in CPU time."""

from __future__ import annotations

import gc
import importlib.util
import io
import math
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
from rich.table import Table

SIZES = {1_000: 100, 3_000: 150, 10_000: 250}
CHECKED = {1_000: 15, 3_000: 50}
ALLOCATED, ENDED, TAKEN = date(2025, 6, 1), date(2025, 12, 1), date(2026, 5, 20)
ROWS_OF_LISTS = 20_000
PEER = "cin_validator"
# It wants an older NumPy than ours: a Python of its own, in which it is installed.
PEER_PYTHON = os.environ.get("ATTUNEMENT_PEER_CIN", "")
_IN_A_PROCESS_OF_ITS_OWN = """
import sys, time
from attunement.records import read
start = time.process_time()
tables = read(sys.argv[1]).tables
taken = time.process_time() - start
# Not ru_maxrss: that counts what the process was before it became this one.
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(taken, int(peak.split()[1]) / 1024)
"""


def cpu(work: Callable[[], object]) -> float:
    gc.collect()
    before = time.process_time()
    work()
    return time.process_time() - before


def best(work: Callable[[], object]) -> float:
    return min(cpu(work) for _ in range(3))


def census(folder: Path, children: int) -> Path:
    from attunement.records.made_up_returns import cin_census, made_up_people

    path = folder / f"{children}.xml"
    people = made_up_people(children, allocated_on=ALLOCATED, window_end=ENDED, worse=0.5, seed=1)
    path.write_bytes(cin_census(people, year=2026, reference=date(2026, 3, 31), made=TAKEN))
    return path


def derived(path: Path) -> None:
    """Read, check, derive."""
    from attunement.records import derive, read, to_histories

    returned = read(path)
    assert returned.findings == ()
    found = to_histories(returned)
    ids = found.children["trial_id"]
    randomised = pl.DataFrame({"trial_id": ids, "t0": [ALLOCATED] * len(ids), "extract_date": [TAKEN] * len(ids)})
    derive(found.children, found.episodes, found.events, randomised)


def peer(path: Path, limit: float, rules: bool) -> float | None:
    """CPU seconds of the published validator's parse (and rules) in a process of its own; None where it passed `limit`."""
    code = f"""
import resource, sys, time, xml.etree.ElementTree as ET
from {PEER}.ingress import XMLtoCSV
resource.setrlimit(resource.RLIMIT_CPU, ({math.ceil(limit)}, {math.ceil(limit) + 5}))
start = time.process_time()
tables = XMLtoCSV(ET.parse(sys.argv[1]).getroot())
if {rules}:
    from {PEER}.cin_validator import CinValidator
    from {PEER}.rules.cin2022_23 import registry
    CinValidator(tables, registry)
print(time.process_time() - start)
"""
    try:
        done = subprocess.run(
            [PEER_PYTHON or sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True,
            env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        )
    except subprocess.CalledProcessError as stopped:
        if stopped.returncode == -signal.SIGXCPU:
            return None
        raise
    return float(done.stdout)


def beside(own: float, path: Path, goal: int, rules: bool) -> str:
    """The ratio to the peer, which is stopped at 1.3 times the goal."""
    if not PEER_PYTHON and importlib.util.find_spec(PEER) is None:
        return f"{own:.3f} s; peer not installed"
    limit = 1.3 * goal * own
    taken = peer(path, limit, rules)
    return f"{own:.3f} s, {1.3 * goal:.0f} × or more" if taken is None else f"{own:.3f} s, {taken / own:.0f} ×"


def in_own_process(path: Path) -> tuple[float, float]:
    """CPU seconds and peak memory in MB of reading `path` to tables."""
    command = [sys.executable, "-c", _IN_A_PROCESS_OF_ITS_OWN, str(path)]
    first = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    return float(first[0]), float(first[1])


def lists(shown: Table, folder: Path) -> None:
    from openpyxl import load_workbook

    from attunement.records import read
    from attunement.records.made_up_lists import annex_a
    from attunement.records.made_up_returns import made_up_people

    people = made_up_people(ROWS_OF_LISTS // 5, allocated_on=ALLOCATED, window_end=ENDED, worse=0.5, seed=1)
    path = folder / "lists.xlsx"
    path.write_bytes(annex_a(people, taken=date(2026, 3, 31)))
    content = path.read_bytes()

    def by_openpyxl() -> int:
        book = load_workbook(io.BytesIO(content), read_only=True)
        return sum(len([list(row) for row in sheet.iter_rows(values_only=True)]) for sheet in book.worksheets)

    own, other = best(lambda: read(path).tables), best(by_openpyxl)
    rows = sum(table.height for table in read(path).tables.values())
    shown.add_row(
        f"Annex A, {rows:,} rows, to typed tables, beside openpyxl read-only",
        f"{own:.3f} s, {other / own:.1f} ×",
        "≥ 8 ×",
    )


def bench(shown: Table) -> None:
    from attunement.records import read

    with tempfile.TemporaryDirectory(prefix="attunement-bench-") as name:
        folder = Path(name)
        read(census(folder, 100)).findings  # noqa: B018
        for children, goal in SIZES.items():
            path = census(folder, children)
            own = best(lambda path=path: read(path).tables)
            shown.add_row(
                f"CIN XML of {children:,} children to typed tables", beside(own, path, goal, False), f"≥ {goal} ×"
            )
        for children, goal in CHECKED.items():
            path = folder / f"{children}.xml"
            own = best(lambda path=path: derived(path))
            shown.add_row(
                f"… read, checked, outcomes derived, {children:,}", beside(own, path, goal, True), f"≥ {goal} ×"
            )
        small, _ = in_own_process(folder / "3000.xml")
        large, memory = in_own_process(census(folder, 30_000))
        shown.add_row("3,000 to 30,000 children, time", f"{large / small:.1f} ×", "≤ 11 ×")
        shown.add_row("Peak memory at 30,000 children", f"{memory:.0f} MB", "≤ 200 MB")
        lists(shown, folder)
