"""Ordered outcomes: proportional odds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
import scipy
from numpy.typing import NDArray

from attunement.impact.coefficients import coefficients
from attunement.impact.edge import Floats, Labels, rows, series
from attunement.impact.estimate import Fit
from attunement.impact.failing import Unfit, answers_failure
from attunement.impact.flags import Flag
from attunement.impact.glm import spread
from attunement.impact.newton import Derivatives, maximise
from attunement.impact.regressors import design

Whole = NDArray[np.int64]
METHOD = "proportional odds, maximum likelihood, observed information, normal interval"


@answers_failure
def ordinal(
    data: pl.DataFrame, *, outcome: str, arm: str, covariates: Sequence[str] = (), site: str | None = None,
    labels: Labels | None = None, family: str | None = None,
) -> Fit:  # fmt: skip
    """Log odds ratio of a higher level of `outcome` in arm 1: logit P(Y <= k) = threshold_k - x b, so b > 0 is higher.

    `outcome` is numeric, its distinct values in order being the levels, or an Enum in its own order. `effect` is the
    arm's coefficient (a natural log; the ratio in `extras`); `estimates` holds all coefficients; `diagnostics` the
    thresholds, the log likelihood, `missing`. Failures are flagged: CONSTANT (one level), SEPARATION, COLLINEAR.
    Source: McCullagh 1980, JRSS B 42:109, eq. 2.1 and appendix.
    """
    column = series(data, outcome)
    if isinstance(column.dtype, pl.Enum):
        data = data.with_columns(pl.Series(outcome, column.to_physical().cast(pl.Float64)))
    used = rows(data, outcome=outcome, arm=arm, covariates=covariates, site=site, labels=labels, family=family)
    levels, level = np.unique(used.outcome, return_inverse=True)
    if levels.size < 2:
        raise Unfit(Flag.CONSTANT, f"'{outcome}' has one level only", used.by_arm, used.missing)
    had = design(used, arm, covariates, level=False)
    middle = had.matrix.mean(axis=0)
    share = np.cumsum(np.bincount(level))[:-1] / level.size
    cuts = levels.size - 1
    start = np.concatenate([scipy.special.logit(share), np.zeros(middle.size)])
    scale = np.concatenate([np.ones(cuts), spread(had.matrix - middle)])
    found = maximise(proportional(level, had.matrix - middle, cuts), start, scale)
    at = found.at[:cuts] + middle @ found.at[cuts:]
    diagnostics = {f"threshold_{k + 1}": float(cut) for k, cut in enumerate(at)}
    return coefficients(
        had, found, used, slice(cuts, None), estimand=f"log odds ratio of a higher {outcome}", method=METHOD,
        diagnostics={"missing": used.missing, "loglik": found.loglik, "levels": levels.size} | diagnostics,
    )  # fmt: skip


def proportional(level: Whole, matrix: Floats, cuts: int) -> Derivatives:
    """Log likelihood, score and negative Hessian in (thresholds, coefficients); `level` (n,) counts from 0."""
    n = level.size
    upper, lower = np.zeros((n, cuts + matrix.shape[1])), np.zeros((n, cuts + matrix.shape[1]))
    top, bottom = level == cuts, level == 0
    upper[np.flatnonzero(~top), level[~top]] = 1
    lower[np.flatnonzero(~bottom), level[~bottom] - 1] = 1
    upper[:, cuts:] = lower[:, cuts:] = -matrix

    def derivatives(at: Floats) -> tuple[float, Floats, Floats]:
        if (np.diff(at[:cuts]) <= 0).any():
            return -np.inf, at, np.eye(at.size)
        high, low = np.where(top, np.inf, upper @ at), np.where(bottom, -np.inf, lower @ at)
        flip = low > 0
        high, low = np.where(flip, -low, high), np.where(flip, -high, low)
        share = scipy.special.expit(high) - scipy.special.expit(low)
        f_high, f_low = (scipy.special.expit(x) * scipy.special.expit(-x) for x in (high, low))
        a, b = np.where(flip, f_low, f_high), np.where(flip, f_high, f_low)
        # f' = f (1 - 2 F); a mirrored row has its sign turned twice
        da, db = (a * np.tanh(-x / 2) for a, x in ((a, np.where(flip, -low, high)), (b, np.where(flip, -high, low))))
        with np.errstate(divide="ignore", invalid="ignore"):
            each = (a / share)[:, None] * upper - (b / share)[:, None] * lower
            bend = upper.T @ (upper * (da / share)[:, None]) - lower.T @ (lower * (db / share)[:, None])
            return float(np.log(share).sum()), each.sum(axis=0), each.T @ each - bend

    return derivatives
