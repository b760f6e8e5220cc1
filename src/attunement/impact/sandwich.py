"""Standard errors that do not trust the model's variance: by family (HC0-HC3) and by cluster (CR1, CR2)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attunement.impact.edge import Floats

Whole = NDArray[np.int64]
_NONE_LEFT = 1e-10


@dataclass(frozen=True)
class Solved:
    """Least squares: coefficients (p,), (X'X)^-1 (p, p), residuals and leverages (n,), orthonormal columns (n, p)."""

    columns: Floats
    coefficients: Floats
    bread: Floats
    residuals: Floats
    leverages: Floats
    basis: Floats

    @property
    def df(self) -> int:
        return int(self.residuals.size - self.coefficients.size)

    @property
    def variance(self) -> float:
        return float(self.residuals @ self.residuals) / self.df


def solve(columns: Floats, y: Floats) -> Solved:
    """Ordinary least squares by QR of the columns brought to length one."""
    scale = np.linalg.norm(columns, axis=0)
    q, r = np.linalg.qr(columns / scale)
    root = np.linalg.inv(r) / scale[:, None]
    coefficients = root @ (q.T @ y)
    return Solved(columns, coefficients, root @ root.T, y - columns @ coefficients, (q * q).sum(axis=1), q)


def classical(fit: Solved) -> Floats:
    return fit.bread * fit.variance


def by_family(fit: Solved, kind: str) -> Floats:
    """HC0, HC1 n/(n - p), HC2 e²/(1 - h), HC3 e²/(1 - h)². A family that alone decides a coefficient adds nothing.

    Source: MacKinnon and White 1985, J Econometrics 29:305, equations 9-13.
    """
    n = fit.residuals.size
    rest = 1 - fit.leverages
    alone = rest <= _NONE_LEFT
    power = {"hc0": 0, "hc1": 0, "hc2": 1, "hc3": 2}[kind]
    weights = np.where(alone & (power > 0), 0.0, fit.residuals**2 / np.where(alone, 1.0, rest) ** power)
    if kind == "hc1":
        weights = weights * n / fit.df
    half = (fit.columns @ fit.bread) * np.sqrt(weights)[:, None]
    return np.asarray(half.T @ half)


def by_cluster(fit: Solved, cluster: Whole) -> Floats:
    """Stata's CR1 (CR1S): CR0 times G/(G - 1) times (n - 1)/(n - p). `cluster` numbers the clusters 0..G-1."""
    groups, n = int(cluster.max()) + 1, fit.residuals.size
    half = _sums(fit.columns * fit.residuals[:, None], cluster, groups) @ fit.bread
    return np.asarray(half.T @ half) * groups / (groups - 1) * (n - 1) / fit.df


def bias_reduced(fit: Solved, cluster: Whole) -> tuple[Floats, Floats]:
    """CR2: the covariance (p, p), and Satterthwaite's df of each coefficient (p,) under independent equal errors.

    A_g = (I - H_gg)^(-1/2), symmetric, Moore-Penrose where singular, from the singular values of the cluster's
    orthonormal columns. Source: Bell and McCaffrey 2002, Survey Methodology 28:169; Pustejovsky and Tipton 2018,
    J Business and Economic Statistics 36:672, equations 6 and 11.
    """
    groups, p = int(cluster.max()) + 1, fit.columns.shape[1]
    influence = fit.columns @ fit.bread
    scores, lengths, sums = np.empty((groups, p)), np.empty((groups, p)), np.empty((groups, p, p))
    order = np.argsort(cluster, kind="stable")
    for group, rows in enumerate(np.split(order, np.cumsum(np.bincount(cluster, minlength=groups))[:-1])):
        left, singular, _ = np.linalg.svd(fit.basis[rows], full_matrices=False)
        rest = 1 - singular**2
        root = np.where(rest > _NONE_LEFT, 1 / np.sqrt(np.where(rest > _NONE_LEFT, rest, 1.0)), 0.0)
        moved = influence[rows] + left @ ((root - 1)[:, None] * (left.T @ influence[rows]))
        scores[group] = moved.T @ fit.residuals[rows]
        lengths[group] = (moved * moved).sum(axis=0)
        sums[group] = fit.columns[rows].T @ moved
    return scores.T @ scores, _satterthwaite(fit.bread, lengths, sums)


def _satterthwaite(bread: Floats, lengths: Floats, sums: Floats) -> Floats:
    """tr(K)² / tr(K²) for K = diag(lengths) - U'(X'X)^-1 U, one K a coefficient."""
    df = np.empty(lengths.shape[1])
    for at in range(df.size):
        u, own = sums[:, :, at], lengths[:, at]
        through = u @ bread
        overlap = (through * u).sum(axis=1)
        square = through.T @ u
        trace = own.sum() - overlap.sum()
        squares = (own**2).sum() - 2 * (own * overlap).sum() + (square * square.T).sum()
        df[at] = trace**2 / squares if squares > 0 else np.nan
    return df


def _sums(values: Floats, cluster: Whole, groups: int) -> Floats:
    total = np.zeros((groups, values.shape[1]))
    np.add.at(total, cluster, values)
    return total
