"""The estimators beside R: multiple imputation, and everything that a study's statistician asks for."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from rich.table import Table

from benches import peers

DATA = Path(__file__).parent.parent / "tests" / "data" / "impact" / "vigsim.csv"
MODEL: dict[str, Any] = {"arm": "arm", "covariates": ["y0"], "site": "site"}
MICE = """
suppressMessages(library(mice)); d <- read.csv("%s", na.strings = "NA"); d$site <- factor(d$site)
once <- function(seed) {
  sets <- lapply(0:1, function(a) mice(d[d$arm == a, c("y1", "y0", "site")], m = 100, method = c("norm", "", ""),
                                       maxit = 1, printFlag = FALSE, seed = seed + a))
  r <- sapply(1:100, function(k) {
    x <- rbind(cbind(complete(sets[[1]], k), arm = 0), cbind(complete(sets[[2]], k), arm = 1))
    m <- lm(y1 ~ arm + y0 + site, data = x); c(coef(m)[["arm"]], vcov(m)["arm", "arm"]) })
  pool.scalar(r[1, ], r[2, ], n = nrow(d), k = 6)$qbar
}
once(1); t <- proc.time(); for (i in 1:3) once(i); cat(sum((proc.time() - t)[1:2]) / 3)
"""


def bench(shown: Table) -> None:
    trial = pl.read_csv(DATA, null_values="NA")
    ours, theirs = imputation(trial), mice()
    beside = peers.MISSING if theirs is None else f"mice + lm + pool {theirs:.2f} s: {theirs / ours:,.0f} ×"
    shown.add_row(
        "Multiple imputation, m = 100, by arm, fitted and pooled", f"{1000 * ours:.2f} ms ({beside})", "≥ 500 ×"
    )
    study(made_up(400))
    shown.add_row("Everything for a study of 400 families", f"{cpu(lambda: study(made_up(400))):.2f} s", "≤ 3 s")
    small, large = (cpu(lambda n=n: study(made_up(n))) for n in (400, 1600))
    shown.add_row("… of 1,600 families, beside one of 400", f"{large / small:.1f} ×", "≤ 4.2 ×")


def cpu(work: Callable[[], object], times: int = 1) -> float:
    """CPU seconds of this process for `work`, a time."""
    before = time.process_time()
    for _time in range(times):
        work()
    return (time.process_time() - before) / times


def imputation(trial: pl.DataFrame) -> float:
    from attunement.impact import impute

    def once() -> None:
        impute(trial, outcome="y1", m=100, seed=1, **MODEL).pooled()

    once()
    return min(cpu(once, 100) for _round in range(5))


def mice() -> float | None:
    """CPU seconds of R for the same, or None where R or mice is not installed."""
    program = peers.rscript()
    if program is None:
        return None
    with tempfile.NamedTemporaryFile("w", suffix=".R") as script:
        script.write(MICE % DATA)
        script.flush()
        told = subprocess.run([program, "--vanilla", script.name], capture_output=True, text=True, check=False)
    return float(told.stdout.split()[-1]) if told.returncode == 0 and told.stdout.strip() else None


def made_up(families: int, seed: int = 1) -> pl.DataFrame:
    """A trial of the kind the estimators are for, with every sort of outcome."""
    chance = np.random.default_rng(seed)
    arm, site = np.arange(families) % 2, np.arange(families) // 2 % 4
    base = chance.normal(30, 8, families)
    kind = 0.05 * (base - 30) + 0.3 * arm
    held = np.where(arm == 1, chance.integers(0, 12, families), 0)
    factor = chance.normal(0, 1, families)
    columns: dict[str, Any] = {
        "id": np.arange(families), "arm": arm, "site": [f"site {s}" for s in site], "y0": base,
        "practitioner": [f"p{s}-{p}" for s, p in zip(site, chance.integers(0, 5, families), strict=True)],
        "first": chance.integers(0, 2, families), "dose": held, "months": chance.uniform(3, 7, families),
        "cpp": (chance.random(families) < 1 / (1 + np.exp(1 + kind))).astype(int),
        "level": np.digitize(kind + chance.logistic(size=families), [-1, 0, 1]),
        "count": chance.poisson(np.exp(kind) * chance.gamma(2, 0.5, families)),
        "time": np.ceil(chance.uniform(1, 180, families)), "event": chance.integers(0, 2, families),
    } | {f"q{i}": np.rint(3 + factor + chance.normal(0, 1, families)) for i in range(10)}  # fmt: skip
    lost = chance.random(families) < 0.25
    for outcome in range(4):
        score = 15 + base / 2 + 2 * arm + chance.normal(0, 7, families)
        columns[f"y{outcome + 1}"] = np.where(lost, np.nan, score)
    return pl.DataFrame(columns)


def study(data: pl.DataFrame) -> None:
    """All tables of a study: four scales, records, imputation, re-allocation and bootstrap."""
    from attunement import impact

    items = [f"q{i}" for i in range(10)]
    impact.balance(data, arm="arm", covariates=["y0", "first", "site"])
    for outcome in ("y1", "y2", "y3", "y4"):
        asked = {"outcome": outcome, **MODEL}
        impact.partially_nested(data, practitioner="practitioner", df="kenward_roger", **asked)
        for se in ("classical", "hc2"):
            impact.ancova(data, se=se, **asked)  # type: ignore[arg-type]
        impact.ancova(data, adjust="lin", **asked)
        impact.effect_size(data, **asked)
        impact.attrition(data, **asked)
        impact.cace(data, dose="dose", at_least=6, **asked)
        impact.subgroup(data, moderator="first", **asked)
        impact.subgroup(data, moderator="site", **asked)
        impact.tipping_point(impact.impute(data, m=100, seed=1, **asked))
        impact.reference_based(data, "j2r", m=100, seed=1, **asked).pooled()
        impact.icc(data.filter(pl.col("arm") == 1), outcome=outcome, group="practitioner")
    impact.risk(data, outcome="cpp", **MODEL)
    impact.ordinal(data, outcome="level", **MODEL)
    for family in ("poisson", "negative_binomial"):
        impact.rate(data, outcome="count", exposure="months", family=family, **MODEL)  # type: ignore[arg-type]
    impact.time_to_event(data, time="time", event="event", arm="arm", covariates=["y0"], strata="site")
    impact.reliability(data, items=items)
    impact.one_factor(data, items=items)
    impact.invariance(data, items=items, group="arm")
    impact.randomisation_test(data, outcome="y1", scheme="blocks:4", replicates=10_000, seed=1, **MODEL)
    impact.bootstrap(data, outcome="y1", replicates=10_000, seed=1, **MODEL)
    impact.holm([0.01, 0.02, 0.03, 0.04])
