"""Logistic and Poisson regression on plain arrays."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import scipy

from attunement.impact.edge import Floats
from attunement.impact.newton import Optimum, maximise

Means = Callable[[Floats], tuple[float, Floats, Floats]]


def logistic(design: Floats, outcome: Floats) -> Optimum:
    """Coefficients of a logistic regression of `outcome` (n,) 0/1 on `design` (n, p). McCullagh and Nelder 1989, 4.4."""
    sign = 2 * outcome - 1

    def means(eta: Floats) -> tuple[float, Floats, Floats]:
        here, other = scipy.special.expit(eta), scipy.special.expit(-eta)
        return float(scipy.special.log_expit(sign * eta).sum()), sign * scipy.special.expit(-sign * eta), here * other

    return _fit(design, means, np.zeros(design.shape[1]))


def poisson(design: Floats, outcome: Floats, offset: Floats) -> Optimum:
    """Coefficients of a log-linear model of counts (n,), with `offset` (n,) on the log scale; same source, 6.2."""
    constant = float(scipy.special.gammaln(outcome + 1).sum())

    def means(eta: Floats) -> tuple[float, Floats, Floats]:
        mean = np.exp(np.minimum(eta + offset, 500))
        return float(outcome @ (eta + offset) - mean.sum()) - constant, outcome - mean, mean

    level = np.log(np.maximum(outcome.sum(), 0.5) / np.exp(offset).sum())
    return _fit(design, means, np.linalg.lstsq(design, np.full(outcome.size, level), rcond=None)[0])


def sandwich(design: Floats, residual: Floats, covariance: Floats) -> Floats:
    """HC0: the covariance (p, p) that leaves the variance of each row's score to the data. White 1982, eq. 3.2."""
    scores = design * residual[:, None]
    return np.asarray(covariance @ (scores.T @ scores) @ covariance)


def spread(design: Floats) -> Floats:
    """How far a unit of each coefficient moves the rows: the largest absolute value of its column."""
    return np.asarray(np.maximum(np.abs(design).max(axis=0), 1e-300))


def _fit(design: Floats, means: Means, start: Floats) -> Optimum:
    def derivatives(at: Floats) -> tuple[float, Floats, Floats]:
        value, residual, weight = means(design @ at)
        return value, design.T @ residual, design.T @ (design * weight[:, None])

    return maximise(derivatives, start, spread(design))
