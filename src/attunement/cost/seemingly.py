"""Two regressions whose errors go together: one step of feasible generalised least squares, many data sets at once.

Zellner 1962, JASA 57:348. All of it is worked out from sums of products of columns, so a resample is a weighted sum.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from attunement.cost.errors import CostError
from attunement.cost.trial import Floats, arms, columns, numbers


@dataclass(frozen=True)
class System:
    """Rows ready for the fit. `table`: intercept, arm, covariates, then cost and effect, each scaled; `cost_columns`
    and `effect_columns` say which of them each equation has, arm second. `scale`: of cost and of effect.
    """

    table: Floats
    cost_columns: NDArray[np.intp]
    effect_columns: NDArray[np.intp]
    scale: Floats

    @property
    def products(self) -> Floats:
        """n × (q(q + 1)/2): each row's products of two columns."""
        left, right = np.triu_indices(self.table.shape[1])
        return self.table[:, left] * self.table[:, right]


@dataclass(frozen=True)
class Fitted:
    """Of B data sets: arm coefficients (B × 2, cost first), their covariance and the residuals' (B × 2 × 2)."""

    value: Floats
    cov: Floats
    residual_cov: Floats


def system(data: pl.DataFrame, *, cost: str, effect: str, arm: str, covariates_cost: Sequence[str],
           covariates_effect: Sequence[str]) -> System:  # fmt: skip
    """Build the two equations from complete rows. CostError: columns that say the same twice, or too few rows.

    Covariates are centred and everything is scaled: the arm's coefficients stay, the condition number falls.
    """
    wide = {name: columns(data, (name,)) for name in dict.fromkeys((*covariates_cost, *covariates_effect))}
    parts: list[Floats] = [np.ones((data.height, 1)), arms(data, arm)[:, None]]
    places: dict[str, list[int]] = {}
    for name, block in wide.items():
        start = sum(part.shape[1] for part in parts)
        places[name] = list(range(start, start + block.shape[1]))
        parts.append(_scaled(block - block.mean(axis=0)))
    sides = [np.array([0, 1, *(place for name in dict.fromkeys(names) for place in places[name])], dtype=np.intp)
             for names in (covariates_cost, covariates_effect)]  # fmt: skip
    design = np.column_stack(parts)
    for side, of in zip(sides, (cost, effect), strict=True):
        if data.height <= side.size:
            raise CostError(f"{data.height} complete rows are too few for the {side.size} coefficients of '{of}'.")
        if np.linalg.matrix_rank(design[:, side]) < side.size:
            raise CostError(f"The covariates of '{of}' say the same thing twice, or do not vary.")
    results = np.column_stack([numbers(data, cost), numbers(data, effect)])
    results = results.astype(np.float64)
    scale = results.std(axis=0)
    for size, of in zip(scale, (cost, effect), strict=True):
        if not size > 0:
            raise CostError(f"'{of}' is the same in every row.")
    return System(np.column_stack([design, results / scale]), sides[0], sides[1], scale)


def fit(made: System, sums: Floats, n: int) -> Fitted:
    """Fit B data sets of n rows each from their summed products (B × q(q + 1)/2).

    S_ij = e_i'e_j / √((n − k_i)(n − k_j)) from least squares; then V = [X'(S⁻¹ ⊗ I)X]⁻¹ and b = V X'(S⁻¹ ⊗ I)y,
    once: no iteration, no rescaling. CostError: a data set that cannot be fitted.
    """
    q = made.table.shape[1]
    moments = np.empty((sums.shape[0], q, q))
    left, right = np.triu_indices(q)
    moments[:, left, right] = moments[:, right, left] = sums
    sides, y = (made.cost_columns, made.effect_columns), (q - 2, q - 1)
    free = np.sqrt([n - side.size for side in sides])
    try:
        residual = _residual(moments, sides, y) / np.outer(free, free)
        weight = np.linalg.inv(residual)
        cov = np.linalg.inv(_blocks(moments, sides, weight))
    except np.linalg.LinAlgError:
        raise CostError("Cost and effect cannot be told apart: the equations have no single solution.") from None
    right_side = np.concatenate(
        [sum((weight[:, i, j, None] * moments[:, sides[i], y[j]] for j in (0, 1)), np.zeros(1)) for i in (0, 1)], axis=1
    )
    b = np.einsum("bij,bj->bi", cov, right_side)
    own = np.array([1, sides[0].size + 1])
    outer = np.outer(made.scale, made.scale)
    return Fitted(b[:, own] * made.scale, cov[:, own[:, None], own[None, :]] * outer, residual * outer)


def _residual(moments: Floats, sides: tuple[NDArray[np.intp], ...], y: tuple[int, int]) -> Floats:
    """Least squares' residual products, B × 2 × 2."""
    results: list[Floats] = []
    for side, of in zip(sides, y, strict=True):
        fitted = np.zeros((moments.shape[0], moments.shape[1]))
        block, known = moments[:, side[:, None], side[None, :]], moments[:, side, of]
        fitted[:, side] = -np.linalg.solve(block, known[..., None])[..., 0]
        fitted[:, of] = 1
        results.append(fitted)
    stacked = np.stack(results, axis=1)
    return np.asarray(stacked @ moments @ stacked.transpose(0, 2, 1))


def _blocks(moments: Floats, sides: tuple[NDArray[np.intp], ...], weight: Floats) -> Floats:
    """X'(S⁻¹ ⊗ I)X, B × (k₁ + k₂) × (k₁ + k₂)."""
    rows = [
        np.concatenate(
            [weight[:, i, j, None, None] * moments[:, sides[i][:, None], sides[j][None, :]] for j in (0, 1)], axis=2
        )
        for i in (0, 1)
    ]
    return np.concatenate(rows, axis=1)


def _scaled(block: Floats) -> Floats:
    size = block.std(axis=0)
    return np.asarray(block / np.where(size > 0, size, 1))
