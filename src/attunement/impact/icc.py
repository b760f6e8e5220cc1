"""How alike the families of one practitioner are."""

from __future__ import annotations

import numpy as np
import polars as pl

from attunement.impact.edge import known, named_once, numbers, words
from attunement.impact.estimate import Estimate, Fit
from attunement.impact.failing import Unfit, answers_failure
from attunement.impact.flags import Flag, Flagged
from attunement.impact.spectrum import clustered
from attunement.impact.variances import fitted

_FEW = 6


@answers_failure
def icc(data: pl.DataFrame, *, outcome: str, group: str) -> Fit:
    """Intraclass correlation of `outcome` within `group`, on the rows given (those of the arm that has practitioners).

    Terms 'anova', which is `effect` and may be negative, and 'reml', which is 0 at the boundary (flagged). Rows with
    a missing outcome or group are left out. Extras and diagnostics: msb, msw, n0 (the mean group size that unequal
    groups count for), groups. No interval is given.
    Source: Donner 1986, International Statistical Review 54:67, equations 2.1 to 2.4.
    """
    named_once([outcome, group])
    values, labels = numbers(data, outcome), words(data, group)
    keep = ~np.isnan(values) & known(labels)
    y, missing = values[keep], int((~keep).sum())
    numbered = np.unique(labels[keep].astype(np.str_), return_inverse=True)[1].astype(np.int64)
    counts = np.bincount(numbered)
    n, groups = y.size, counts.size
    by_arm = (0, n)
    if n == 0:
        raise Unfit(Flag.MISSING, f"no row has '{outcome}' and '{group}' known", by_arm, missing)
    if groups < 2:
        raise Unfit(Flag.FEW_CLUSTERS, f"'{group}' has one value only", by_arm, missing)
    if n == groups:
        raise Unfit(Flag.SMALL_CELL, f"no value of '{group}' has two families", by_arm, missing)
    if np.ptp(y) == 0:
        raise Unfit(Flag.CONSTANT, f"'{outcome}' is the same for every family", by_arm, missing)
    centred = y - y.mean()
    means = np.bincount(numbered, centred) / counts
    msb = float(counts @ means**2) / (groups - 1)
    msw = float(((centred - means[numbered]) ** 2).sum()) / (n - groups)
    if msw <= 1e-20 * float(y @ y):
        raise Unfit(Flag.CONSTANT, f"'{outcome}' does not vary within '{group}'", by_arm, missing)
    n0 = (n - float((counts**2).sum()) / n) / (groups - 1)
    both = np.column_stack([np.full(n, n**-0.5), centred])
    found = fitted(clustered(both, numbered, np.ones(n, dtype=np.bool_)))
    between, residual = (float(part) for part in found.point.theta)
    extras = {"msb": msb, "msw": msw, "n0": n0, "groups": float(groups)}
    ratio = (msb - msw) / (msb + (n0 - 1) * msw)

    def told(term: str, value: float, method: str) -> Estimate:
        return Estimate(
            term, f"intraclass correlation of {outcome}", value, method=method, n=n, n_by_arm=by_arm, extras=extras
        )

    anova = told("anova", ratio, "one-way analysis of variance, unequal groups")
    reml = told("reml", between / (between + residual), "one-way random effects, REML")
    flagged = []
    if found.at_zero:
        flagged.append(Flagged(Flag.BOUNDARY, f"the variance between values of '{group}' is estimated to be zero"))
    if groups < _FEW:
        flagged.append(Flagged(Flag.FEW_CLUSTERS, f"'{group}' has {groups} values only"))
    components = {group: between, "residual": residual}
    return Fit(anova, (anova, reml), None, components, {"missing": missing, **extras}, tuple(flagged))
