"""The bootstrap: how much the difference between the arms would vary with other families of the same kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from attunement.impact.asked import seeded, share, whole
from attunement.impact.design import adjusted
from attunement.impact.edge import Floats, Labels, Rows, rows
from attunement.impact.estimate import Fit
from attunement.impact.failing import answers_failure
from attunement.impact.linear import t_estimate
from attunement.impact.solving import least_squares

_CHUNK = 500


@answers_failure
def bootstrap(
    data: pl.DataFrame, *, outcome: str, arm: str, covariates: Sequence[str] = (), site: str | None = None,
    replicates: int = 10_000, seed: int = 0, level: float = 0.95, labels: Labels | None = None,
    family: str | None = None,
) -> Fit:  # fmt: skip
    """ANCOVA's difference with the bootstrap's standard error and percentile interval, on the complete cases.

    Families are drawn again within arm and site, as they were allocated; practitioners are not. `effect` has no p:
    the randomisation test is for that. `diagnostics`: replicates and bias (mean of the replicates less the estimate).
    The same seed gives the same interval. Source: Efron and Tibshirani 1993, An Introduction to the Bootstrap, 6.2
    and 13.3.
    """
    replicates = whole(replicates, "replicates", 100)
    share(level)
    chance = np.random.Generator(np.random.Philox(seeded(seed)))
    used = rows(data, outcome=outcome, arm=arm, covariates=covariates, site=site, labels=labels, family=family)
    model = adjusted(used, arm, tuple(covariates))
    fit, at = least_squares(model.columns, used, outcome), model.names.index(arm)
    drawn = _coefficients(fit.basis, used, chance, replicates) @ _weights(fit.basis, model.columns, at)
    method = f"ANCOVA, {replicates} bootstrap samples within arm{' and site' if site else ''}, percentile interval"
    estimate = t_estimate(
        arm, f"mean of {outcome}", float(fit.coefficients[at]), float(drawn.var(ddof=1)), fit.df, method, used
    )
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    effect = replace(estimate, df=None, p=None, low=float(low), high=float(high))
    diagnostics = {
        "missing": used.missing,
        "replicates": replicates,
        "bias": float(drawn.mean() - fit.coefficients[at]),
    }
    return Fit(effect, (effect,), None, {}, diagnostics, (*model.flagged, *used.flagged))


def _coefficients(basis: Floats, used: Rows, chance: np.random.Generator, replicates: int) -> Floats:
    """(replicates, p) coefficients on the orthonormal columns: weighted normal equations, many at once."""
    n, p = basis.shape
    upper = np.triu_indices(p)
    products = np.hstack([basis[:, upper[0]] * basis[:, upper[1]], basis * used.outcome[:, None]])
    strata = _strata(used)
    found = np.empty((replicates, p))
    for first in range(0, replicates, _CHUNK):
        size = min(_CHUNK, replicates - first)
        sums = _counts(strata, n, size, chance) @ products
        square = np.empty((size, p, p))
        square[:, upper[0], upper[1]] = square[:, upper[1], upper[0]] = sums[:, : upper[0].size]
        right = sums[:, upper[0].size :, None]
        try:
            found[first : first + size] = np.linalg.solve(square, right)[:, :, 0]
        except np.linalg.LinAlgError:
            found[first : first + size] = (np.linalg.pinv(square, hermitian=True) @ right)[:, :, 0]
    return found


def _strata(used: Rows) -> list[NDArray[np.int64]]:
    """Rows of each arm within each site, in an order that depends on what they hold and not on where they stand."""
    site = np.zeros(used.arm.size) if used.site is None else np.unique(used.site, return_inverse=True)[1]
    order = np.lexsort((used.outcome, *used.covariates.T))
    key = (2 * site + used.arm)[order]
    return [order[key == one] for one in np.unique(key)]


def _counts(strata: list[NDArray[np.int64]], n: int, size: int, chance: np.random.Generator) -> Floats:
    """(size, n): how often each row was drawn, each stratum keeping its number."""
    counts = np.empty((size, n))
    for own in strata:
        drawn = chance.integers(0, own.size, (size, own.size)) + own.size * np.arange(size)[:, None]
        counts[:, own] = np.bincount(drawn.ravel(), minlength=size * own.size).reshape(size, own.size)
    return counts


def _weights(basis: Floats, columns: Floats, at: int) -> Floats:
    """What turns coefficients on the orthonormal columns into the coefficient of column `at`."""
    return np.asarray(np.linalg.solve(basis.T @ columns, np.eye(basis.shape[1]))[at])
