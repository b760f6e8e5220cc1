"""`make calibrate`: type I error, coverage and power of the trial's analyses by simulation, beside what they should be.

`python -m benches.calibrate [TRIALS]`, 100,000 trials a cell unless said; a second line of figures shows which rule to
take where the practitioner variance is estimated as zero.
"""

from __future__ import annotations

import sys

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from attunement.impact import Design, power, randomisation_test
from attunement.impact.simulation import made, quick
from attunement.impact.simulation.planned import ANALYSES
from attunement.impact.simulation.tally import columns, exceeds

ALL = tuple(ANALYSES)
SEED = 20_261_122


def type_one(trials: int) -> Table:
    shown = Table("ICC", "Analysis", "Type I error", "Coverage", "Zero variance", "Goal", title="No effect, 252 families")
    goals = {"ancova": ("5.0%", "6.8%", "8.6%"), "partially_nested": ("4.4%", "4.8%", "5.0%")}
    for at, icc in enumerate(track((0.0, 0.05, 0.1), "type I error", console=Console(stderr=True))):
        found = power(Design(252, icc=icc, analyses=ALL), replicates=trials, seed=SEED + at).found
        for name, one in found.items():
            goal = f"4.2–5.3%, 94–96% ({goals[name][at]})" if name == "partially_nested" else goals.get(name, ("",) * 3)[at]
            shown.add_row(f"{icc:.2f}", ANALYSES[name], f"{one.rejection:.2%} ± {1.96 * one.error:.2%}",
                          f"{one.coverage:.2%}", f"{one.boundary:.1%}", goal)
    return shown


def powers(trials: int) -> Table:
    shown = Table("Families", "Analysis", "Power at 0.3 SD", "Known", title="ICC .05")
    for at, (families, known) in enumerate(((128, 0.381), (252, 0.625), (400, 0.789))):
        found = power(Design(families, effect=0.3, analyses=ALL), replicates=trials, seed=SEED + 10 + at).found
        for name, one in found.items():
            shown.add_row(str(families), ANALYSES[name], f"{one.rejection:.2%} ± {1.96 * one.error:.2%}",
                          f"{known:.1%}" if name == "partially_nested" else "")
    return shown


def boundary(trials: int) -> Table:
    """Type I error among trials whose practitioner variance is estimated as zero, and overall."""
    shown = Table("Families", "Practitioners", "ICC", "Zero variance", "There: Satterthwaite", "Kenward-Roger",
                  "Overall: Satterthwaite", "By rule", "Kenward-Roger", title="No effect: which rule at zero variance")
    cells = [(n, k, icc) for n, k in ((252, 20), (252, 10), (120, 6), (120, 4), (120, 2)) for icc in (0.0, 0.05, 0.1)]
    for families, practitioners, icc in track(cells, "zero variance", console=Console(stderr=True)):
        design = Design(families, sites=4 if practitioners >= 4 else 2, practitioners=practitioners, icc=icc)
        size = made.chunk_size(design)
        results = np.concatenate([quick.analyse(design, made.make(design, SEED + 20, at, size))
                                  for at in range(-(-trials // size))])
        zero = results[:, -1] == 0
        one, other, rule = (exceeds(*columns(results, name)) for name in ALL[:3])
        shares = (zero, one[zero], other[zero], one, rule, other)
        shown.add_row(str(families), str(practitioners), f"{icc:.2f}", *(f"{share.mean():.2%}" for share in shares))
    return shown


def sharp_null(trials: int) -> Table:
    """Under the sharp null the randomisation test rejects 5 % exactly, whatever the practitioners do."""
    shown = Table("Scheme", "Type I error of the randomisation test", "Goal", title="No effect on anybody")
    count = max(200, trials // 100)
    for scheme in ("blocks:4", "big_stick:3"):
        design = Design(60, sites=2, practitioners=4, icc=0.0, scheme=scheme)
        rejected = 0
        for at in track(range(-(-count // 200)), scheme, console=Console(stderr=True)):
            trial = made.make(design, SEED + 30, at, 200)
            for which in range(200):
                data = made.frame(design, trial, which)
                fit = randomisation_test(data, outcome="outcome", arm="arm", covariates=["baseline"], site="site",
                                         scheme=scheme, replicates=199, seed=SEED + at * 200 + which)
                rejected += fit.effect.p is not None and fit.effect.p <= 0.05
        total = 200 * -(-count // 200)
        share = rejected / total
        shown.add_row(scheme, f"{share:.2%} ± {1.96 * (share * (1 - share) / total) ** 0.5:.2%}", "≤ 5%, and near it")
    return shown


def main(argv: list[str]) -> int:
    trials = int(argv[0]) if argv else 100_000
    console = Console()
    for part in (type_one, powers, boundary, sharp_null):
        console.print(part(trials))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
