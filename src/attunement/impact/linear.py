"""Analysis of covariance: the difference between the arms at equal baseline, within site."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from attunement.impact.curves import t_975, t_p
from attunement.impact.edge import Floats, Rows, rows
from attunement.impact.estimate import Estimate, Fit, ImpactError

METHOD = "ANCOVA, ordinary least squares, classical standard error, complete cases"


def ancova(
    data: pl.DataFrame, *, outcome: str, arm: str, covariates: Sequence[str] = (), site: str | None = None
) -> Fit:
    """Difference in `outcome` between arm 1 and arm 0, adjusted for `covariates` and for `site` (fixed effects).

    `data` has one row a family; `arm` is 0 or 1; missing (null or NaN) outcome or covariate leaves the row out.
    The interval and p are by Student's t with n - p degrees of freedom. `effect.term` is the arm's column name.
    A column that follows from others is left out and flagged; ImpactError where the arm itself cannot be told
    apart, where an arm is empty or where no degree of freedom is left.
    Source: Vickers and Altman 2001, BMJ 323:1123; the standard errors of ordinary least squares.
    """
    used = rows(data, outcome=outcome, arm=arm, covariates=covariates, site=site)
    names, design = _design(used, arm, covariates)
    kept, aliased = _independent(design)
    if names.index(arm) in aliased:
        raise ImpactError(f"'{arm}' follows from the sites or covariates, so its effect cannot be told from theirs.")
    solution, covariance, sigma, df = _least_squares(design[:, kept], used.outcome, outcome)
    flags = tuple(
        f"RANK_DEFICIENT: '{names[column]}' follows from other columns and was left out" for column in aliased
    )
    estimates = tuple(
        _estimate(names[column], f"mean of {outcome}", value, float(np.sqrt(variance)), df, used)
        for column, value, variance in zip(kept, solution, np.diag(covariance), strict=True)
    )
    effect = next(estimate for estimate in estimates if estimate.term == arm)
    return Fit(effect, estimates, used.missing, flags + _one_armed_sites(used), sigma)


def _design(used: Rows, arm: str, covariates: Sequence[str]) -> tuple[list[str], Floats]:
    names, columns = ["(intercept)"], [np.ones(used.outcome.size)]
    if used.site is not None:
        for level in np.unique(used.site)[1:]:
            names.append(f"site {level}")
            columns.append((used.site == level).astype(np.float64))
    names += [*covariates, arm]
    return names, np.column_stack([*columns, used.covariates, used.arm])


def _independent(design: Floats) -> tuple[list[int], list[int]]:
    """Positions of the columns kept and of those that are a combination of columns before them."""
    kept: list[int] = []
    aliased: list[int] = []
    basis = np.empty((design.shape[0], 0))
    for position in range(design.shape[1]):
        column = design[:, position]
        rest = column - basis @ (basis.T @ column)
        rest = rest - basis @ (basis.T @ rest)
        length = float(np.linalg.norm(rest))
        if length <= 1e-10 * float(np.linalg.norm(column)):
            aliased.append(position)
        else:
            kept.append(position)
            basis = np.column_stack([basis, rest / length])
    return kept, aliased


def _least_squares(design: Floats, y: Floats, outcome: str) -> tuple[Floats, Floats, float, int]:
    df = y.size - design.shape[1]
    if df < 1:
        raise ImpactError(f"{y.size} families with '{outcome}' are too few for {design.shape[1]} coefficients.")
    scale = np.linalg.norm(design, axis=0)
    q, r = np.linalg.qr(design / scale)
    inverse = np.linalg.inv(r) / scale[:, None]
    solution = inverse @ (q.T @ y)
    residual = y - design @ solution
    rss = float(residual @ residual)
    if rss <= 1e-20 * float(y @ y):
        raise ImpactError(f"'{outcome}' has no variation left about the model, so no standard error exists.")
    return solution, inverse @ inverse.T * (rss / df), float(np.sqrt(rss / df)), df


def _estimate(term: str, estimand: str, value: float, se: float, df: int, used: Rows) -> Estimate:
    reach = t_975(df) * se
    return Estimate(
        term=term,
        estimand=estimand,
        value=float(value),
        se=se,
        df=float(df),
        low=float(value) - reach,
        high=float(value) + reach,
        p=t_p(float(value) / se, df),
        method=METHOD,
        n=used.outcome.size,
        n_by_arm=used.by_arm,
    )


def _one_armed_sites(used: Rows) -> tuple[str, ...]:
    if used.site is None:
        return ()
    alone = [level for level in np.unique(used.site) if np.unique(used.arm[used.site == level]).size == 1]
    return tuple(f"SMALL_CELL: site {level} has families of one arm only" for level in alone)
