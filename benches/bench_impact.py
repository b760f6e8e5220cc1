"""The impact engine beside R: trials simulated and fitted, re-allocations, one fit; CPU of one core, one run."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from rich.table import Table

from benches import peers

MODEL = {"outcome": "outcome", "arm": "arm", "covariates": ["baseline"], "site": "site"}


def bench(shown: Table) -> None:
    from attunement.impact import Design, partially_nested, power, randomisation_test
    from attunement.impact.simulation import made

    design = Design(252)
    data = made.frame(design, made.make(design, 1, 0, 1), 0)
    peer = _peer()
    power(design, replicates=10)

    def nested() -> None:
        partially_nested(data, practitioner="practitioner", df="kenward_roger", **MODEL).tidy()

    def lots() -> None:
        randomisation_test(data, scheme="blocks:4", replicates=10_000, **MODEL)

    trials = 20_000
    one = _cpu(lambda: power(design, replicates=trials, workers=1)) / trials
    other = _cpu(lambda: power(Design(252, analyses=("ancova",)), replicates=trials, workers=1)) / trials
    shown.add_row("Partially nested + Satterthwaite, trials per CPU-second", f"{1 / one:,.0f}", "≥ 47,000")
    shown.add_row("… beside an lmerTest loop", _ratio(peer, "nested", one), "≥ 2,000 ×")
    shown.add_row("ANCOVA power, trials per CPU-second", f"{1 / other:,.0f}", "≥ 90,000")
    shown.add_row("… beside an R lm loop", _ratio(peer, "ancova", other), "≥ 200 ×")
    again = _cpu(lots)
    shown.add_row("10,000 re-allocations with ANCOVA t", f"{1000 * again:.0f} ms", "40 ms")
    shown.add_row("… beside an R loop", _ratio(peer, "reallocation", again), "≥ 250 ×")
    fit = _cpu(nested)
    shown.add_row("One fit with Kenward-Roger, from frame to tidy", f"{1000 * fit:.1f} ms", "5–7 ms")
    shown.add_row("… beside lmerTest + pbkrtest", _ratio(peer, "kenward_roger", fit), "≥ 10 ×")
    begun = time.perf_counter()
    power(design, replicates=100_000, workers=2)
    shown.add_row("100,000 partially nested trials, two cores, by the clock", f"{time.perf_counter() - begun:.1f} s", "4 s")
    for replicates in (1_000, 10_000, 100_000, 1_000_000):
        spent = _cpu(lambda count=replicates: power(design, replicates=count, workers=1), times=1)
        shown.add_row(f"… {replicates:,} trials, CPU a trial", f"{1e6 * spent / replicates:.1f} µs", "the same")
    for families in (252, 1_008, 4_032):
        spent = _cpu(lambda many=families: power(Design(many), replicates=2_000, workers=1), times=2)
        shown.add_row(f"… {families:,} families, CPU a family", f"{1e9 * spent / 2_000 / families:.0f} ns", "the same")


def _cpu(work: Callable[[], object], times: int = 9) -> float:
    best = float("inf")
    for _time in range(times):
        before = time.process_time()
        work()
        best = min(best, time.process_time() - before)
    return best


def _peer() -> dict[str, float]:
    """CPU seconds an item of R's loops; empty where R or one of its packages is not there."""
    program = peers.rscript()
    if program is None:
        return {}
    ran = subprocess.run([program, str(Path(__file__).with_name("impact_peer.R"))], capture_output=True, text=True,
                         check=False)
    rows = (line.split() for line in ran.stdout.splitlines())
    return {row[0]: float(row[1]) for row in rows if len(row) == 2}


def _ratio(peer: dict[str, float], name: str, ours: float) -> str:
    return f"{peer[name] / ours:,.0f} ×" if name in peer else peers.MISSING
