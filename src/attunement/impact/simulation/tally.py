"""What many trials come to: how often each analysis finds something, and how often its interval holds the truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
import scipy
from numpy.typing import NDArray

from attunement.impact.edge import Floats
from attunement.impact.simulation.plain import COLUMNS
from attunement.impact.simulation.planned import Design

FIELDS = ("fitted", "rejected", "covered", "sum", "square", "variance", "df", "boundary")
_AT = {name: at for at, name in enumerate(COLUMNS)}
_NORMAL = 1.959963984540054


@dataclass(frozen=True)
class Found:
    """One analysis of many trials. `rejection` is the share with p < .05 of all trials, `error` its Monte Carlo standard
    error; `coverage` the share of intervals with the truth inside; `sd` the estimates' own standard deviation. What
    fewer than two fitted trials cannot say is None."""

    rejection: float
    error: float
    coverage: float | None
    bias: float | None
    sd: float | None
    mean_se: float | None
    mean_df: float | None
    fitted: int
    boundary: float | None


def tally(design: Design, results: Floats) -> Floats:
    """(analyses, 8): the sums in FIELDS of one chunk."""
    return np.array([_sums(design, results, name) for name in design.analyses])


def found(design: Design, parts: Sequence[Floats], replicates: int) -> dict[str, Found]:
    """From the chunks' sums, added in the chunks' order."""
    total = np.zeros((len(design.analyses), len(FIELDS)))
    for part in parts:
        total += part
    return {name: _found(design, row, replicates) for name, row in zip(design.analyses, total, strict=True)}


def exceeds(distance: Floats, se: Floats, df: Floats) -> NDArray[np.bool_]:
    """Whether |distance| is more than se times the 97.5th percentile of t: looked up only where it could be either."""
    with np.errstate(invalid="ignore"):
        t = np.abs(distance) / se
        beyond = np.asarray(t > _NORMAL)
        beyond[beyond] = t[beyond] > scipy.special.stdtrit(df[beyond], 0.975)
    return beyond


def columns(results: Floats, analysis: str) -> tuple[Floats, Floats, Floats]:
    """Value, standard error and df of each trial by an analysis."""
    kenward_roger = results[:, [_AT["value"], _AT["se_kr"], _AT["df_kr"]]]
    satterthwaite = results[:, [_AT["value"], _AT["se"], _AT["df"]]]
    chosen = {
        "partially_nested": satterthwaite,
        "partially_nested_kenward_roger": kenward_roger,
        "partially_nested_by_rule": np.where(results[:, [_AT["ratio"]]] == 0, kenward_roger, satterthwaite),
        "ancova": results[:, [_AT["value_ols"], _AT["se_ols"], _AT["df_ols"]]],
    }[analysis]
    return chosen[:, 0], chosen[:, 1], chosen[:, 2]


def _sums(design: Design, results: Floats, analysis: str) -> list[float]:
    value, se, df = columns(results, analysis)
    good = (se > 0) & (df > 0)
    value, se, df, ratio = value[good], se[good], df[good], results[good, _AT["ratio"]]
    away = value - design.effect
    covered = value.size - int(exceeds(away, se, df).sum())
    rejected, boundary = int(exceeds(value, se, df).sum()), int((ratio == 0).sum())
    return [value.size, rejected, covered, away.sum(), (away**2).sum(), (se**2).sum(), df.sum(), boundary]


def _found(design: Design, sums: Floats, replicates: int) -> Found:
    n, rejected, covered, total, square, variance, df, boundary = (float(part) for part in sums)
    share = rejected / replicates
    if n < 2:
        return Found(share, 0.0, None, None, None, None, None, int(n), None)
    mean = total / n
    return Found(
        share, sqrt(share * (1 - share) / replicates), covered / n, mean, sqrt(max(square - n * mean**2, 0.0) / (n - 1)),
        sqrt(variance / n), df / n, int(n), boundary / n,
    )  # fmt: skip
