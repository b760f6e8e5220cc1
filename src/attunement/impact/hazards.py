"""Time to an event on plain arrays: Cox's partial likelihood, the log-rank test, Kaplan and Meier's curve."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attunement.impact.edge import Floats
from attunement.impact.newton import Derivatives

Whole = NDArray[np.int64]


def partial_likelihood(matrix: Floats, time: Floats, event: Floats, stratum: Whole) -> Derivatives:
    """Log partial likelihood with Efron's ties, its score and negative Hessian, by stratum.

    `matrix` (n, p), centred for precision; `event` 0/1; `stratum` numbers. Source: Efron 1977, JASA 72:557, section 4;
    Therneau and Grambsch 2000, 3.3.
    """
    order = np.lexsort((-time, stratum))
    x, time, event, stratum = matrix[order], time[order], event[order], stratum[order]
    n, p = x.shape
    # rows run from late to early within a stratum, so who is at risk is what came before, ties included
    new = np.flatnonzero(np.r_[True, (np.diff(stratum) != 0) | (np.diff(time) != 0)])
    group = np.cumsum(np.isin(np.arange(n), new)) - 1
    last = np.r_[new[1:], n] - 1
    base = np.searchsorted(stratum, stratum[new])
    deaths = np.flatnonzero(event == 1)
    which = group[deaths]
    many = np.bincount(which, minlength=new.size)
    earlier = np.r_[0, np.cumsum(many)[:-1]]
    share = (np.arange(deaths.size) - earlier[which]) / many[which]
    pairs = [(i, j) for i in range(p) for j in range(i, p)]
    left, right = np.array([i for i, _ in pairs]), np.array([j for _, j in pairs])
    columns = np.column_stack([np.ones(n), x, x[:, left] * x[:, right]])
    total = x[deaths].sum(axis=0)

    def derivatives(at: Floats) -> tuple[float, Floats, Floats]:
        eta = x @ at
        eta = eta - eta.max()
        weighted = columns * np.exp(eta)[:, None]
        running = np.vstack([np.zeros(columns.shape[1]), np.cumsum(weighted, axis=0)])
        at_risk = running[last + 1] - running[base]
        dying = np.add.reduceat(np.vstack([weighted * event[:, None], np.zeros(columns.shape[1])]), new, axis=0)
        sums = at_risk[which] - share[:, None] * dying[which]
        if not (sums[:, 0] > 0).all():
            return -np.inf, at, np.eye(p)
        mean = sums[:, 1 : p + 1] / sums[:, :1]
        information = np.zeros((p, p))
        information[left, right] = (sums[:, p + 1 :] / sums[:, :1]).sum(axis=0)
        information = information + np.triu(information, 1).T - mean.T @ mean
        value = float(eta[deaths].sum() - np.log(sums[:, 0]).sum())
        return value, total - mean.sum(axis=0), information

    return derivatives


def log_rank(time: Floats, event: Floats, arm: Floats, stratum: Whole) -> float | None:
    """Chi-square on one df, stratified where there is more than one stratum; None where it says nothing.

    Source: Mantel 1966, Cancer Chemotherapy Reports 50:163; Peto and Peto 1972.
    """
    excess = variance = 0.0
    for one in np.unique(stratum):
        had = stratum == one
        for moment in np.unique(time[had & (event == 1)]):
            risk = had & (time >= moment)
            died = risk & (time == moment) & (event == 1)
            n, n1, d = int(risk.sum()), float(arm[risk].sum()), int(died.sum())
            excess += float(arm[died].sum()) - d * n1 / n
            if n > 1:
                variance += d * (n1 / n) * (1 - n1 / n) * (n - d) / (n - 1)
    return excess**2 / variance if variance > 0 else None


@dataclass(frozen=True)
class Curve:
    """A product-limit curve at each distinct time (k,): numbers at risk, with the event and censored; S and its SE."""

    time: Floats
    at_risk: Whole
    events: Whole
    censored: Whole
    survival: Floats
    se: Floats


def product_limit(time: Floats, event: Floats) -> Curve:
    """Kaplan and Meier 1958, JASA 53:457, eq. 2b; the standard error of S by Greenwood 1926 (0 once S is 0)."""
    moments, which = np.unique(time, return_inverse=True)
    gone = np.bincount(which, minlength=moments.size)
    events = np.bincount(which, weights=event, minlength=moments.size).astype(np.int64)
    at_risk = time.size - np.r_[0, np.cumsum(gone)[:-1]]
    survival = np.cumprod(1 - events / at_risk)
    left = at_risk - events
    hazard = np.where(left > 0, events / (at_risk * np.maximum(left, 1)), 0.0)
    return Curve(moments, at_risk, events, gone - events, survival, survival * np.sqrt(np.cumsum(hazard)))
