"""Bootstraps of cost and effect together, beside the plain loop that everybody writes first."""

from __future__ import annotations

import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import polars as pl
from rich.table import Table

from attunement import cost
from attunement.cost.trial import complete, strata

DATA = Path(__file__).parent.parent / "tests" / "data" / "cost"
DRAWS, PLAIN = 5000, 250
NAMES = {"cost": "cost", "effect": "qaly", "arm": "arm"}
MORE = {"covariates_cost": ["first", "age_weeks", "site"], "covariates_effect": ["utility0", "site"]}


def families() -> pl.DataFrame:
    """252 families with nothing missing: the first imputed set."""
    trial = pl.read_csv(DATA / "cost_trial.csv", null_values="NA").drop("utility0", "cost", "qaly")
    filled = pl.read_csv(DATA / "cost_trial_imputed.csv").filter(pl.col("imputation") == 1).drop("imputation")
    return trial.join(filled, on="id", how="left", maintain_order="left")


def seconds(work: Callable[[], object]) -> float:
    before = time.process_time()
    work()
    return time.process_time() - before


def plain(frame: pl.DataFrame, draws: int) -> None:
    """One resample after the other in NumPy: least squares twice, then one step of generalised least squares."""
    whole = complete(frame, ["cost", "qaly", "arm", "site"])
    dummies = [(whole["site"] == site).to_numpy().astype(float) for site in sorted(set(whole["site"]))[1:]]
    one, arm = np.ones(whole.height), whole["arm"].to_numpy().astype(float)
    first = np.column_stack([one, arm, whole["first"].to_numpy(), whole["age_weeks"].to_numpy(), *dummies])
    second = np.column_stack([one, arm, whole["utility0"].to_numpy(), *dummies])
    y = (whole["cost"].to_numpy() / 1000, whole["qaly"].to_numpy())
    layers, chance = strata(whole["arm"].to_list(), whole["site"].to_list()), np.random.default_rng(1)
    for _draw in range(draws):
        rows = np.concatenate([chance.choice(layer, layer.size) for layer in layers])
        sides = (first[rows], second[rows])
        left = [of[rows] - side @ np.linalg.lstsq(side, of[rows], rcond=None)[0]
                for side, of in zip(sides, y, strict=True)]  # fmt: skip
        free = np.sqrt([rows.size - side.shape[1] for side in sides])
        weight = np.linalg.inv(np.array([[a @ b for b in left] for a in left]) / np.outer(free, free))
        blocks = [[weight[i, j] * sides[i].T @ sides[j] for j in (0, 1)] for i in (0, 1)]
        right = [sum(weight[i, j] * sides[i].T @ y[j][rows] for j in (0, 1)) for i in (0, 1)]
        np.linalg.solve(np.block(blocks), np.concatenate(right))


def bench(shown: Table) -> None:
    frame = families()
    cost.resample(frame, **NAMES, **MORE, site="site", draws=2)
    ours = seconds(lambda: cost.resample(frame, **NAMES, **MORE, site="site", draws=DRAWS))
    shown.add_row(f"{DRAWS:,} stratified bootstraps of cost and effect, 252 families", f"{ours:.2f} s CPU", "2 s")
    one_by_one = seconds(lambda: plain(frame, PLAIN)) * DRAWS / PLAIN
    shown.add_row(f"… the plain NumPy loop (from {PLAIN}) to ours", f"{one_by_one / ours:.0f} ×", "≥ 3.75 ×")
    if find_spec("linearmodels") is None:
        shown.add_row("… linearmodels' SUR to ours", "peer not installed", "")
    shown.add_row("Difference in cost, 5,000 draws, with the gamma model",
                  f"{seconds(lambda: cost.difference(frame)):.2f} s CPU", "0.5 s")  # fmt: skip
