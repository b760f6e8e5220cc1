"""What a trial as planned will find: power, type I error, the least effect it can show, the families it needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from math import ceil
from typing import Any, Literal

import numpy as np
import polars as pl

from attunement.impact.asked import option, said, whole
from attunement.impact.curves import t_quantile
from attunement.impact.edge import Floats
from attunement.impact.errors import ImpactError
from attunement.impact.simulation import plain
from attunement.impact.simulation.made import chunk_size, pieces
from attunement.impact.simulation.planned import Design
from attunement.impact.simulation.spread import spread
from attunement.impact.simulation.tally import Found, found, tally

Engine = Literal["auto", "fast", "plain"]
Watch = Callable[[int, int], None]
TARGET = 0.8


@dataclass(frozen=True)
class Power:
    """What `replicates` made-up trials of a design came to, by analysis."""

    design: Design
    replicates: int
    seed: int
    found: Mapping[str, Found]

    @property
    def rejection(self) -> dict[str, float]:
        """The share of trials with p < .05: power, or type I error where the effect is 0."""
        return {name: one.rejection for name, one in self.found.items()}

    @property
    def error(self) -> dict[str, float]:
        """Monte Carlo standard error of `rejection`."""
        return {name: one.error for name, one in self.found.items()}

    @property
    def coverage(self) -> dict[str, float | None]:
        """The share of 95 % intervals with the true effect inside."""
        return {name: one.coverage for name, one in self.found.items()}

    @property
    def minimum_detectable(self) -> dict[str, float | None]:
        """The effect found with power 80 %: (t of 97.5 % + t of 80 %) times the estimates' SD, at the mean df; None
        where fewer than two trials could be fitted."""
        reached = {name: (_reach(one), one.sd) for name, one in self.found.items()}
        return {name: None if reach is None or sd is None else reach * sd for name, (reach, sd) in reached.items()}

    @property
    def families_needed(self) -> dict[str, int | None]:
        """Families for power 80 % at the design's effect with the same practitioners; None where no number is enough.

        What the practitioners add to the variance, about icc / practitioners, stays; the rest falls as 1 / families.
        """
        return {name: self._needed(one) for name, one in self.found.items()}

    def table(self) -> pl.DataFrame:
        """One row an analysis."""
        rows = [
            {"analysis": name, **asdict(one), "minimum_detectable": self.minimum_detectable[name],
             "families_needed": self.families_needed[name]} for name, one in self.found.items()
        ]  # fmt: skip
        return pl.DataFrame(rows, infer_schema_length=None)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values."""
        design = asdict(self.design) | {"scheme": self.design.rule.spec, "analyses": list(self.design.analyses)}
        return {"design": design, "replicates": self.replicates, "seed": self.seed, "analyses": self.table().to_dicts()}

    def _needed(self, one: Found) -> int | None:
        design = self.design
        fixed = design.icc / design.practitioners if design.outcome == "continuous" else 0.0
        reach = _reach(one)
        if reach is None or one.sd is None:
            return None
        wanted = (design.effect / reach) ** 2 - fixed
        return ceil(design.families * (one.sd**2 - fixed) / wanted) if wanted > 0 else None


def power(
    design: Design, *, replicates: int = 10_000, seed: int = 1, scheduler: str | None = None,
    workers: int | None = None, engine: Engine = "auto", watch: Watch | None = None,
) -> Power:  # fmt: skip
    """Simulates the whole design, trial by trial, and analyses each by the estimators of this package.

    Same `seed`, same numbers, on any number of `workers` (threads; all processors unless said), and on a Dask cluster
    at `scheduler` (an address). `engine`: 'fast' needs Numba (the `fast` extra), 'plain' is NumPy; they agree to
    1e-12. `watch(done, all)` is called as chunks of trials come in. ImpactError for a question that cannot be put.
    """
    if not isinstance(design, Design):
        raise ImpactError(f"power takes a Design, not {type(design).__name__}.")
    for name, number, least in (("replicates", replicates, 1), ("seed", seed, 0), ("workers", workers, 1)):
        if number is not None or name != "workers":
            whole(number, name, least)
    if scheduler is not None and not isinstance(scheduler, str):
        raise ImpactError(f"scheduler is the address of a Dask scheduler, not {said(scheduler)}.")
    if watch is not None and not callable(watch):
        raise ImpactError(f"watch is a function of two numbers, not {said(watch)}.")
    size = chunk_size(design)
    jobs = [(at, min(size, replicates - at * size)) for at in range(-(-replicates // size))]
    chosen = _engine(engine)
    parts: list[Floats] = []
    with spread(partial(chunk, design, seed, chosen), jobs, scheduler, workers) as results:
        for part in results:
            parts.append(part)
            if watch is not None:
                watch(min(len(parts) * size, replicates), replicates)
    return Power(design, replicates, seed, found(design, parts, replicates))


def chunk(design: Design, seed: int, engine: str, at: int, trials: int) -> Floats:
    """The sums of one chunk: a pure function, wherever it runs."""
    analyse = plain.analyse
    if engine == "fast":
        from attunement.impact.simulation import quick

        analyse = quick.analyse
    return tally(design, np.concatenate([analyse(design, made) for made in pieces(design, seed, at, trials)]))


def _engine(wanted: str) -> str:
    option(wanted, ("auto", "fast", "plain"), "engine")
    if wanted == "plain":
        return wanted
    try:
        import numba  # noqa: F401
    except ImportError as fault:
        if wanted == "fast":
            raise ImpactError("engine='fast' needs Numba: install the extra `fast`, or take 'plain'.") from fault
        return "plain"
    return "fast"


def _reach(one: Found) -> float | None:
    if one.mean_df is None:
        return None
    return t_quantile(0.975, one.mean_df) + t_quantile(TARGET, one.mean_df)
