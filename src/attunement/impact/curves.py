"""The distributions the estimators need, as plain functions of floats."""

from __future__ import annotations

import scipy

NORMAL_975 = 1.959963984540054


def normal_p(z: float) -> float:
    """Two-sided p of a standard normal `z`."""
    return 2 * float(scipy.special.ndtr(-abs(z)))


def t_quantile(share: float, df: float) -> float:
    """The value of Student's t below which `share` lies."""
    return float(scipy.special.stdtrit(df, share))


def t_reach(df: float, level: float = 0.95) -> float:
    """How many standard errors a two-sided interval of Student's t reaches to each side."""
    return float(scipy.special.stdtrit(df, (1 + level) / 2))


def t_975(df: float) -> float:
    """The 97.5th percentile of Student's t."""
    return t_reach(df)


def t_p(t: float, df: float) -> float:
    """Two-sided p of Student's `t`."""
    return 2 * float(scipy.special.stdtr(df, -abs(t)))


def noncentralities(t: float, df: float, level: float = 0.95) -> tuple[float, float]:
    """The two noncentralities for which `t` is the upper and the lower tail's percentile of the noncentral t."""
    return _noncentrality(t, df, (1 + level) / 2), _noncentrality(t, df, (1 - level) / 2)


def _noncentrality(t: float, df: float, share: float) -> float:
    def off(shift: float) -> float:
        return float(scipy.special.nctdtr(df, shift, t)) - share

    reach = 5.0 + abs(t) / 2
    low, high = t - reach, t + reach
    while off(low) < 0:
        low -= reach
    while off(high) > 0:
        high += reach
    return float(scipy.optimize.brentq(off, low, high, xtol=1e-13, rtol=8.9e-16))
