"""Made-up trials: who is allocated where, who is lost, and the chance in every score."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from attunement.allocation import rerandomise
from attunement.impact.edge import Floats
from attunement.impact.simulation.planned import Design

Whole = NDArray[np.int64]
_CHUNK = 2_000
_SHARES = 1 << 16
_CACHED = 50_000


@dataclass(frozen=True)
class Trials:
    """T trials of n families. `arm` and `kept` (T, n) bytes of 0/1; `baseline` and `rest` (kept.sum(),) standard
    normal draws for those kept, trial after trial; `starts` (T + 1,) where each trial's draws begin; `practitioner`
    (T, practitioners) the practitioners' effects."""

    arm: NDArray[np.int8]
    kept: NDArray[np.int8]
    baseline: Floats
    rest: Floats
    starts: Whole
    practitioner: Floats


def chunk_size(design: Design) -> int:
    """How many trials share a random stream: part of what a seed means, so it hangs on the design alone."""
    return max(20, min(_CHUNK, 2_000_000 // design.families))


def make(design: Design, seed: int, chunk: int, trials: int) -> Trials:
    """The first `trials` of one chunk, all at once: as `pieces`."""
    return next(pieces(design, seed, chunk, trials, trials))


def pieces(design: Design, seed: int, chunk: int, trials: int, step: int | None = None) -> Iterator[Trials]:
    """The first `trials` of one chunk, `step` at a time (as many as the processor's cache holds, unless said): a pure
    function of its arguments, the same trials whatever `trials` and `step` are.

    Philox streams from spawned seed sequences (Salmon and others 2011), one for each kind of chance; the allocations
    run by the scheme's own rule. Who is lost never has a score drawn: lost at random, it could not
    be seen. The share lost is exact to 1 in 65,536.
    """
    allotting, *seeds = np.random.SeedSequence(seed, spawn_key=(chunk,)).spawn(5)
    losing, staffing, before, after = (np.random.Generator(np.random.Philox(one)) for one in seeds)
    lots = int(allotting.generate_state(1, np.uint64)[0])
    arm = np.ascontiguousarray(rerandomise(design.rule, design.site.tolist(), chunk_size(design), lots)[:trials])
    # even, so that what is lost is drawn in whole words
    step = step or max(2, _CACHED // design.families // 2 * 2)
    for first in range(0, trials, step):
        own = arm[first : first + step]
        count = own.shape[0]
        points = np.frombuffer(losing.bytes(2 * own.size), dtype="<u2").reshape(own.shape)
        kept = (points >= round(design.dropout * _SHARES)).view(np.int8)
        starts = np.concatenate([[0], np.cumsum(kept.sum(axis=1, dtype=np.int64))])
        practitioner = staffing.standard_normal((count, design.practitioners)) * np.sqrt(design.icc)
        baseline, rest = (chance.standard_normal(int(starts[-1])) for chance in (before, after))
        yield Trials(own, kept, baseline, rest, starts, practitioner)


def assigned(design: Design, arm: NDArray[np.int8]) -> Whole:
    """The practitioner of each family of arm 1, in turn within its site; -1 in arm 0. Shape of `arm`, (T, n)."""
    first, count = design.staff
    place = np.empty(arm.shape, dtype=np.int64)
    for site in range(design.sites):
        here = np.flatnonzero(design.site == site)
        turn = np.cumsum(arm[:, here], axis=1, dtype=np.int64) - 1
        place[:, here] = first[site] + turn % count[site]
    return np.where(arm == 1, place, -1)


def scored(design: Design, made: Trials, place: Whole) -> tuple[Floats, Floats]:
    """Baseline and outcome of those kept, in the order of the draws."""
    kept = made.kept.astype(np.bool_)
    arm, staff = made.arm[kept], place[kept]
    trial = np.nonzero(kept)[0]
    y = design.baseline_correlation * made.baseline + np.sqrt(1 - design.baseline_correlation**2) * made.rest
    if design.cuts.size:
        y = y + np.where(arm == 1, made.practitioner[trial, staff], 0.0)
        return made.baseline, (y > design.cuts[arm]).astype(np.float64)
    return made.baseline, y + np.where(arm == 1, design.effect + made.practitioner[trial, staff], 0.0)


def frame(design: Design, made: Trials, trial: int) -> pl.DataFrame:
    """One of the trials as a statistician would get it: family, site, arm, practitioner, baseline, outcome."""
    place = assigned(design, made.arm)
    x, y = scored(design, made, place)
    kept = made.kept[trial].astype(np.bool_)
    own = slice(made.starts[trial], made.starts[trial + 1])
    columns = {"baseline": np.full(design.families, np.nan), "outcome": np.full(design.families, np.nan)}
    columns["baseline"][kept], columns["outcome"][kept] = x[own], y[own]
    staff = [None if k < 0 else f"P{k + 1}" for k in place[trial]]
    names = {"family": np.arange(design.families), "site": [f"S{s + 1}" for s in design.site], "arm": made.arm[trial]}
    table = pl.DataFrame({**names, "practitioner": staff, **columns})
    return table.with_columns(pl.col("baseline", "outcome").fill_nan(None))
