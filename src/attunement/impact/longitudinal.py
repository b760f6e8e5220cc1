"""Scores within families over time: a random intercept, and random slopes, for one grouping factor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import polars as pl

from attunement.impact import cholesky
from attunement.impact.asked import names, option, said, share
from attunement.impact.corrections import kenward_roger, satterthwaite
from attunement.impact.design import independent
from attunement.impact.edge import Floats, known, named_once, numbers, words
from attunement.impact.estimate import Fit, ImpactError
from attunement.impact.failing import Unfit, answers_failure
from attunement.impact.flags import Flag, Flagged
from attunement.impact.grouped import grouped, triangle
from attunement.impact.likelihood import Point
from attunement.impact.linear import t_interval
from attunement.impact.spectrum import Whole, clustered
from attunement.impact.variances import fitted

_NAMES = {"satterthwaite": "Satterthwaite", "kenward_roger": "Kenward-Roger"}


@answers_failure
def mixed(
    data: pl.DataFrame, *, outcome: str, group: str, fixed: Sequence[str] = (), slopes: Sequence[str] = (),
    reml: bool = True, df: Literal["satterthwaite", "kenward_roger"] = "satterthwaite", level: float = 0.95,
) -> Fit:  # fmt: skip
    """Linear mixed model of `outcome` on an intercept and `fixed` columns, with effects that vary between groups.

    `data` has any number of rows a group; rows with a missing value are left out. Each group has its own intercept
    and its own coefficient of every column in `slopes` (which should be in `fixed` too), with an unstructured
    covariance. Terms are the column names; `effect` is the first of `fixed`, or else the intercept.
    `variance_components`: intercept, then row by row `intercept,a` and `a`, …, then residual. BOUNDARY: a variance
    is zero or a correlation is one. `reml=False` maximises the full likelihood (Satterthwaite only).
    Source: Laird and Ware 1982, Biometrics 38:963; corrections as in `corrections`.
    """
    option(df, _NAMES, "df")
    if not isinstance(reml, bool):
        raise ImpactError(f"reml is True or False, not {said(reml)}.")
    if df == "kenward_roger" and not reml:
        raise ImpactError("Kenward-Roger's correction is one of REML: leave reml=True, or take Satterthwaite.")
    share(level)
    terms, y, design, effects, cluster, told, missing = _read(data, outcome, group, fixed, slopes)
    basis, upper = np.linalg.qr(design)
    both = np.column_stack([basis, y - basis @ (basis.T @ y)])
    point, spread, theta, boundary, converged = _solve(both, effects, cluster, not reml)
    contrasts = np.linalg.inv(upper)
    if df == "kenward_roger":
        inner, variance, freedom = kenward_roger(point, contrasts)
    else:
        inner, (variance, freedom) = point.covariance, satterthwaite(point, contrasts, spread)
    values = contrasts @ (basis.T @ y + point.coefficients)
    method = f"linear mixed model, {'REML' if reml else 'ML'}, {_NAMES[df]} degrees of freedom, complete rows"
    method += "" if level == 0.95 else f", {100 * level:g} % limits"
    estimates = tuple(
        t_interval(term, f"mean of {outcome}", values[at], variance[at], freedom[at], method, y.size, (0, 0), level)
        for at, term in enumerate(terms)
    )
    criterion = point.criterion + (2 * float(np.log(np.abs(np.diag(upper))).sum()) if reml else 0.0)
    diagnostics = {
        "missing": missing, "reml_criterion" if reml else "deviance": criterion, "loglik": -criterion / 2,
        "groups": int(cluster.max()) + 1, "sigma": float(np.sqrt(theta["residual"])), "boundary": float(boundary),
    }  # fmt: skip
    if boundary:
        told.append(Flagged(Flag.BOUNDARY, "a variance between groups is zero or a correlation of them is one"))
    if not converged:
        told.append(Flagged(Flag.NOT_CONVERGED, "the likelihood has no clear optimum"))
    covariance = contrasts @ inner @ contrasts.T
    main = estimates[min(1, len(estimates) - 1)]
    named = dict(zip(_component_names(theta, slopes), theta.values(), strict=True))
    return Fit(main, estimates, covariance, named, diagnostics, tuple(told))


def _component_names(theta: dict[str, float], slopes: Sequence[str]) -> list[str]:
    effects = ["intercept", *slopes]
    return [effects[i] if i == j else f"{effects[j]},{effects[i]}" for i, j in triangle(len(effects))] + ["residual"]


def _read(
    data: pl.DataFrame, outcome: str, group: str, fixed: Sequence[str], slopes: Sequence[str]
) -> tuple[list[str], Floats, Floats, Floats, Whole, list[Flagged], int]:
    fixed, slopes = names(fixed, "fixed"), names(slopes, "slopes")
    named_once([outcome, group, *fixed])
    named_once([outcome, group, *slopes])
    columns = {name: numbers(data, name) for name in dict.fromkeys([outcome, *fixed, *slopes])}
    labels = words(data, group)
    keep = ~np.any([np.isnan(values) for values in columns.values()], axis=0) & known(labels)
    n = int(keep.sum())
    if n == 0:
        raise Unfit(Flag.MISSING, f"no row has '{outcome}' and every other value known", missing=data.height)
    y = columns[outcome][keep]
    design = np.column_stack([np.ones(n), *(columns[name][keep] for name in fixed)])
    effects = np.column_stack([np.ones(n), *(columns[name][keep] for name in slopes)])
    cluster = np.unique(labels[keep].astype(np.str_), return_inverse=True)[1].astype(np.int64)
    kept, aliased = independent(design)
    terms = ["(intercept)", *fixed]
    told = [Flagged(Flag.COLLINEAR, f"'{terms[at]}' follows from other columns and was left out") for at in aliased]
    _possible(y, design[:, kept], effects, cluster, outcome, data.height - n)
    return [terms[at] for at in kept], y, design[:, kept], effects, cluster, told, data.height - n


def _possible(y: Floats, design: Floats, effects: Floats, cluster: Whole, outcome: str, missing: int) -> None:
    groups = int(cluster.max()) + 1

    def unfit(flag: Flag, reason: str) -> Unfit:
        return Unfit(flag, reason, (0, y.size), missing)

    if np.ptp(y) == 0:
        raise unfit(Flag.CONSTANT, f"'{outcome}' is the same in every row")
    if independent(effects)[1]:
        raise unfit(Flag.COLLINEAR, "the slopes are constant or follow from each other")
    if groups < 2:
        raise unfit(Flag.FEW_CLUSTERS, "there is one group only")
    if y.size <= design.shape[1] + 1:
        raise unfit(Flag.SMALL_CELL, f"{y.size} rows are too few for {design.shape[1]} coefficients and two variances")
    if y.size <= groups * effects.shape[1]:
        reason = f"{y.size} rows in {groups} groups are too few for {effects.shape[1]} effects a group"
        raise unfit(Flag.SMALL_CELL, reason)
    left = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
    if left @ left <= 1e-20 * float(y @ y):
        raise unfit(Flag.CONSTANT, f"'{outcome}' has no variation left about the model")


def _solve(
    both: Floats, effects: Floats, cluster: Whole, ml: bool
) -> tuple[Point, Floats, dict[str, float], bool, bool]:
    """The optimum, the inverse information there, the variances by name, whether on the boundary and at rest."""
    if effects.shape[1] == 1:
        found = fitted(clustered(both, cluster, np.ones(both.shape[0], dtype=np.bool_), ml=ml))
        free = [at for at in range(2) if at not in found.at_zero]
        spread = np.zeros((2, 2))
        spread[np.ix_(free, free)] = np.linalg.inv(found.point.observed[np.ix_(free, free)])
        theta = {"intercept": float(found.point.theta[0]), "residual": float(found.point.theta[1])}
        return found.point, spread, theta, bool(found.at_zero), found.converged
    scales = np.sqrt((effects**2).mean(axis=0))
    model = grouped(both, effects / scales, cluster, ml)
    variance = float(both[:, -1] @ both[:, -1]) / both.shape[0]
    rooted = cholesky.fitted(model, np.eye(effects.shape[1]) * variance / 2, variance / 2)
    spread = cholesky.spread(rooted, model.width)[0]
    point = rooted.optimum.point
    pairs = triangle(model.width)
    values = [float(v / (scales[i] * scales[j])) for v, (i, j) in zip(point.theta, pairs, strict=False)]
    theta = {f"{i},{j}": value for value, (i, j) in zip(values, pairs, strict=True)}
    theta["residual"] = float(point.theta[-1])
    return point, spread, theta, bool(rooted.optimum.at_zero), rooted.optimum.converged
