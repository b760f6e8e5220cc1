"""Differences between two risks."""

from __future__ import annotations

from math import sqrt

import numpy as np
import polars as pl

from attunement.impact.curves import NORMAL_975, normal_p
from attunement.impact.edge import rows
from attunement.impact.estimate import Estimate, Fit, ImpactError
from attunement.impact.failing import answers_failure

METHOD = "crude risk difference, Newcombe interval (hybrid of Wilson scores), p by Pearson chi-square"


@answers_failure
def risk_difference(data: pl.DataFrame, *, outcome: str, arm: str) -> Fit:
    """Risk of `outcome` (0/1 or false/true) in arm 1 less that in arm 0; rows with a missing outcome are left out.

    `effect` is the difference; `estimates` also holds each arm's risk with its Wilson interval. The standard
    error is the unpooled one; p is Pearson's chi-square without continuity correction, None when nobody or
    everybody has the outcome. ImpactError for another value than 0 and 1; the fit fails where an arm is empty.
    Source: Newcombe 1998, Statistics in Medicine 17:873, method 10; Wilson 1927, JASA 22:209.
    """
    used = rows(data, outcome=outcome, arm=arm, covariates=(), site=None)
    if not np.isin(used.outcome, (0.0, 1.0)).all():
        raise ImpactError(f"Column '{outcome}' holds other values than 0 and 1.")
    n0, n1 = used.by_arm
    events0, events1 = (int(used.outcome[used.arm == value].sum()) for value in (0, 1))
    p0, p1 = events0 / n0, events1 / n1
    (low0, high0), (low1, high1) = wilson(events0, n0), wilson(events1, n1)
    difference = p1 - p0
    effect = Estimate(
        term=arm,
        estimand=f"risk difference of {outcome}",
        value=difference,
        se=sqrt(p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0),
        df=None,
        low=difference - sqrt((p1 - low1) ** 2 + (high0 - p0) ** 2),
        high=difference + sqrt((high1 - p1) ** 2 + (p0 - low0) ** 2),
        p=_pearson(events0, n0, events1, n1),
        method=METHOD,
        n=n0 + n1,
        n_by_arm=(n0, n1),
    )
    risks = tuple(
        Estimate(
            f"{arm}={value}", f"risk of {outcome}", p, sqrt(p * (1 - p) / n), None, low, high, None, "Wilson", n, by
        )
        for value, p, n, low, high, by in ((0, p0, n0, low0, high0, (n0, 0)), (1, p1, n1, low1, high1, (0, n1)))
    )
    return Fit(effect, (effect, *risks), diagnostics={"missing": used.missing}, flagged=used.flagged)


def wilson(events: int, n: int) -> tuple[float, float]:
    """Wilson's 95 % interval for a share of `events` in `n` > 0."""
    share, square = events / n, NORMAL_975**2
    middle = 2 * n * share + square
    reach = NORMAL_975 * sqrt(square + 4 * n * share * (1 - share))
    return max(0.0, (middle - reach) / (2 * (n + square))), min(1.0, (middle + reach) / (2 * (n + square)))


def _pearson(events0: int, n0: int, events1: int, n1: int) -> float | None:
    pooled = (events0 + events1) / (n0 + n1)
    if pooled in (0.0, 1.0):
        return None
    return normal_p((events1 / n1 - events0 / n0) / sqrt(pooled * (1 - pooled) * (1 / n0 + 1 / n1)))
