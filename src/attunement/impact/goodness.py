"""How well a factor model fits: the indices that readers expect, defined as lavaan defines them."""

from __future__ import annotations

from math import log, pi, sqrt

import numpy as np
import scipy

from attunement.impact.edge import Floats
from attunement.impact.factor import Moments, Solution


def fit_indices(groups: list[Moments], found: Solution, parameters: int) -> dict[str, float]:
    """chisq, df, pvalue, cfi, tli, rmsea, srmr, logl, aic, bic of a model with means.

    The baseline model has means and variances only. RMSEA is over n, times the root of the number of groups; SRMR
    counts standardised residuals of means too, and is averaged over groups by n.
    Sources: Bentler 1990, Psychological Bulletin 107:238; Steiger 1998, Structural Equation Modeling 5:411; Bentler
    1995, EQS manual.
    """
    n, p = sum(group.n for group in groups), groups[0].mean.size
    df = len(groups) * p * (p + 3) // 2 - parameters
    base = sum(group.n * -np.linalg.slogdet(_correlation(group.covariance))[1] for group in groups)
    base_df = len(groups) * p * (p - 1) // 2
    worse = max(base - base_df, found.chisq - df, 0.0)
    logl = -0.5 * found.chisq - 0.5 * sum(
        group.n * (p * log(2 * pi) + float(np.linalg.slogdet(group.covariance)[1]) + p) for group in groups
    )
    srmr = sum(group.n * _srmr(group, s, m) for group, s, m in zip(groups, found.sigma, found.mu, strict=True)) / n
    return {
        "chisq": found.chisq,
        "df": df,
        "pvalue": float(scipy.special.chdtrc(df, found.chisq)) if df > 0 else 1.0,
        "cfi": 1 - max(found.chisq - df, 0.0) / worse if worse > 0 else 1.0,
        "tli": 1.0 if df == 0 or base <= base_df else (base / base_df - found.chisq / df) / (base / base_df - 1),
        "rmsea": sqrt(max(found.chisq - df, 0.0) / (n * df) * len(groups)) if df > 0 else 0.0,
        "srmr": srmr,
        "logl": logl,
        "aic": 2 * parameters - 2 * logl,
        "bic": log(n) * parameters - 2 * logl,
    }


def _correlation(covariance: Floats) -> Floats:
    size = np.sqrt(np.diag(covariance))
    return np.asarray(covariance / np.outer(size, size))


def _srmr(group: Moments, sigma: Floats, mu: Floats) -> float:
    size = np.sqrt(np.diag(group.covariance))
    half = np.tril_indices(size.size)
    off = ((group.covariance - sigma) / np.outer(size, size))[half]
    means = (group.mean - mu) / size
    return sqrt(float((off @ off + means @ means) / (off.size + means.size)))
