"""Restricted likelihood of a model whose variance is linear in its parameters, V = sum of theta_k G_k.

What the estimators need of it: value, gradient, both informations, and the matrices of the small-sample corrections.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log, pi
from typing import Protocol

import numpy as np

from attunement.impact.edge import Floats


@dataclass(frozen=True)
class Point:
    """Everything at one theta of length K, with p fixed effects and P = V^-1 - V^-1 X C X' V^-1.

    `criterion` is minus twice the restricted log-likelihood; `slope` (K,) its gradient; `expected` and `observed`
    (K, K) information of the log-likelihood, tr(P Gk P Gl) / 2 and y'P Gk P Gl P y - tr(P Gk P Gl) / 2;
    `covariance` C (p, p); `first` (K, p, p) X'V^-1 Gk V^-1 X; `second` (K, K, p, p) X'V^-1 Gk V^-1 Gl V^-1 X.
    Source: Harville 1977, JASA 72:320, section 5; Gilmour, Thompson and Cullis 1995, Biometrics 51:1440.
    """

    theta: Floats
    criterion: float
    slope: Floats
    expected: Floats
    observed: Floats
    coefficients: Floats
    covariance: Floats
    first: Floats
    second: Floats


class Likelihood(Protocol):
    """A model that can be asked at any theta inside its range; `ml` is the unrestricted likelihood."""

    def at(self, theta: Floats) -> Point: ...


@dataclass(frozen=True)
class Moments:
    """What a model sums over its rows at one theta, with Y = [X y] of width p + 1.

    `inner` (p+1, p+1) Y'V^-1 Y; `first` (K, p+1, p+1) Y'V^-1 Gk V^-1 Y; `second` (K, K, p+1, p+1);
    `log_determinant` of V; `trace` (K,) tr(V^-1 Gk); `traces` (K, K) tr(V^-1 Gk V^-1 Gl).
    """

    inner: Floats
    first: Floats
    second: Floats
    log_determinant: float
    trace: Floats
    traces: Floats


def point(theta: Floats, sums: Moments, rows: int, ml: bool = False) -> Point:
    """The restricted (or with `ml` the full) likelihood and its derivatives from a model's sums."""
    p = sums.inner.shape[0] - 1
    root = np.linalg.cholesky(sums.inner[:p, :p])
    inverse = np.linalg.inv(root)
    covariance = inverse.T @ inverse
    coefficients = covariance @ sums.inner[:p, p]
    away = np.append(-coefficients, 1.0)
    rss = float(away @ sums.inner @ away)
    criterion = sums.log_determinant + rss + (rows if ml else rows - p) * log(2 * pi)
    first, second = sums.first[:, :p, :p], sums.second[:, :, :p, :p]
    pulled = sums.first @ away
    quadratic = pulled @ away
    crossed = (sums.second @ away) @ away - pulled[:, :p] @ covariance @ pulled[:, :p].T
    through = covariance @ first
    trace, traces = sums.trace, sums.traces
    if not ml:
        criterion += 2 * float(np.log(np.diag(root)).sum())
        trace = trace - np.trace(through, axis1=1, axis2=2)
        traces = traces - 2 * (second * covariance).sum(axis=(2, 3)) + np.einsum("kij,lji->kl", through, through)
    return Point(
        theta, criterion, trace - quadratic, traces / 2, crossed - traces / 2, coefficients, covariance, first, second
    )
