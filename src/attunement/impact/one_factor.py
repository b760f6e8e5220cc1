"""Whether the items of a scale measure one thing, and how reliably: one factor, alpha and omega."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

import numpy as np
import polars as pl
import scipy

from attunement.impact.curves import NORMAL_975, normal_p
from attunement.impact.edge import Floats
from attunement.impact.estimate import Estimate, Fit
from attunement.impact.factor import Moments, Pattern, Solution, solve
from attunement.impact.failing import Unfit, answers_failure
from attunement.impact.flags import Flag, Flagged
from attunement.impact.goodness import fit_indices
from attunement.impact.items import answers, moments

METHOD = "one factor, maximum likelihood (divisor n), factor variance 1, complete answers"


@answers_failure
def one_factor(data: pl.DataFrame, *, items: Sequence[str]) -> Fit:
    """One common factor of three `items` or more, by maximum likelihood on the families with every item known.

    `effect` is omega, the share of the sum's variance that is the factor's; `estimates` has each item's loading under
    the item's name and its residual variance as `item residual`. `diagnostics`: chisq (n F), df, pvalue, cfi, tli,
    rmsea, srmr, logl, aic, bic. A negative residual variance is flagged BOUNDARY. Fails, flagged, when an item is
    constant or follows from others, or when families are too few.
    Sources: Joreskog 1969, Psychometrika 34:183; McDonald 1999, Test Theory, eq. 6.20b.
    """
    told = answers(data, items, 3)
    group = moments(told.values, told.items)
    found = _solve(group)
    p = len(told.items)
    omega = omega_of(found, group.n)
    errors = np.sqrt(np.diag(found.covariance))
    estimates = [omega]
    for at, name in enumerate([*told.items, *(f"{item} residual" for item in told.items)]):
        what = f"loading of {name}" if at < p else f"residual variance of {name.removesuffix(' residual')}"
        estimates.append(_normal(name, what, float(found.at[at]), float(errors[at]), group.n))
    flagged = tuple(
        Flagged(Flag.BOUNDARY, f"the residual variance of '{name}' is below 0")
        for name, value in zip(told.items, found.at[p : 2 * p], strict=True) if value < 0
    )  # fmt: skip
    diagnostics = {"missing": told.missing} | fit_indices([group], found, 3 * p)
    return Fit(omega, tuple(estimates), None, {}, diagnostics, flagged)


@answers_failure
def reliability(data: pl.DataFrame, *, items: Sequence[str]) -> Fit:
    """Cronbach's alpha and McDonald's omega of a sum of `items`, on the families with every item known.

    `effect` is alpha (Feldt's exact interval, no standard error), `omega` beside it where one factor can be fitted
    (three items or more). `diagnostics`: standardised alpha, and for each item its correlation with the sum of the
    others (`r_drop item`) and alpha without it (`alpha_drop item`). Alpha may be negative, and is given so. Fails,
    flagged CONSTANT, when the items do not vary.
    Sources: Cronbach 1951, Psychometrika 16:297, eq. 2; Feldt, Woodruff and Salih 1987, Applied Psychological
    Measurement 11:93, eq. 7; McDonald 1999, Test Theory, eq. 6.20b.
    """
    told = answers(data, items, 2)
    n, k = told.values.shape
    if n < 2:
        raise Unfit(Flag.SMALL_CELL, f"{n} families with every item are too few")
    covariance = np.cov(told.values, rowvar=False)
    if not covariance.any() or covariance.sum() <= 0:
        raise Unfit(Flag.CONSTANT, "the sum of the items is the same for every family")
    alpha = cronbach(covariance)
    low, high = (1 - (1 - alpha) * float(scipy.special.fdtri(n - 1, (n - 1) * (k - 1), q)) for q in (0.975, 0.025))
    method = "Cronbach's alpha, Feldt's interval, complete answers"
    effect = Estimate("alpha", f"reliability of the sum of {k} items", alpha, None, None, low, high, None, method, n)
    estimates, flagged = [effect], []
    try:
        if k < 3:
            raise Unfit(Flag.SMALL_CELL, f"omega needs three items, not {k}")
        estimates.append(omega_of(_solve(moments(told.values, told.items)), n))
    except Unfit as fault:
        flagged.append(Flagged(fault.flag, f"no omega: {fault.reason}"))
    diagnostics = {"missing": float(told.missing)} | _without_each(covariance, told.items)
    return Fit(effect, tuple(estimates), None, {}, diagnostics, tuple(flagged))


def cronbach(covariance: Floats) -> float:
    """Alpha from the covariances (k, k) of the items."""
    k = covariance.shape[0]
    return float(k / (k - 1) * (1 - np.trace(covariance) / covariance.sum()))


def omega_of(found: Solution, n: int) -> Estimate:
    """Omega of a one-factor solution, with a standard error by the delta method."""
    p = found.sigma[0].shape[0]
    loadings, residuals = found.at[:p], found.at[p : 2 * p]
    common, rest = float(loadings.sum()), float(residuals.sum())
    total = common**2 + rest
    slope = np.concatenate([np.full(p, 2 * common * rest / total**2), np.full(p, -(common**2) / total**2)])
    variance = float(slope @ found.covariance[: 2 * p, : 2 * p] @ slope)
    what = "share of the sum's variance that is the factor's"
    return _normal("omega", what, common**2 / total, sqrt(max(variance, 0)), n)


def _solve(group: Moments) -> Solution:
    p = group.mean.size
    none = np.full
    pattern = Pattern(
        np.arange(p)[:, None], none((1, 1), -1), np.where(np.eye(p, dtype=np.bool_), np.arange(p, 2 * p)[:, None], -1),
        np.arange(2 * p, 3 * p), none(1, -1),
        {"loadings": np.zeros((p, 1)), "factors": np.ones((1, 1)), "residuals": np.zeros((p, p)),
         "intercepts": np.zeros(p), "means": np.zeros(1)},
    )  # fmt: skip
    found = solve([group], [pattern], np.concatenate([*start(group), group.mean]))
    if not found.converged:
        raise Unfit(Flag.NOT_CONVERGED, "the factor model has no maximum that could be reached")
    if found.at[:p].sum() < 0:
        turned = found.at.copy()
        turned[:p] *= -1
        sign = np.ones(turned.size)
        sign[:p] = -1
        return Solution(turned, found.covariance * np.outer(sign, sign), found.chisq, found.sigma, found.mu, True)
    return found


def start(group: Moments) -> tuple[Floats, Floats]:
    """Loadings and residual variances to begin from: the first principal component of the common variance."""
    size = np.sqrt(np.diag(group.covariance))
    correlation = group.covariance / np.outer(size, size)
    common = np.clip(1 - 1 / np.diag(np.linalg.inv(correlation)), 0.05, 0.95)
    reduced = correlation - np.diag(1 - common)
    values, vectors = np.linalg.eigh(reduced)
    loadings = vectors[:, -1] * np.sqrt(max(values[-1], 0.1)) * (1 if vectors[:, -1].sum() >= 0 else -1)
    loadings = np.clip(loadings, -0.95, 0.95)
    return loadings * size, (1 - loadings**2) * size**2


def _without_each(covariance: Floats, items: Sequence[str]) -> dict[str, float]:
    size = np.sqrt(np.diag(covariance))
    k = size.size
    found: dict[str, float] = {}
    if size.min() > 0:
        mean = float(((covariance / np.outer(size, size)).sum() - k) / (k * (k - 1)))
        if 1 + (k - 1) * mean > 1e-12:
            found["alpha_standardised"] = k * mean / (1 + (k - 1) * mean)
    for at, name in enumerate(items):
        rest = np.delete(np.arange(k), at)
        others = covariance[np.ix_(rest, rest)]
        spread = covariance[at, at] * others.sum()
        if spread > 0:
            found[f"r_drop {name}"] = float(covariance[at, rest].sum() / np.sqrt(spread))
        if k > 2 and others.sum() > 0:
            found[f"alpha_drop {name}"] = cronbach(others)
    return found


def _normal(term: str, what: str, value: float, se: float, n: int) -> Estimate:
    known = se > 0
    return Estimate(
        term, what, value, se if known else None, None, value - NORMAL_975 * se if known else None,
        value + NORMAL_975 * se if known else None, normal_p(value / se) if known else None, METHOD, n,
    )  # fmt: skip
