"""`make calibrate`: type I error, coverage and power of the trial's analyses by simulation, beside what they should be.

`python -m benches.calibrate [TRIALS] [--scheduler ADDRESS]`, 100,000 trials a cell unless said, on all processors here or
on a Dask cluster: the same numbers either way. A further table shows which rule to take where the practitioner variance
is estimated as zero.
"""

from __future__ import annotations

import argparse
import sys
from functools import partial

import numpy as np
import polars as pl
from rich.console import Console
from rich.progress import track
from rich.table import Table

from attunement.impact import Design, ancova, impute, power, randomisation_test
from attunement.impact.simulation import made, quick
from attunement.impact.simulation.planned import ANALYSES
from attunement.impact.simulation.spread import spread
from attunement.impact.simulation.tally import columns, exceeds

ALL = tuple(ANALYSES)
SEED = 20_261_122
FAMILIES, EFFECT = 252, 0.3


def type_one(trials: int, scheduler: str | None) -> Table:
    shown = Table("ICC", "Analysis", "Type I error", "Coverage", "Zero variance", "Goal", title="No effect, 252 families")
    goals = {"ancova": ("5.0%", "6.8%", "8.6%"), "partially_nested": ("4.4%", "4.8%", "5.0%")}
    for at, icc in enumerate(track((0.0, 0.05, 0.1), "type I error", console=Console(stderr=True))):
        found = power(Design(252, icc=icc, analyses=ALL), replicates=trials, seed=SEED + at, scheduler=scheduler).found
        for name, one in found.items():
            goal = f"4.2–5.3%, 94–96% ({goals[name][at]})" if name == "partially_nested" else goals.get(name, ("",) * 3)[at]
            shown.add_row(f"{icc:.2f}", ANALYSES[name], f"{one.rejection:.2%} ± {1.96 * one.error:.2%}",
                          f"{one.coverage:.2%}", f"{one.boundary:.1%}", goal)
    return shown


def powers(trials: int, scheduler: str | None) -> Table:
    shown = Table("Families", "Analysis", "Power at 0.3 SD", "Known", title="ICC .05")
    for at, (families, known) in enumerate(((128, 0.381), (252, 0.625), (400, 0.789))):
        design = Design(families, effect=0.3, analyses=ALL)
        found = power(design, replicates=trials, seed=SEED + 10 + at, scheduler=scheduler).found
        for name, one in found.items():
            shown.add_row(str(families), ANALYSES[name], f"{one.rejection:.2%} ± {1.96 * one.error:.2%}",
                          f"{known:.1%}" if name == "partially_nested" else "")
    return shown


