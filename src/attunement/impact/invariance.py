"""Whether a scale means the same in both arms, and at both times: configural, metric, scalar."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import polars as pl
import scipy

from attunement.impact.asked import column_name, names
from attunement.impact.curves import NORMAL_975, normal_p
from attunement.impact.edge import Floats, series, words
from attunement.impact.errors import ImpactError
from attunement.impact.estimate import Estimate, Fit
from attunement.impact.factor import Moments, Pattern, Solution, Whole, solve
from attunement.impact.failing import Unfit, answers_failure
from attunement.impact.flags import Flag, Flagged
from attunement.impact.goodness import fit_indices
from attunement.impact.items import answers, moments
from attunement.impact.one_factor import start

STEPS = ("configural", "metric", "scalar")
METHOD = "scalar invariance, marker item, maximum likelihood (divisor n), complete answers"


@dataclass(frozen=True)
class Invariance(Fit):
    """A Fit with `models`: for each step that could be fitted its indices, as `one_factor`'s."""

    models: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    @property
    def configural(self) -> Mapping[str, float]:
        return self.models.get("configural", {})

    @property
    def metric(self) -> Mapping[str, float]:
        return self.models.get("metric", {})

    @property
    def scalar(self) -> Mapping[str, float]:
        return self.models.get("scalar", {})

    @property
    def table(self) -> pl.DataFrame:
        """One row a step: its indices, and chi-square, df and p of the difference to the step before."""
        return pl.DataFrame([{"model": name, **indices} for name, indices in self.models.items()])

    def to_dict(self) -> dict[str, Any]:
        return super().to_dict() | {"models": {name: dict(indices) for name, indices in self.models.items()}}


@answers_failure
def invariance(
    data: pl.DataFrame, *, items: Sequence[str], group: str | None = None, later: Sequence[str] | None = None
) -> Fit:
    """One factor in each group of `group`, or at both times of `items` and `later` (the same items in the same order).

    Configural: the same form. Metric: equal loadings. Scalar: equal intercepts too, the first group's (or time's)
    factor mean 0 and the others' free. The first item is the marker; over time the factors correlate, and each item's
    residual with itself later. `effect` is the factor mean of the second group, or later, under the scalar model, in
    the marker item's units; `models`, `configural`, `metric`, `scalar`, `table` have chisq, df, pvalue, cfi, tli, rmsea,
    srmr, logl, aic, bic, and chisq_difference, df_difference, p_difference from the step before; `diagnostics` too.
    A step that does not settle is left out and flagged. Families with every item known are taken.
    Sources: Meredith 1993, Psychometrika 58:525; Joreskog 1971, Psychometrika 36:409; Cheung and Rensvold 2002.
    """
    if (group is None) == (later is None):
        raise ImpactError("invariance is over groups (group=) or over time (later=): say one of the two.")
    if later is not None:
        names, groups, missing = _times(data, items, later)
    else:
        names, groups, missing = _groups(data, items, column_name(group))
    models: dict[str, dict[str, float]] = {}
    flagged: list[Flagged] = []
    found: Solution | None = None
    for step in STEPS:
        patterns, begin = (_over_time if later is not None else _over_groups)(groups, STEPS.index(step))
        found = solve(groups, patterns, begin)
        if not found.converged:
            flagged.append(Flagged(Flag.NOT_CONVERGED, f"the {step} model has no maximum that could be reached"))
            continue
        models[step] = fit_indices(groups, found, begin.size) | _difference(models, groups, found, begin.size)
        if _improper(found, patterns):
            flagged.append(Flagged(Flag.BOUNDARY, f"the {step} model has a variance below 0"))
    n = sum(one.n for one in groups)
    if found is None or "scalar" not in models:
        raise Unfit(Flag.NOT_CONVERGED, "; ".join(item.reason for item in flagged), (0, 0), missing)
    means = tuple(_mean(name, found, -len(names) + at, n) for at, name in enumerate(names))
    flat = {f"{step}_{name}": value for step, indices in models.items() for name, value in indices.items()}
    return Invariance(means[0], means, None, {}, {"missing": missing} | flat, tuple(flagged), models)


def _groups(data: pl.DataFrame, items: Sequence[str], group: str) -> tuple[list[str], list[Moments], int]:
    told = answers(data, items, 3)
    found = words(data, group)
    order = [found[at] for at in series(data, group).arg_sort().to_list()]
    levels = [level for level in dict.fromkeys(order) if level is not None]
    member = [told.kept & (found == level) for level in levels]
    levels = [level for level, had in zip(levels, member, strict=True) if had.any()]
    if len(levels) < 2:
        raise Unfit(Flag.CONSTANT, f"'{group}' has fewer than two groups with every item known")
    values = np.full((data.height, len(told.items)), np.nan)
    values[told.kept] = told.values
    taken = [had for had in member if had.any()]
    groups = [moments(values[had], told.items, f" where {group} = {lv}") for had, lv in zip(taken, levels, strict=True)]
    return levels[1:], groups, data.height - sum(one.n for one in groups)


def _times(data: pl.DataFrame, items: Sequence[str], later: Sequence[str]) -> tuple[list[str], list[Moments], int]:
    items, later = names(items, "items"), names(later, "later")
    if len(later) != len(items):
        raise ImpactError("later is a list of the same items in the same order, asked again.")
    if len(items) < 3:
        raise ImpactError(f"At least 3 items are needed, not {len(items)}.")
    told = answers(data, [*items, *later], 6)
    return ["later"], [moments(told.values, told.items)], told.missing


