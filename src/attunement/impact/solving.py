"""Least squares where it can be had, and the reason where it cannot."""

from __future__ import annotations

import numpy as np

from attunement.impact import sandwich
from attunement.impact.edge import Floats, Rows
from attunement.impact.failing import Unfit
from attunement.impact.flags import Flag


def least_squares(columns: Floats, used: Rows, outcome: str) -> sandwich.Solved:
    """`used.outcome` (n,) on `columns` (n, p) of full rank; Unfit when it is constant, fitted exactly, or n <= p."""
    n, p = columns.shape
    if np.ptp(used.outcome) == 0:
        raise Unfit(Flag.CONSTANT, f"'{outcome}' is the same for every family", used.by_arm, used.missing)
    if n <= p:
        reason = f"{n} families with '{outcome}' are too few for {p} coefficients"
        raise Unfit(Flag.SMALL_CELL, reason, used.by_arm, used.missing)
    fit = sandwich.solve(columns, used.outcome)
    if fit.residuals @ fit.residuals <= 1e-20 * float(used.outcome @ used.outcome):
        reason = f"'{outcome}' has no variation left about the model, so no standard error exists"
        raise Unfit(Flag.CONSTANT, reason, used.by_arm, used.missing)
    return fit
