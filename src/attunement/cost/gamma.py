"""A generalised linear model for costs: gamma, log link, and the difference in means that it implies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attunement.cost.errors import CostError
from attunement.cost.trial import Floats

STEPS, CLOSE = 100, 1e-12


@dataclass(frozen=True)
class Gamma:
    """`coefficient` of the arm on the log scale; `difference` in money, everybody in one arm and then the other."""

    coefficient: float
    se: float
    dispersion: float
    difference: float
    difference_se: float


def gamma(cost: Floats, design: Floats, arm_column: int) -> Gamma:
    """Fit by iterated least squares (McCullagh and Nelder 1989, 2.5): with the log link all weights are 1.

    `design` n × k with intercept, full rank. Dispersion is Pearson's χ² / (n − k); the difference's error is by the
    delta method. CostError: a cost of 0, or no convergence.
    """
    if (cost <= 0).any():
        raise CostError("A gamma model has no place for a cost of 0.")
    n, k = design.shape
    inverse = np.linalg.inv(design.T @ design)
    fitted = np.log(np.full(n, cost.mean()))
    b = np.zeros(k)
    for _step in range(STEPS):
        mean = np.exp(fitted)
        new = inverse @ (design.T @ (fitted + (cost - mean) / mean))
        moved, b = float(np.abs(new - b).max()), new
        fitted = design @ b
        if moved < CLOSE * (1 + float(np.abs(b).max())):
            break
    else:
        raise CostError("The gamma model of cost does not converge.")
    mean = np.exp(fitted)
    dispersion = float((((cost - mean) / mean) ** 2).sum() / (n - k))
    cov = dispersion * inverse
    ends, slopes = [], []
    for arm in (0.0, 1.0):
        everybody = design.copy()
        everybody[:, arm_column] = arm
        predicted = np.exp(everybody @ b)
        ends.append(float(predicted.mean()))
        slopes.append((predicted[:, None] * everybody).mean(axis=0))
    slope = slopes[1] - slopes[0]
    return Gamma(float(b[arm_column]), float(np.sqrt(cov[arm_column, arm_column])), dispersion, ends[1] - ends[0],
                 float(np.sqrt(slope @ cov @ slope)))
