"""The distributions the estimators need, as plain functions of floats."""

from __future__ import annotations

from scipy import special

NORMAL_975 = float(special.ndtri(0.975))


def normal_p(z: float) -> float:
    """Two-sided p of a standard normal `z`."""
    return 2 * float(special.ndtr(-abs(z)))


def t_975(df: float) -> float:
    """The 97.5th percentile of Student's t."""
    return float(special.stdtrit(df, 0.975))


def t_p(t: float, df: float) -> float:
    """Two-sided p of Student's `t`."""
    return 2 * float(special.stdtr(df, -abs(t)))


def noncentralities(t: float, df: float) -> tuple[float, float]:
    """The two noncentralities for which `t` is the 97.5th and the 2.5th percentile of the noncentral t."""
    return float(special.nctdtrinc(df, 0.975, t)), float(special.nctdtrinc(df, 0.025, t))