def _over_groups(groups: list[Moments], level: int) -> tuple[list[Pattern], Floats]:
    """Numbers: loadings, factor variance, residuals and intercepts a group, shared as `level` asks, then means."""
    p, size = groups[0].mean.size, len(groups)
    count = 0
    begin: list[Floats] = []
    patterns: list[Pattern] = []
    shared: dict[str, Whole] = {}

    def numbered(name: str, values: Floats, equal: bool) -> Whole:
        nonlocal count
        if not equal or name not in shared:
            shared[name] = np.arange(count, count + values.size)
            begin.append(values)
            count += values.size
        return shared[name]

    for group in groups:
        own, residual = start(group)
        marker = own[0] if abs(own[0]) > 0.2 * np.abs(own).max() else np.sign(own[0] or 1.0) * 0.2 * np.abs(own).max()
        loadings = np.concatenate([[-1], numbered("loadings", own[1:] / marker, level >= 1)])[:, None]
        factors = numbered("factors", np.array([marker**2]), False)[:, None]
        residuals = np.where(np.eye(p, dtype=np.bool_), numbered("residuals", residual, False)[:, None], -1)
        intercepts = numbered("intercepts", group.mean, level >= 2)
        fixed = {"loadings": np.eye(p, 1), "factors": np.zeros((1, 1)), "residuals": np.zeros((p, p)),
                 "intercepts": np.zeros(p), "means": np.zeros(1)}  # fmt: skip
        patterns.append(Pattern(loadings, factors, residuals, intercepts, np.array([-1]), fixed))
    if level >= 2:
        for at in range(1, size):
            patterns[at] = replace(patterns[at], means=np.array([count + at - 1]))
        begin.append(np.array([group.mean[0] - groups[0].mean[0] for group in groups[1:]]))
    return patterns, np.concatenate(begin)


def _over_time(groups: list[Moments], level: int) -> tuple[list[Pattern], Floats]:
    """The same with two factors in one group: the items, then the same items later."""
    whole = groups[0]
    p = whole.mean.size // 2
    halves = [Moments(whole.n, whole.mean[at], whole.covariance[at, at]) for at in (slice(0, p), slice(p, None))]
    parts, begin = _over_groups(halves, level)
    count = begin.size - (level >= 2)
    none = np.full((p, 1), -1)
    across = np.where(np.eye(p, dtype=np.bool_), count + 1 + np.arange(p)[:, None], -1)
    first, second = parts
    loadings = np.block([[first.loadings, none], [none, second.loadings]])
    factors = np.array([[first.factors[0, 0], count], [count, second.factors[0, 0]]])
    residuals = np.block([[first.residuals, across], [across, second.residuals]])
    marker = np.zeros((2 * p, 2))
    marker[0, 0] = marker[p, 1] = 1
    both = whole.covariance[:p, p:]
    slope = begin[first.loadings[1:, 0]], begin[second.loadings[1:, 0]]
    scale = np.outer(np.r_[1, slope[0]], np.r_[1, slope[1]])
    shared = float((both[~np.eye(p, dtype=np.bool_)] / scale[~np.eye(p, dtype=np.bool_)]).mean())
    most = 0.8 * float(np.sqrt(begin[factors[0, 0]] * begin[factors[1, 1]]))
    extra = np.concatenate([[np.clip(shared, -most, most)], np.zeros(p)])
    means = np.array([-1, -1])
    if level >= 2:
        means[1] = count + extra.size
    fixed = {"loadings": marker, "factors": np.zeros((2, 2)), "residuals": np.zeros((2 * p, 2 * p)),
             "intercepts": np.zeros(2 * p), "means": np.zeros(2)}  # fmt: skip
    intercepts = np.concatenate([first.intercepts, second.intercepts])
    return [Pattern(loadings, factors, residuals, intercepts, means, fixed)], np.insert(begin, count, extra)


def _difference(
    models: Mapping[str, Mapping[str, float]], groups: list[Moments], found: Solution, parameters: int
) -> dict[str, float]:
    if not models:
        return {}
    before = list(models.values())[-1]
    df = len(groups) * groups[0].mean.size * (groups[0].mean.size + 3) // 2 - parameters - before["df"]
    chisq = max(found.chisq - before["chisq"], 0.0)
    return {"chisq_difference": chisq, "df_difference": df, "p_difference": float(scipy.special.chdtrc(df, chisq))}


def _improper(found: Solution, patterns: Sequence[Pattern]) -> bool:
    return any(
        (np.diag(pattern.values(name, found.at)) < 0).any() for pattern in patterns for name in ("factors", "residuals")
    )


def _mean(name: str, found: Solution, at: int, n: int) -> Estimate:
    value, se = float(found.at[at]), float(np.sqrt(max(found.covariance[at, at], 0.0)))
    return Estimate(
        f"factor mean {name}", "factor mean less that of the reference, in the marker item's units", value, se, None,
        value - NORMAL_975 * se, value + NORMAL_975 * se, normal_p(value / se) if se > 0 else None, METHOD, n,
    )  # fmt: skip
