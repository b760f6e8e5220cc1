"""Odd data at every public door of the engine: `python -m tests.impact.odd_data [TRIALS] [SEED]`.

A made-up trial has up to three things wrong with it, drawn at random. Every door must then give a result whose figures
are numbers or None with a flag that says why, or one sentence of ours: never a NaN, a warning or somebody else's error.
"""

from __future__ import annotations

import json
import sys
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from math import inf, isfinite, nan
from typing import Any

import numpy as np
import polars as pl

from attunement import impact
from attunement.impact import figures

Chance = np.random.Generator
MODEL: dict[str, Any] = {"arm": "arm", "covariates": ["base"], "site": "site"}
ITEMS, LATER = ["q1", "q2", "q3", "q4"], ["r1", "r2", "r3", "r4"]
SCORES = ("y", "base", "dose", "months", "time", *ITEMS, *LATER)
OUTCOMES = (*SCORES, "yes", "level", "count", "event", "kind")


def trial(chance: Chance, families: int) -> pl.DataFrame:
    """A trial with every sort of outcome, and some of it missing."""
    n, arm = families, np.arange(families) % 2
    site = chance.integers(0, chance.integers(1, 6), n)
    base, factor = chance.normal(30, 8, n), chance.normal(0, 1, n)
    y = base / 2 + 2 * arm + chance.normal(0, 5, n)
    columns: dict[str, Any] = {
        "family": [f"F{i}" for i in range(n)], "arm": arm, "site": [f"site {s}" for s in site], "base": base, "y": y,
        "practitioner": [f"P{p}" if a else None for a, p in zip(arm, chance.integers(0, 6, n), strict=True)],
        "kind": chance.integers(0, 2, n), "dose": np.where(arm == 1, chance.integers(0, 12, n), 0).astype(float),
        "months": chance.uniform(3, 7, n), "yes": chance.integers(0, 2, n), "level": chance.integers(0, 4, n),
        "count": chance.poisson(2.0, n), "time": np.ceil(chance.uniform(1, 180, n)), "event": chance.integers(0, 2, n),
        "came": np.arange(n),
    } | {name: np.rint(3 + factor + chance.normal(0, 1, n)) for name in (*ITEMS, *LATER)}  # fmt: skip
    data = pl.DataFrame(columns, schema_overrides={"practitioner": pl.String, "family": pl.String, "site": pl.String})
    lost = pl.Series(chance.random(n) < 0.2, dtype=pl.Boolean)
    return data.with_columns(y=pl.when(lost).then(None).otherwise("y"))


def _put(data: pl.DataFrame, name: str, value: Any) -> pl.DataFrame:
    return data.with_columns(pl.lit(value).alias(name))


def _somewhere(data: pl.DataFrame, chance: Chance, name: str, value: Any) -> pl.DataFrame:
    here = pl.Series(chance.random(data.height) < 0.15, dtype=pl.Boolean)
    return data.with_columns(pl.when(here).then(pl.lit(value)).otherwise(pl.col(name)).alias(name))


