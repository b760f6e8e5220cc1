"""Made-up trials and rehearsed programmes with a known truth: how often limits, ratio and acceptability curve hold it.

Two thousand trials of each truth, then forty rehearsals: `python -m tests.cost.known_truth`; another number of trials as
first argument, a seed as second, another number of rehearsals as third.
"""

from __future__ import annotations

import sys

import numpy as np
import polars as pl
from rich.console import Console
from rich.progress import track

from attunement import cost
from tests.rehearsal.costed import POINTS_A_SD, holds, programme

NAMES = {"cost": "cost", "effect": "qaly", "arm": "arm"}
TRUTHS = {"dearer and better": (600.0, 0.03), "dearer, no better": (600.0, 0.0), "cheaper and worse": (-600.0, -0.03),
          "cheaper and better": (-600.0, 0.03)}  # fmt: skip
AT = 20_000.0
"""Pounds a unit of effect: the true ratio of the first and the third truth."""


def trial(chance: np.random.Generator, dearer: float, better: float) -> pl.DataFrame:
    """A trial of 252 families: skewed costs and outcomes that go together, over four sites."""
    arm, site = np.arange(252) % 2, np.arange(252) // 2 % 4
    shared = chance.normal(size=252)
    spent = chance.gamma(2.0, 1500, 252) - 800 * shared + dearer * arm + 200 * site
    return pl.DataFrame({"arm": arm, "site": [f"S{n}" for n in site], "cost": spent,
                         "qaly": 0.4 + 0.06 * shared + better * arm + chance.normal(0, 0.05, 252)})  # fmt: skip


def held(chance: np.random.Generator, dearer: float, better: float, trials: int) -> dict[str, float]:
    """Shares of `trials`: the 95 % limits of cost, effect and net benefit at AT that hold the truth; the curve at AT within
    .025 and .975 of what it should be (uniform where the truth is a net benefit of nought); ratios printed at all.
    """
    sums = dict.fromkeys(("cost", "effect", "net benefit", "ratio printed"), 0)
    curve, truth = [], AT * better - dearer
    for _trial in range(trials):
        found = cost.joint(trial(chance, dearer, better), **NAMES, covariates_cost=["site"])
        at = cost.decision(found, [AT]).choices[1]
        sums["cost"] += found.cost.low <= dearer <= found.cost.high
        sums["effect"] += found.effect.low <= better <= found.effect.high
        sums["net benefit"] += at.low <= truth <= at.high
        sums["ratio printed"] += found.ratio.value is not None
        curve.append(at.probability)
    shares = {name: n / trials for name, n in sums.items()}
    if truth == 0:
        shares["curve within .025 and .975"] = float(np.mean([0.025 <= one <= 0.975 for one in curve]))
        shares["curve's mean"] = float(np.mean(curve))
    return shares


def rehearsals(number: int, families: int = 120, effect: float = 0.3, first: int = 1000) -> dict[str, int]:
    """Of so many rehearsed programmes: in how many the limits of cost, effect and net benefit at the true ratio hold the
    truth, and the curve there lies within .025 and .975. Cost's truth is what a family is expected to use, with its own
    programme's share of the rest.
    """
    screen = Console(stderr=True)
    seeds = track(range(first, first + number), "Rehearsals", console=screen, disable=not screen.is_terminal)
    each = [programme(seed, effect, families) for seed in seeds]
    for one in each:
        assert one.summed == one.total, "the families' costs are the programme's, to the last fraction"
    found = holds(each, effect)
    return {name: sum(getattr(one, name) for one in found) for name in ("cost", "effect", "net_benefit", "curve")}


def main(trials: int = 2000, seed: int = 8, programmes: int = 40) -> None:
    chance = np.random.default_rng(seed)
    error = 196 * (0.95 * 0.05 / trials) ** 0.5
    print(f"{trials} trials a truth; 95 % is expected, give or take {error:.1f} points.")
    for name, (dearer, better) in TRUTHS.items():
        found = held(chance, dearer, better, trials)
        said = ", ".join(f"{what} {100 * n:.1f} %" for what, n in found.items())
        print(f"{name} ({dearer:g} pounds, {better:g}): {said}")
    if programmes:
        said = ", ".join(f"{what.replace('_', ' ')} {n}" for what, n in rehearsals(programmes).items())
        points = 0.3 * POINTS_A_SD
        print(f"{programmes} rehearsals of 120 families, {points:.2f} points put in; the truth is held by {said}.")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:4]))
