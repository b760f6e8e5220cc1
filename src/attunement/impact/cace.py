"""The effect in families that took part when offered: the complier average causal effect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
import polars as pl

from attunement.impact import sandwich
from attunement.impact.asked import is_number, option, said
from attunement.impact.design import adjusted
from attunement.impact.edge import Floats, Labels, arms, numbers, rows
from attunement.impact.errors import ImpactError
from attunement.impact.estimate import Fit
from attunement.impact.failing import Unfit, answers_failure
from attunement.impact.flags import Flag, Flagged
from attunement.impact.linear import t_estimate
from attunement.impact.solving import least_squares

_SE = {"classical": "classical", "hc0": "HC0", "hc1": "HC1", "hc2": "HC2"}
_WEAK = 10.0


@answers_failure
def cace(
    data: pl.DataFrame, *, outcome: str, arm: str, dose: str, at_least: float | None = None,
    covariates: Sequence[str] = (), site: str | None = None,
    se: Literal["classical", "hc0", "hc1", "hc2"] = "classical", labels: Labels | None = None,
    family: str | None = None,
) -> Fit:  # fmt: skip
    """Effect on the mean of `outcome` of having had `at_least` that `dose`, the arm being the instrument.

    Two-stage least squares on the complete cases, covariates and site in both stages. Without `at_least` it is the
    effect of one unit of dose. A control family without a dose had none. `effect` is the intention-to-treat effect
    over the arm's effect on taking part, which are `estimates` too (`itt`, `first_stage`); its errors use residuals
    with the dose as observed, t with n - p df; `extras` has all four. `diagnostics["first_stage_f"]` is the square of
    the arm's classical t; below 10 it is flagged WEAK_INSTRUMENT. Fails with that flag where the arm moves no dose.
    Sources: Imbens and Angrist 1994, Econometrica 62:467, theorem 1; Wooldridge 2010, Econometric Analysis, 5.2.
    """
    option(se, _SE, "se")
    had = _doses(data, arm, dose, at_least, labels)
    used = rows(data.with_columns(had), outcome=outcome, arm=arm, covariates=covariates, site=site, labels=labels,
                family=family, also=[dose])  # fmt: skip
    model = adjusted(used, arm, tuple(covariates))
    at = model.names.index(arm)
    itt = least_squares(model.columns, used, outcome)
    taken = used.also[dose]
    if np.ptp(taken) == 0:
        raise Unfit(Flag.WEAK_INSTRUMENT, "every family had the same dose", used.by_arm, used.missing)
    first = sandwich.solve(model.columns, taken)
    if abs(first.coefficients[at]) < 1e-12 * float(np.abs(taken).max()):
        raise Unfit(Flag.WEAK_INSTRUMENT, "the arm makes no difference to the dose", used.by_arm, used.missing)
    value = float(itt.coefficients[at] / first.coefficients[at])
    covariances = _errors(model.columns, at, first, used.outcome, taken)
    t2 = first.coefficients[at] ** 2 / (first.variance * first.bread[at, at]) if first.variance > 1e-20 else np.inf
    words = f"at least {at_least:g} of {dose}" if at_least is not None else f"one unit of {dose}"
    method = f"two-stage least squares, {_SE[se]} standard error, n - p degrees of freedom, complete cases"
    what = f"mean of {outcome}: effect of {words} in compliers"
    effect = t_estimate(arm, what, value, covariances[se], itt.df, method, used)
    effect = replace(effect, extras={f"se_{name}": float(np.sqrt(v)) for name, v in covariances.items()})
    stages = tuple(
        t_estimate(term, what, float(fit.coefficients[at]), float(fit.bread[at, at] * fit.variance), fit.df,
                   "ordinary least squares, classical standard error", used)
        for term, what, fit in (("itt", f"mean of {outcome} by arm", itt), ("first_stage", f"{words}, by arm", first))
    )  # fmt: skip
    weak = (Flagged(Flag.WEAK_INSTRUMENT, f"first-stage F is {t2:.1f}, below {_WEAK:g}"),) if t2 < _WEAK else ()
    diagnostics = {"missing": used.missing, "first_stage_f": float(t2), "df_residual": itt.df}
    return Fit(effect, (effect, *stages), None, {}, diagnostics, (*model.flagged, *used.flagged, *weak))


def _doses(data: pl.DataFrame, arm: str, dose: str, at_least: float | None, labels: Labels | None) -> pl.Series:
    """The dose or, with `at_least`, whether it was reached (0/1); a control family without one had none."""
    values = numbers(data, dose)
    values = np.where(np.isnan(values) & (arms(data, arm, labels) == 0), 0.0, values)
    if at_least is not None:
        if not is_number(at_least):
            raise ImpactError(f"at_least is a number of {dose}, not {said(at_least)}.")
        values = np.where(np.isnan(values), np.nan, (values >= at_least).astype(np.float64))
    return pl.Series(dose, values)


def _errors(columns: Floats, at: int, first: sandwich.Solved, y: Floats, taken: Floats) -> dict[str, float]:
    """Variances of the dose's coefficient: the second stage on fitted doses, its residuals with observed ones."""
    observed, fitted = columns.copy(), columns.copy()
    observed[:, at], fitted[:, at] = taken, columns @ first.coefficients
    stage = sandwich.solve(fitted, y)
    stage = replace(stage, residuals=y - observed @ stage.coefficients)
    found = {"classical": float(sandwich.classical(stage)[at, at])}
    return found | {kind: float(sandwich.by_family(stage, kind)[at, at]) for kind in ("hc0", "hc1", "hc2")}