Fault = Callable[[pl.DataFrame, Chance, str], pl.DataFrame]
FAULTS: dict[str, Fault] = {
    "nobody": lambda d, c, n: d.head(0),
    "one family": lambda d, c, n: d.head(1),
    "two families": lambda d, c, n: d.head(2),
    "few families": lambda d, c, n: d.head(int(c.integers(3, 12))),
    "all missing": lambda d, c, n: d.with_columns(pl.lit(None, dtype=pl.Float64).alias(n)),
    "all null": lambda d, c, n: _put(d, n, None),
    "all NaN": lambda d, c, n: _put(d, n, nan),
    "some missing": lambda d, c, n: _somewhere(d, c, n, None),
    "some NaN": lambda d, c, n: _somewhere(d, c, n, nan),
    "one infinite": lambda d, c, n: _somewhere(d, c, n, inf),
    "text": lambda d, c, n: _put(d, n, "many"),
    "text somewhere": lambda d, c, n: d.with_columns(pl.col(n).cast(pl.String)),
    "constant": lambda d, c, n: _put(d, n, 1.0),
    "zero": lambda d, c, n: _put(d, n, 0),
    "nearly constant": lambda d, c, n: d.with_columns((1 + 1e-14 * pl.col(n)).alias(n)),
    "huge": lambda d, c, n: d.with_columns((pl.col(n) * 1e150).alias(n)),
    "large": lambda d, c, n: d.with_columns((pl.col(n) * 1e60).alias(n)),
    "tiny": lambda d, c, n: d.with_columns((pl.col(n) * 1e-200).alias(n)),
    "far from zero": lambda d, c, n: d.with_columns((pl.col(n) + 1e9).alias(n)),
    "negative": lambda d, c, n: d.with_columns((-pl.col(n).cast(pl.Float64)).alias(n)),
    "halves": lambda d, c, n: d.with_columns((pl.col(n) + 0.5).alias(n)),
    "single precision": lambda d, c, n: d.with_columns(pl.col(n).cast(pl.Float32)),
    "decimal": lambda d, c, n: d.with_columns(pl.col(n).cast(pl.Decimal(20, 6))),
    "dates": lambda d, c, n: _put(d, n, __import__("datetime").date(2022, 1, 1)),
    "lists": lambda d, c, n: d.with_columns(pl.concat_list("came").alias(n)),
    "true and false": lambda d, c, n: d.with_columns((pl.col(n) > 1).alias(n)),
    "the arm itself": lambda d, c, n: d.with_columns(pl.col("arm").alias(n)),
    "the baseline itself": lambda d, c, n: d.with_columns((2 * pl.col("base") + 1).alias(n)),
    "only in arm 1": lambda d, c, n: d.with_columns(pl.when(pl.col("arm") == 1).then(n).alias(n)),
    "none in arm 1": lambda d, c, n: d.with_columns((pl.col(n) * (1 - pl.col("arm"))).alias(n)),
    "one value known": lambda d, c, n: d.with_columns(pl.when(pl.col("came") == 3).then(n).alias(n)),
    "two values known": lambda d, c, n: d.with_columns(pl.when(pl.col("came") < 2).then(n).alias(n)),
    "no such column": lambda d, c, n: d.drop(n),
    "a family twice": lambda d, c, n: pl.concat([d, d.head(1)]),
    "one arm": lambda d, c, n: d.filter(pl.col("arm") == int(c.integers(0, 2))),
    "three arms": lambda d, c, n: d.with_columns(arm=pl.col("came") % 3),
    "an arm unknown": lambda d, c, n: _somewhere(d, c, "arm", None),
    "arms as text": lambda d, c, n: d.with_columns(pl.col("arm").cast(pl.String)),
    "arms of one word": lambda d, c, n: d.with_columns(arm=pl.lit("x", dtype=pl.Enum(["x", "y", "z"]))),
    "a site unknown": lambda d, c, n: _somewhere(d, c, "site", None),
    "a site a family": lambda d, c, n: d.with_columns(site=pl.col("family")),
    "one site": lambda d, c, n: _put(d, "site", "A"),
    "sites as numbers": lambda d, c, n: d.with_columns(site=(pl.col("came") % 3).cast(pl.Float64)),
    "sites as categories": lambda d, c, n: d.with_columns(pl.col("site").cast(pl.Categorical)),
    "an arm empty in a site": lambda d, c, n: d.filter((pl.col("site") != "site 0") | (pl.col("arm") == 0)),
    "sites of one arm": lambda d, c, n: d.with_columns(site=pl.col("arm").cast(pl.String)),
    "a site all missing": lambda d, c, n: d.with_columns(pl.when(pl.col("site") != "site 0").then(n).alias(n)),
    "one practitioner": lambda d, c, n: _put(d, "practitioner", "P1"),
    "two practitioners": lambda d, c, n: d.with_columns(practitioner=(pl.col("came") // 2 % 2).cast(pl.String)),
    "no practitioner": lambda d, c, n: _put(d, "practitioner", None),
    "a practitioner a family": lambda d, c, n: d.with_columns(practitioner=pl.col("family")),
    "practitioners as numbers": lambda d, c, n: d.with_columns(practitioner=pl.col("came") % 4 + 0.5),
    "exposure zero": lambda d, c, n: _somewhere(d, c, "months", 0.0),
    "an event at once": lambda d, c, n: _put(d, "time", 0.0),
}  # fmt: skip


def _imputed(data: pl.DataFrame) -> impact.Imputed:
    return impact.impute(data, outcome="y", m=3, seed=2, **MODEL)


def _pooled(data: pl.DataFrame) -> impact.Estimate:
    fits = [impact.ancova(each, outcome="y", **MODEL) for each in _imputed(data).frames]
    return impact.pool([fit.effect for fit in fits], complete_df=max(1, data.height - 6))


def _ready(data: pl.DataFrame) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 2, (29, data.height))


Door = Callable[[pl.DataFrame], Any]
DOORS: dict[str, Door] = {
    **{f"ancova {se}": lambda d, se=se: impact.ancova(d, outcome="y", se=se, **MODEL)
       for se in ("classical", "hc0", "hc1", "hc2", "hc3")},
    **{f"ancova {se}": lambda d, se=se: impact.ancova(d, outcome="y", se=se, cluster="practitioner", **MODEL)
       for se in ("cr1", "cr2")},
    "ancova lin": lambda d: impact.ancova(d, outcome="y", adjust="lin", **MODEL),
    "ancova bare": lambda d: impact.ancova(d, outcome="y", arm="arm", level=0.9),
    **{f"nested {df} {r}": lambda d, df=df, r=r: impact.partially_nested(
        d, outcome="y", practitioner="practitioner", df=df, residual=r, **MODEL)
       for df in ("satterthwaite", "kenward_roger") for r in ("common", "by_arm")},
    **{f"mixed {df} {len(s)}": lambda d, df=df, s=s: impact.mixed(
        d, outcome="y", fixed=["base", "arm"], group="site", slopes=s, df=df)
       for df in ("satterthwaite", "kenward_roger") for s in ([], ["base"])},
    "mixed ml": lambda d: impact.mixed(d, outcome="y", fixed=["base"], group="practitioner", reml=False),
    "risk": lambda d: impact.risk(d, outcome="yes", **MODEL),
    "risk crude": lambda d: impact.risk(d, outcome="yes", arm="arm"),
    "ordinal": lambda d: impact.ordinal(d, outcome="level", **MODEL),
    **{f"rate {f}": lambda d, f=f: impact.rate(d, outcome="count", exposure="months", family=f, **MODEL)
       for f in ("poisson", "negative_binomial")},
    "time": lambda d: impact.time_to_event(d, time="time", event="event", arm="arm", covariates=["base"], strata="site"),
    "curves": lambda d: impact.kaplan_meier(d, time="time", event="event", arm="arm"),
    "cace": lambda d: impact.cace(d, outcome="y", dose="dose", at_least=6, **MODEL),
    "cace a unit": lambda d: impact.cace(d, outcome="y", dose="dose", se="hc2", **MODEL),
    "effect size": lambda d: impact.effect_size(d, outcome="y", **MODEL),
    "icc": lambda d: impact.icc(d.filter(pl.col("arm").cast(pl.String) == "1"), outcome="y", group="practitioner"),
    "impute": lambda d: [_imputed(d).pooled(), *_imputed(d).frames],
    "impute for all": lambda d: impact.impute(d, outcome="y", by=None, m=3, **MODEL).pooled(),
    "pool": _pooled,
    "delta": lambda d: impact.delta(_imputed(d), -2.0).pooled(),
    "reference": lambda d: impact.reference_based(d, "cir", outcome="y", m=3, seed=1, **MODEL).pooled(),
    "tipping": lambda d: impact.tipping_point(d, outcome="y", m=3, **MODEL),
    "randomisation": lambda d: impact.randomisation_test(
        d, outcome="y", scheme="blocks:4", stratum="site", arrival="came", replicates=29, **MODEL),
    "randomisation ready": lambda d: impact.randomisation_test(d, outcome="y", scheme=_ready(d), **MODEL),
    "stepdown": lambda d: impact.stepdown(d, outcomes=["y", "dose"], scheme=_ready(d), **MODEL),
    "bootstrap": lambda d: impact.bootstrap(d, outcome="y", replicates=100, **MODEL),
    "subgroup": lambda d: impact.subgroup(d, outcome="y", moderator="kind", **MODEL),
    "subgroup site": lambda d: impact.subgroup(d, outcome="y", moderator="site", **MODEL),
    "balance": lambda d: impact.balance(d, arm="arm", covariates=["base", "kind", "site"]),
    "attrition": lambda d: impact.attrition(d, outcome="y", **MODEL),
    "reliability": lambda d: impact.reliability(d, items=ITEMS),
    "one factor": lambda d: impact.one_factor(d, items=ITEMS),
    "invariance arms": lambda d: impact.invariance(d, items=ITEMS, group="arm"),
    "invariance time": lambda d: impact.invariance(d, items=ITEMS, later=LATER),
    "figure of scores": lambda d: figures.baseline_follow_up(d, outcome="y", arm="arm", baseline="base", site="site"),
    "figure of practitioners": lambda d: figures.caterpillar(d, outcome="y", practitioner="practitioner", **MODEL),
    "figure of what is missing": lambda d: figures.missingness(d, columns=["y", "base", "kind"], arm="arm"),
    "figure of time": lambda d: figures.kaplan_meier(impact.kaplan_meier(d, time="time", event="event", arm="arm")),
}  # fmt: skip


def wrong(found: Any) -> str | None:
    """What a result has that it should not have."""
    for at, value in _numbers(found, ""):
        if not isfinite(value) and not at.endswith("first_stage_f"):
            return f"{at} is {value}"
    if isinstance(found, impact.Fit):
        if found.effect.value is None and not (found.flagged and found.failed):
            return "no effect, no flag"
        json.dumps(found.to_dict(), allow_nan=False)
        assert found.tidy().height == len(found.estimates)
        assert found.glance().height == 1
    for one in _estimates(found):
        unknown = one.low is None or one.high is None or one.value is None
        ordered = unknown or "percentile" in one.method or one.low <= one.value <= one.high
        if not ordered or (one.p is not None and not 0 <= one.p <= 1) or (one.se is not None and not one.se >= 0):
            return f"{one.term}: {one.value} ({one.low} to {one.high}), se {one.se}, p {one.p}"
    return None


def _estimates(found: Any) -> Iterator[impact.Estimate]:
    if isinstance(found, impact.Estimate):
        yield found
    elif isinstance(found, impact.Fit):
        yield from found.estimates
    elif isinstance(found, list):
        for one in found:
            yield from _estimates(one)


def _numbers(found: Any, at: str) -> Iterator[tuple[str, float]]:
    if isinstance(found, bool | str | Enum) or found is None:
        return
    if isinstance(found, int | float | np.number):
        yield at, float(found)
    elif isinstance(found, np.ndarray):
        yield from ((at, float(value)) for value in found.ravel())
    elif isinstance(found, pl.DataFrame):
        for name in found.columns if "family" not in found.columns else ("y",):
            if found[name].dtype.is_float():
                yield from ((f"{at}.{name}", value) for value in found[name].drop_nulls())
    elif isinstance(found, Mapping):
        for name, value in found.items():
            yield from _numbers(value, f"{at}.{name}")
    elif isinstance(found, list | tuple):
        for value in found:
            yield from _numbers(value, at)
    elif is_dataclass(found):
        for each in fields(found):
            if each.name != "drawn":
                yield from _numbers(getattr(found, each.name), f"{at}.{each.name}")


def tried(door: Door, data: pl.DataFrame) -> str | None:
    """None where the door behaves; else what it did."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return wrong(door(data))
        except impact.ImpactError as fault:
            said = str(fault)
            sound = said.endswith(".") and "\n" not in said and len(said) > 12
            return None if sound else f"not a sentence: {said!r}"
        except Exception:
            return traceback.format_exc(limit=-2)


def spoilt(data: pl.DataFrame, chance: Chance) -> tuple[pl.DataFrame, list[str]]:
    """With nothing to three things wrong; and what they are."""
    done: list[str] = []
    for _ in range(int(chance.integers(0, 4))):
        name, column = str(chance.choice(list(FAULTS))), str(chance.choice(OUTCOMES))
        try:
            data = FAULTS[name](data, chance, column)
        except (pl.exceptions.PolarsError, TypeError, OverflowError):
            continue
        done.append(f"{name} ({column})")
    return data, done


def main(argv: list[str]) -> int:
    trials, seed = int(argv[0]) if argv else 1000, int(argv[1]) if len(argv) > 1 else 1
    found: Counter[tuple[str, str]] = Counter()
    for number, own in enumerate(np.random.SeedSequence(seed).spawn(trials)):
        chance = np.random.Generator(np.random.Philox(own))
        data, done = spoilt(trial(chance, int(chance.choice([8, 24, 60, 120]))), chance)
        for name, door in DOORS.items():
            said = tried(door, data)
            if said is not None:
                last = said.strip().splitlines()[-1][:110]
                found[name, last] += 1
                if found[name, last] == 1:
                    print(f"\n{name}, trial {number}, {data.height} families, {'; '.join(done)}:\n{said}", flush=True)
    print(f"{trials} trials, {len(DOORS)} doors, {sum(found.values())} answers that should not be")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
