"""Draws of what is missing from normal linear regressions, their parameters drawn too, on plain arrays."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy
from numpy.typing import NDArray

from attunement.impact.asked import seeded
from attunement.impact.design import independent
from attunement.impact.edge import Floats, Rows
from attunement.impact.errors import ImpactError
from attunement.impact.flags import Flag

Whole = NDArray[np.int64]


def predictors(used: Rows) -> tuple[Floats, tuple[str, ...]]:
    """(n, p): one column a site (or a constant), the covariates, the arm last; and the sites' names."""
    arm = used.arm[:, None]
    if used.site is None:
        return np.hstack([np.ones((used.arm.size, 1)), used.covariates, arm]), ()
    levels, which = np.unique(used.site, return_inverse=True)
    return np.hstack([which[:, None] == np.arange(levels.size), used.covariates, arm]), tuple(levels.tolist())


def draws(
    columns: Floats,
    sites: Sequence[str],
    outcome: Floats,
    missing: Whole,
    source: tuple[int, int] | None,
    m: int,
    seed: int,
) -> Floats:
    """(m, k) for the rows `missing` (k,): arm 0 and arm 1 from the regression of the arm named in `source`.

    With None there is one regression of everybody, the arm among its columns. Rows are numbered by what they hold,
    not by where they stand, so that their order decides nothing.
    """
    arm, unknown = columns[:, -1], np.isnan(outcome)
    place_of = columns[:, : len(sites)] @ np.arange(len(sites))
    order = np.lexsort((outcome, place_of, *columns[:, len(sites) :].T))
    values, place = np.empty((m, missing.size)), np.empty(outcome.size, dtype=np.int64)
    place[missing] = np.arange(missing.size)
    known, wanted = order[~unknown[order]], order[unknown[order]]
    seeds = seeded(seed).spawn(2)
    if source is None and wanted.size:
        values[:, place[wanted]] = _posterior(columns, outcome, known, wanted, m, seeds[0], "", sites)
    for target, origin in enumerate(source or ()):
        own = wanted[arm[wanted] == target]
        if own.size:
            had, whose = known[arm[known] == origin], f" of arm {origin}"
            values[:, place[own]] = _posterior(columns[:, :-1], outcome, had, own, m, seeds[target], whose, sites)
    return values


def _posterior(
    columns: Floats, outcome: Floats, known: Whole, wanted: Whole, m: int, seed: np.random.SeedSequence, whose: str,
    sites: Sequence[str],
) -> Floats:  # fmt: skip
    """(m, k): sigma² = s² nu / chi²(nu), b normal about its estimate, the rest normal. Rubin 1987, example 5.1."""
    x, y, asked = columns[known], outcome[known], columns[wanted]
    if y.size < 2:
        raise ImpactError(f"{y.size} known outcomes{whose} are too few to impute from.", Flag.SMALL_CELL)
    for at in np.flatnonzero(asked[:, : len(sites)].any(axis=0) & ~x[:, : len(sites)].any(axis=0)):
        raise ImpactError(f"Site {sites[int(at)]} has no outcome known{whose}, so nothing to impute from.", Flag.MISSING)
    kept, basis, back = orthonormal(x)
    nu = y.size - basis.shape[1]
    if nu < 1:
        raise ImpactError(f"{y.size} known outcomes{whose} are too few to impute from.", Flag.SMALL_CELL)
    fitted = y @ basis
    left = y - basis @ fitted
    chance = np.random.Generator(np.random.Philox(seed))
    sigma = np.sqrt(float(left @ left) / chance.chisquare(nu, (m, 1)))
    parameters = fitted + sigma * chance.standard_normal((m, fitted.size))
    rest = chance.standard_normal((m, wanted.size))
    rest *= sigma
    rest += parameters @ (asked[:, kept] @ back).T
    return rest


def orthonormal(x: Floats) -> tuple[Whole, Floats, Floats]:
    """Columns of `x` (n, p) with something of their own to say, an orthonormal basis (n, r) of them, and the matrix
    (r, r) that turns weights on the basis into coefficients."""
    kept = np.arange(x.shape[1])
    for again in (False, True):
        scale = np.sqrt(np.einsum("ij,ij->j", x, x))
        scale[scale == 0] = 1.0
        q, r = np.linalg.qr(x / scale)
        if again or (q.shape[1] == kept.size and np.abs(r.diagonal()).min() > 1e-10):
            break
        kept = np.array(independent(x)[0], dtype=np.int64)
        x = x[:, kept]
    return kept, q, scipy.linalg.lapack.dtrtri(r)[0] / scale[:, None]
