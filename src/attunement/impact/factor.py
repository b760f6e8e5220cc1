"""Confirmatory factor models by maximum likelihood, for any number of groups: means and covariances together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attunement.impact.edge import Floats

Whole = NDArray[np.int64]


@dataclass(frozen=True)
class Moments:
    """What one group gave: n, means (p,), covariances (p, p) with divisor n."""

    n: int
    mean: Floats
    covariance: Floats


@dataclass(frozen=True)
class Pattern:
    """One group's model: Sigma = L P L' + T, mu = i + L a. Each array holds a parameter's number, or -1 where fixed.

    `fixed` holds the values of what is fixed, under the same names: loadings (p, f), factors (f, f), residuals (p, p),
    intercepts (p,), means (f,). Symmetric arrays carry a number in both halves.
    """

    loadings: Whole
    factors: Whole
    residuals: Whole
    intercepts: Whole
    means: Whole
    fixed: dict[str, Floats]

    def values(self, name: str, at: Floats) -> Floats:
        where = getattr(self, name)
        return np.where(where >= 0, at[np.maximum(where, 0)], self.fixed[name])


@dataclass(frozen=True)
class Solution:
    """The minimum: parameters (k,), their covariance, chi-square = sum of n F, and each group's implied moments."""

    at: Floats
    covariance: Floats
    chisq: float
    sigma: tuple[Floats, ...]
    mu: tuple[Floats, ...]
    converged: bool


def solve(groups: list[Moments], patterns: list[Pattern], start: Floats, steps: int = 500) -> Solution:
    """Fisher scoring on the discrepancy sum n_g F_g, with steps halved while it rises or a Sigma is not positive.

    F = log|Sigma| - log|S| + tr(S Sigma^-1) - p + (m - mu)' Sigma^-1 (m - mu). Source: Joreskog 1969, Psychometrika
    34:183, eq. 4; Bollen 1989, Structural Equations with Latent Variables, 4A and 4B.
    """
    try:
        return _scored(groups, patterns, start, steps)
    except np.linalg.LinAlgError:
        return Solution(start, np.zeros((start.size, start.size)), np.inf, (), (), False)


def _scored(groups: list[Moments], patterns: list[Pattern], start: Floats, steps: int) -> Solution:
    at, value = start, discrepancy(groups, patterns, start)
    information, gradient = _derivatives(groups, patterns, at)
    converged = False
    for _step in range(steps):
        step = np.linalg.solve(information + 1e-12 * np.diag(np.diag(information)), gradient)
        gain = float(gradient @ step)
        if gain < 1e-18 * max(1.0, value) or gain < 1e-16:
            converged = True
            break
        share = 1.0
        found = discrepancy(groups, patterns, at + step)
        while not found <= value + 1e-13 * max(1.0, abs(value)) and share > 1e-8:
            share /= 2
            found = discrepancy(groups, patterns, at + share * step)
        if share <= 1e-8:
            converged = gain < 1e-9
            break
        at, value = at + share * step, found
        information, gradient = _derivatives(groups, patterns, at)
    converged = converged and bool(np.isfinite(value))
    covariance = np.asarray(np.linalg.pinv(information, hermitian=True))
    implied = [_implied(pattern, at) for pattern in patterns]
    return Solution(at, covariance, value, tuple(s for s, _ in implied), tuple(m for _, m in implied), converged)


def discrepancy(groups: list[Moments], patterns: list[Pattern], at: Floats) -> float:
    """Sum of n F over the groups; infinite where a Sigma is not positive definite."""
    total = 0.0
    for group, pattern in zip(groups, patterns, strict=True):
        sigma, mu = _implied(pattern, at)
        try:
            root = np.linalg.cholesky(sigma)
        except np.linalg.LinAlgError:
            return np.inf
        inner = np.linalg.solve(root, group.covariance)
        white = np.linalg.solve(root, inner.T)
        off = np.linalg.solve(root, group.mean - mu)
        # the eigenvalues of the whitened S: log and trace together lose nothing near 1
        extra = np.linalg.eigvalsh((white + white.T) / 2) - 1
        if extra.min() <= -1:
            return np.inf
        total += group.n * (float((extra - np.log1p(extra)).sum()) + float(off @ off))
    return total


def _implied(pattern: Pattern, at: Floats) -> tuple[Floats, Floats]:
    loadings = pattern.values("loadings", at)
    sigma = loadings @ pattern.values("factors", at) @ loadings.T + pattern.values("residuals", at)
    return sigma, pattern.values("intercepts", at) + loadings @ pattern.values("means", at)


def _derivatives(groups: list[Moments], patterns: list[Pattern], at: Floats) -> tuple[Floats, Floats]:
    """Expected information (k, k) and minus half the gradient (k,), so that a scoring step is one solve."""
    size = at.size
    information, gradient = np.zeros((size, size)), np.zeros(size)
    for group, pattern in zip(groups, patterns, strict=True):
        sigma, mu = _implied(pattern, at)
        inverse = np.linalg.inv(sigma)
        by_sigma, by_mu = _jacobian(pattern, at)
        off = group.mean - mu
        pull = inverse @ (group.covariance + np.outer(off, off) - sigma) @ inverse
        through = inverse @ by_sigma @ inverse
        flat, bent = by_sigma.reshape(size, -1), through.reshape(size, -1)
        information += group.n * (0.5 * flat @ bent.T + by_mu @ inverse @ by_mu.T)
        gradient += group.n * (0.5 * flat @ pull.ravel() + by_mu @ (inverse @ off))
    return (information + information.T) / 2, gradient


def _jacobian(pattern: Pattern, at: Floats) -> tuple[Floats, Floats]:
    """Derivatives of Sigma (k, p, p) and mu (k, p) by each parameter."""
    loadings, factors = pattern.values("loadings", at), pattern.values("factors", at)
    means = pattern.values("means", at)
    p = loadings.shape[0]
    by_sigma, by_mu = np.zeros((at.size, p, p)), np.zeros((at.size, p))
    through = loadings @ factors
    for i, j in zip(*np.nonzero(pattern.loadings >= 0), strict=True):
        k = pattern.loadings[i, j]
        by_sigma[k, i, :] += through[:, j]
        by_sigma[k, :, i] += through[:, j]
        by_mu[k, i] += means[j]
    for i, j in zip(*np.nonzero(pattern.factors >= 0), strict=True):
        by_sigma[pattern.factors[i, j]] += np.outer(loadings[:, i], loadings[:, j])
    for i, j in zip(*np.nonzero(pattern.residuals >= 0), strict=True):
        by_sigma[pattern.residuals[i, j], i, j] += 1
    for i in np.flatnonzero(pattern.intercepts >= 0):
        by_mu[pattern.intercepts[i], i] += 1
    for j in np.flatnonzero(pattern.means >= 0):
        by_mu[pattern.means[j]] += loadings[:, j]
    return by_sigma, by_mu
