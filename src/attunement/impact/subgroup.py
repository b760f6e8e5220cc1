"""Whether the effect differs between kinds of families, and what it is in each: from one model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
import scipy

from attunement.impact import sandwich
from attunement.impact.asked import column_name, names
from attunement.impact.design import independent
from attunement.impact.edge import Floats, Labels, Rows, numbers, rows, series, words
from attunement.impact.estimate import Fit
from attunement.impact.failing import Unfit, answers_failure
from attunement.impact.flags import Flag, Flagged
from attunement.impact.linear import t_estimate
from attunement.impact.solving import least_squares

METHOD = "ANCOVA with the arm times the moderator, ordinary least squares, classical standard error, complete cases"
_MANY = 6


@dataclass(frozen=True)
class _Moderator:
    """`main` (n, j) columns of the moderator itself, `times` (n, k) what the arm is multiplied by.

    `within` and `between` give the weights (k,) of the arm's coefficients in each named effect and interaction.
    """

    main: Floats
    times: Floats
    within: dict[str, Floats]
    between: dict[str, Floats]
    flagged: tuple[Flagged, ...] = ()


@answers_failure
def subgroup(
    data: pl.DataFrame, *, outcome: str, arm: str, moderator: str, covariates: Sequence[str] = (),
    site: str | None = None, labels: Labels | None = None, family: str | None = None,
) -> Fit:  # fmt: skip
    """Interaction of the arm with `moderator` on the mean of `outcome`, and the arm's effect within each level.

    `moderator` is a label (text, Enum, true/false or a number of fewer than six values) or a quantity (a number of
    more). `effect` is the interaction: the effect at the second level less that at the first, or its slope a unit of
    the quantity; `estimates` has one `arm:moderator...` a further level, and `arm | moderator = level` for each (for a
    quantity, at the mean and one standard deviation to each side). `diagnostics` has the joint F test of all
    interactions. A level with families of one arm only has no effect within, and is flagged SMALL_CELL.
    Source: Brookes and others 2004, J Clinical Epidemiology 57:229 (interaction tests before subgroup effects).
    """
    moderator, site = column_name(moderator), None if site is None else column_name(site)
    others = [name for name in names(covariates) if name != moderator]
    known = np.array([word is not None for word in words(data, moderator)], dtype=np.bool_)
    used = rows(data.filter(pl.Series(known)), outcome=outcome, arm=arm, covariates=others,
                site=None if site == moderator else site, labels=labels, family=family)  # fmt: skip
    column = data.filter(pl.Series(known)).filter(pl.Series(used.kept))
    asked = _quantity(column, moderator) if _is_quantity(column, moderator) else _labels(column, moderator, used)
    if not asked.between:
        reason = f"'{moderator}' does not have two levels with families of both arms"
        raise Unfit(Flag.SMALL_CELL if asked.flagged else Flag.CONSTANT, reason, used.by_arm, used.missing)
    columns, flagged = _columns(used, asked, others)
    fit, k = least_squares(columns, used, outcome), asked.times.shape[1]
    covariance = sandwich.classical(fit)
    own, spread = fit.coefficients[-k:], covariance[-k:, -k:]
    estimates = [
        t_estimate(f"{arm}{term}", f"{what} {outcome}", float(w @ own), float(w @ spread @ w), fit.df, METHOD, used)
        for what, named in (("difference of effects on the mean of", asked.between), ("mean of", asked.within))
        for term, w in named.items()
    ]
    diagnostics = {"missing": data.height - used.arm.size, "sigma": float(np.sqrt(fit.variance)), "df_residual": fit.df}
    diagnostics |= _joint(np.array(list(asked.between.values())), own, spread, fit.df)
    return Fit(estimates[0], tuple(estimates), None, {"residual": fit.variance}, diagnostics,
               (*used.flagged, *asked.flagged, *flagged))  # fmt: skip


def _is_quantity(data: pl.DataFrame, moderator: str) -> bool:
    column = series(data, moderator)
    return column.dtype.is_numeric() and column.n_unique() >= _MANY


def _quantity(data: pl.DataFrame, moderator: str) -> _Moderator:
    values = numbers(data, moderator)
    centre, sd = float(values.mean()), float(values.std(ddof=1))
    centred = values - centre
    within = {f" | {moderator} = {centre + step * sd:.4g}": np.array([1.0, step * sd]) for step in (-1, 0, 1)}
    times = np.column_stack([np.ones_like(centred), centred])
    return _Moderator(centred[:, None], times, within, {f":{moderator}": np.array([0.0, 1.0])})


def _labels(data: pl.DataFrame, moderator: str, used: Rows) -> _Moderator:
    column = series(data, moderator)
    named = words(data, moderator).tolist()
    order = list(dict.fromkeys(named[at] for at in column.arg_sort().to_list()))
    inside = [np.array([word == level for word in named]) for level in order]
    both = [level for level, had in zip(order, inside, strict=True) if np.unique(used.arm[had]).size == 2]
    times = [had for level, had in zip(order, inside, strict=True) if level in both]
    unit = np.eye(len(both))
    between = {
        f":{moderator}" if len(order) == 2 else f":{moderator} = {level}": unit[at] - unit[0]
        for at, level in enumerate(both) if at
    }  # fmt: skip
    alone = tuple(
        Flagged(Flag.SMALL_CELL, f"{moderator} = {level} has families of one arm only")
        for level in order
        if level not in both
    )
    return _Moderator(
        np.column_stack(inside).astype(np.float64), np.column_stack(times or [np.zeros(used.arm.size)]).astype(np.float64),
        {f" | {moderator} = {level}": unit[at] for at, level in enumerate(both)}, between, alone,
    )  # fmt: skip


def _columns(used: Rows, asked: _Moderator, others: Sequence[str]) -> tuple[Floats, tuple[Flagged, ...]]:
    """Sites, moderator and covariates without what follows from earlier ones, then the arm times the moderator."""
    sites = [] if used.site is None else [used.site == level for level in np.unique(used.site)[1:]]
    plain = np.column_stack([np.ones(used.arm.size), *sites, asked.main])
    plain = plain[:, independent(plain)[0]]
    k = plain.shape[1]
    kept = independent(np.hstack([plain, used.covariates]))[0]
    lost = [name for at, name in enumerate(others) if k + at not in kept]
    columns = np.hstack([np.hstack([plain, used.covariates])[:, kept], asked.times * used.arm[:, None]])
    if len(independent(columns)[0]) < columns.shape[1]:
        reason = "the arm's effects in the levels follow from the sites or covariates"
        raise Unfit(Flag.COLLINEAR, reason, used.by_arm, used.missing)
    return columns, tuple(
        Flagged(Flag.COLLINEAR, f"'{name}' follows from other columns and was left out") for name in lost
    )


def _joint(between: Floats, own: Floats, spread: Floats, df: int) -> dict[str, float]:
    """Wald's F that all interactions are 0."""
    off = between @ own
    f = float(off @ np.linalg.solve(between @ spread @ between.T, off)) / off.size
    return {"interaction_f": f, "interaction_df": off.size, "interaction_p": float(scipy.special.fdtrc(off.size, df, f))}