def boundary(trials: int, scheduler: str | None) -> Table:
    """Type I error among trials whose practitioner variance is estimated as zero, and overall."""
    shown = Table("Families", "Practitioners", "ICC", "Zero variance", "There: Satterthwaite", "Kenward-Roger",
                  "Overall: Satterthwaite", "By rule", "Kenward-Roger", title="No effect: which rule at zero variance")
    cells = [(n, k, icc) for n, k in ((252, 20), (252, 10), (120, 6), (120, 4), (120, 2)) for icc in (0.0, 0.05, 0.1)]
    for families, practitioners, icc in track(cells, "zero variance", console=Console(stderr=True)):
        design = Design(families, sites=4 if practitioners >= 4 else 2, practitioners=practitioners, icc=icc)
        jobs = [(at,) for at in range(-(-trials // made.chunk_size(design)))]
        with spread(partial(analysed, design), jobs, scheduler) as parts:
            results = np.concatenate(list(parts))
        zero = results[:, -1] == 0
        one, other, rule = (exceeds(*columns(results, name)) for name in ALL[:3])
        shares = (zero, one[zero], other[zero], one, rule, other)
        shown.add_row(str(families), str(practitioners), f"{icc:.2f}", *(f"{share.mean():.2%}" for share in shares))
    return shown


def analysed(design: Design, at: int) -> np.ndarray:
    """What the analyses say of every trial of one chunk."""
    parts = made.pieces(design, SEED + 20, at, made.chunk_size(design))
    return np.concatenate([quick.analyse(design, part) for part in parts])


def sharp_null(trials: int, scheduler: str | None) -> Table:
    """Under the sharp null the randomisation test rejects 5 % exactly, whatever the practitioners do."""
    shown = Table("Scheme", "Type I error of the randomisation test", "Goal", title="No effect on anybody")
    count = max(200, trials // 100)
    for scheme in ("blocks:4", "big_stick:3"):
        with spread(rejected_of, [(scheme, at) for at in range(-(-count // 200))], scheduler) as parts:
            rejected = sum(track(parts, scheme, total=-(-count // 200), console=Console(stderr=True)))
        total = 200 * -(-count // 200)
        share = rejected / total
        shown.add_row(scheme, f"{share:.2%} ± {1.96 * (share * (1 - share) / total) ** 0.5:.2%}", "≤ 5%, and near it")
    return shown


def rejected_of(scheme: str, at: int) -> int:
    """How many of 200 trials without any effect the randomisation test rejects."""
    design = Design(60, sites=2, practitioners=4, icc=0.0, scheme=scheme)
    trial, rejected = made.make(design, SEED + 30, at, 200), 0
    seeds = np.random.SeedSequence(SEED + 30, spawn_key=(at,)).generate_state(200)
    for which, seed in enumerate(seeds):
        fit = randomisation_test(made.frame(design, trial, which), outcome="outcome", arm="arm", covariates=["baseline"],
                                 site="site", scheme=scheme, replicates=199, seed=int(seed))
        rejected += fit.effect.p is not None and fit.effect.p <= 0.05
    return rejected


def missing_at_random(trials: int, scheduler: str | None) -> Table:
    """Who is lost depends on the baseline, and so does the effect: complete cases mislead."""
    shown = Table("Analysis", "Bias (SD)", "Coverage", "Mean SE", "SD of estimates", "Goal",
                  title=f"Missing at random, {FAMILIES} families, effect {EFFECT} SD")
    count = max(500, trials // 10)
    jobs = [(250, SEED + 40, at) for at in range(-(-count // 250))]
    with spread(imputed, jobs, scheduler) as parts:
        found = list(track(parts, "missing at random", total=len(jobs), console=Console(stderr=True)))
    for name in found[0]:
        value, se, covered = np.concatenate([part[name] for part in found]).T
        bias, error = value.mean() - EFFECT, value.std(ddof=1) / value.size**0.5
        shown.add_row(name, f"{bias:+.4f} ± {1.96 * error:.4f}", f"{covered.mean():.2%}", f"{se.mean():.4f}",
                      f"{value.std(ddof=1):.4f}", "no bias, 94–96%" if name.startswith("Multiple") else "")
    return shown


def imputed(count: int, seed: int, chunk: int = 0) -> dict[str, np.ndarray]:
    """(count, 3) by analysis: value, standard error, whether the interval holds the true effect."""
    names = ("Multiple imputation by arm, m = 20", "ANCOVA, complete cases")
    found: dict[str, list[tuple[float, float, bool]]] = {name: [] for name in names}
    asked = {"outcome": "outcome", "arm": "arm", "covariates": ["baseline"]}
    arm = np.arange(FAMILIES) % 2
    for at in range(count):
        own = np.random.SeedSequence(seed, spawn_key=(chunk, at))
        chance = np.random.Generator(np.random.Philox(own))
        baseline = chance.standard_normal(FAMILIES)
        outcome = EFFECT * arm + np.where(arm == 1, 0.2, 0.8) * baseline + 0.7 * chance.standard_normal(FAMILIES)
        lost = chance.random(FAMILIES) < 1 / (1 + np.exp(1.2 + 1.2 * baseline))
        data = pl.DataFrame({"arm": arm, "baseline": baseline, "outcome": np.where(lost, np.nan, outcome)})
        pooled = impute(data, m=20, seed=int(own.generate_state(1)[0]), **asked).pooled()
        for name, one in zip(found, (pooled, ancova(data, **asked).effect), strict=True):
            value, low, high = one.span
            found[name].append((value, one.se or 0.0, low <= EFFECT <= high))
    return {name: np.array(rows, dtype=np.float64) for name, rows in found.items()}


def main(argv: list[str]) -> int:
    words = argparse.ArgumentParser(prog="python -m benches.calibrate", description="error rates by simulation")
    words.add_argument("trials", type=int, nargs="?", default=100_000)
    words.add_argument("--scheduler", metavar="ADDRESS", help="a Dask cluster to run on")
    asked = words.parse_args(argv)
    console = Console()
    for part in (type_one, powers, boundary, sharp_null, missing_at_random):
        console.print(part(asked.trials, asked.scheduler))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
