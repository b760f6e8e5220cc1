"""Inference from the allocation itself: what the same families would have shown, had the lots fallen otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from attunement.allocation import AllocationError, Minimisation, Scheme, parse, rerandomise
from attunement.impact.asked import names, said, whole
from attunement.impact.design import adjusted
from attunement.impact.edge import Floats, Labels, Rows, rows, series, words
from attunement.impact.estimate import Estimate, Fit, ImpactError
from attunement.impact.failing import Unfit, answers_failure
from attunement.impact.flags import Flag

Lots = NDArray[np.int8]
Rule = str | Scheme | Minimisation | NDArray[np.generic]
_TIE = 1e-9
METHOD = "re-randomisation of ANCOVA's |t|, (1 + hits) / (1 + replicates)"


@dataclass(frozen=True)
class Randomised(Fit):
    """`statistics` (replicates,) or (replicates, outcomes): |t| under each re-allocation."""

    statistics: Floats | None = field(default=None, compare=False)


@dataclass(frozen=True)
class _Outcome:
    """What of an outcome stays the same under every re-allocation: basis (n, q) and residual (n,) of the complete cases."""

    used: Rows
    basis: Floats
    residual: Floats

    def statistics(self, lots: NDArray[np.generic]) -> tuple[Floats, Floats]:
        """Coefficient and |t| of every row of 0/1 `lots` (R, all rows); 0 where the lots leave no contrast."""
        drawn = lots.T[self.used.kept].astype(np.float64)
        size = drawn.sum(axis=0)
        projected = np.column_stack([self.basis, self.residual]).T @ drawn
        left = size - (projected[:-1] ** 2).sum(axis=0)
        degrees = self.residual.size - self.basis.shape[1] - 1
        some = left > 1e-9 * np.maximum(size, 1.0)
        safe = np.where(some, left, 1.0)
        value = np.where(some, projected[-1] / safe, 0.0)
        whole = float(self.residual @ self.residual)
        # lots that explain everything tie at a t of 1e10, not at infinity
        rss = np.maximum(whole - value * projected[-1], 1e-20 * whole)
        t = np.abs(value) * np.sqrt(safe * degrees) / np.sqrt(rss)
        return value, np.where(some & (value != 0), t, 0.0)


@answers_failure
def randomisation_test(
    data: pl.DataFrame, *, outcome: str, arm: str, scheme: Rule, covariates: Sequence[str] = (), site: str | None = None,
    arrival: str | None = None, stratum: str | None = None, replicates: int = 10_000, seed: int = 1,
    labels: Labels | None = None, family: str | None = None,
) -> Fit:  # fmt: skip
    """Test of no effect on any family: the two-sided p is the share of re-allocations with |t| as large or larger.

    `scheme`: the one that allocated, as a study file writes it ("blocks:4") or as an object; `data` has one row a
    family, re-allocated all of them in order of `arrival` (the rows' order unless said) within `stratum` (`site`
    unless said; for minimisation the columns of its factors). Or a ready 0/1 array (replicates x rows of `data`).
    Those with a missing value are re-allocated too, and left out of the statistic: ANCOVA's |t|, adjusted for
    `covariates` and `site`. `effect` has ANCOVA's difference and this p; `statistics` every |t|.
    Source: Rosenberger and Lachin 2016, Randomization in Clinical Trials, 2nd ed., section 6.4; p as Phipson and
    Smyth 2010, Statistical Applications in Genetics and Molecular Biology 9:39.
    """
    prepared = _prepare(data, outcome, arm, names(covariates), site, labels, family)
    lots = _lots(data, scheme, arrival, stratum if stratum is not None else site, replicates, seed)
    (value,), (observed,) = prepared.statistics(_actual(prepared.used, data.height))
    statistics = prepared.statistics(lots)[1]
    hits = int((statistics >= observed * (1 - _TIE)).sum())
    total = lots.shape[0]
    p = (1 + hits) / (1 + total)
    extras = {"t": float(observed), "hits": float(hits), "replicates": float(total)}
    effect = Estimate(arm, f"mean of {outcome}", float(value), p=p, method=METHOD, n=prepared.residual.size,
                      n_by_arm=prepared.used.by_arm, extras=extras)  # fmt: skip
    diagnostics = {"missing": prepared.used.missing, "monte_carlo_error": float(np.sqrt(p * (1 - p) / total))}
    return Randomised(effect, (effect,), None, {}, diagnostics, prepared.used.flagged, statistics)


@answers_failure
def stepdown(
    data: pl.DataFrame, *, outcomes: Sequence[str], arm: str, scheme: Rule,
    covariates: Sequence[str] | Mapping[str, Sequence[str]] = (), site: str | None = None, arrival: str | None = None,
    stratum: str | None = None, replicates: int = 10_000, seed: int = 1, labels: Labels | None = None,
    family: str | None = None,
) -> Fit:  # fmt: skip
    """p of several outcomes that hold together: the largest |t| of those not yet passed, within each re-allocation.

    As `randomisation_test`, of which every argument means the same; `covariates` may be a list an outcome. One estimate
    an outcome, in the order given, its `term` the outcome's name; `p` adjusted, `extras["p_alone"]` not.
    Source: Westfall and Young 1993, Resampling-Based Multiple Testing, algorithm 2.8 (step-down max T).
    """
    asked = names(outcomes, "outcomes")
    if not asked:
        raise ImpactError("outcomes is a list of at least one column name.")
    of = covariates if isinstance(covariates, Mapping) else dict.fromkeys(asked, names(covariates))
    prepared = [_prepare(data, name, arm, names(of.get(name, ())), site, labels, family) for name in asked]
    lots = _lots(data, scheme, arrival, stratum if stratum is not None else site, replicates, seed)
    found = [one.statistics(_actual(one.used, data.height)) for one in prepared]
    values = [float(value[0]) for value, _ in found]
    observed = np.array([float(t[0]) for _, t in found])
    statistics = np.column_stack([one.statistics(lots)[1] for one in prepared])
    alone = (1 + (statistics >= observed * (1 - _TIE)).sum(axis=0)) / (1 + lots.shape[0])
    adjusted_p = max_t(observed, statistics)
    method = f"step-down max-t, {METHOD}"
    estimates = tuple(
        Estimate(name, f"mean of {name}", value, p=float(p), method=method, n=one.residual.size,
                 n_by_arm=one.used.by_arm, extras={"t": float(t), "p_alone": float(raw)})
        for name, value, p, t, raw, one in zip(asked, values, adjusted_p, observed, alone, prepared, strict=True)
    )  # fmt: skip
    missing = max(one.used.missing for one in prepared)
    flagged = tuple(dict.fromkeys(item for one in prepared for item in one.used.flagged))
    return Randomised(estimates[0], estimates, None, {}, {"missing": missing}, flagged, statistics)


def max_t(observed: Floats, statistics: Floats) -> Floats:
    """Step-down adjusted p of `observed` (k,) against `statistics` (R, k), in the order given; never falling with t."""
    order = np.argsort(-observed, kind="stable")
    largest = np.maximum.accumulate(statistics[:, order[::-1]], axis=1)[:, ::-1]
    p = (1 + (largest >= observed[order] * (1 - _TIE)).sum(axis=0)) / (1 + statistics.shape[0])
    adjusted_p = np.empty(observed.size)
    adjusted_p[order] = np.maximum.accumulate(p)
    return adjusted_p


def _prepare(
    data: pl.DataFrame, outcome: str, arm: str, covariates: Sequence[str], site: str | None, labels: Labels | None,
    family: str | None,
) -> _Outcome:  # fmt: skip
    used = rows(data, outcome=outcome, arm=arm, covariates=covariates, site=site, labels=labels, family=family)
    model = adjusted(used, arm, covariates)
    others = model.columns[:, :-1]
    basis = np.linalg.qr(others)[0]
    residual = used.outcome - basis @ (basis.T @ used.outcome)
    residual = residual - basis @ (basis.T @ residual)
    if residual @ residual <= 1e-20 * float(used.outcome @ used.outcome):
        raise Unfit(Flag.CONSTANT, f"'{outcome}' has no variation left about the model", used.by_arm, used.missing)
    if residual.size <= model.columns.shape[1]:
        reason = f"{residual.size} families with '{outcome}' are too few for {model.columns.shape[1]} coefficients"
        raise Unfit(Flag.SMALL_CELL, reason, used.by_arm, used.missing)
    return _Outcome(used, basis, residual)


def _actual(used: Rows, height: int) -> Lots:
    lots = np.zeros((1, height), dtype=np.int8)
    lots[0, used.kept] = used.arm
    return lots


def _lots(
    data: pl.DataFrame, scheme: Rule, arrival: str | None, stratum: str | None, replicates: int, seed: int
) -> NDArray[np.generic]:
    """Arms 0/1 of every row under each re-allocation, (replicates, rows)."""
    replicates, seed = whole(replicates, "replicates", 1), whole(seed, "seed", 0)
    if isinstance(scheme, np.ndarray):
        if scheme.ndim != 2 or scheme.shape[1] != data.height or not scheme.shape[0]:
            raise ImpactError(f"A ready array is replicates x rows of the data ({data.height}), not {scheme.shape}.")
        if not np.isin(scheme, (0, 1)).all():
            raise ImpactError("A ready array of re-allocations holds 0 and 1 only.")
        return scheme
    if not isinstance(scheme, str | Scheme | Minimisation):
        raise ImpactError(f"scheme is the scheme that allocated, such as 'blocks:4', or an array, not {said(scheme)}.")
    order = np.arange(data.height)
    if arrival is not None:
        if series(data, arrival).null_count():
            raise ImpactError(f"Column '{arrival}' is empty in some rows: every family came at some time.")
        order = series(data, arrival).arg_sort().to_numpy().astype(np.int64)
    try:
        drawn = rerandomise(*_drawn_from(data, scheme, stratum, order), replicates, seed)
    except AllocationError as fault:
        raise ImpactError(f"The families cannot be re-allocated: {fault}.") from fault
    if drawn.max(initial=0) > 1:
        raise ImpactError("The scheme has more than two arms.")
    if arrival is None:
        return drawn
    lots = np.empty(drawn.shape, dtype=np.int8)
    lots[:, order] = drawn
    return lots


def _drawn_from(
    data: pl.DataFrame, scheme: str | Scheme | Minimisation, stratum: str | None, order: NDArray[np.int64]
) -> tuple[Scheme | Minimisation, Sequence[str] | Sequence[Mapping[str, str]]]:
    if isinstance(scheme, Minimisation):
        levels = {factor: words(data, factor)[order] for factor in scheme.factors}
        return scheme, [dict(zip(levels, row, strict=True)) for row in zip(*levels.values(), strict=True)]
    found = words(data, stratum)[order].tolist() if stratum is not None else ["all"] * data.height
    if isinstance(scheme, str):
        most = max((found.count(one) for one in set(found)), default=0)
        return parse(scheme, n=most or None), found
    return scheme, found
