"""Analysis of covariance: the difference between the arms at equal baseline, within site."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import polars as pl

from attunement.impact import sandwich
from attunement.impact.asked import option, share
from attunement.impact.clusters import clusters
from attunement.impact.curves import t_p, t_reach
from attunement.impact.design import adjusted, interacted
from attunement.impact.edge import Floats, Labels, Rows, rows
from attunement.impact.estimate import Estimate, Fit, ImpactError
from attunement.impact.failing import Unfit, answers_failure
from attunement.impact.flags import Flag, Flagged

SE = Literal["classical", "hc0", "hc1", "hc2", "hc3", "cr1", "cr2"]
_SE = {
    "classical": "classical standard error",
    "hc0": "HC0 standard error",
    "hc1": "HC1 standard error",
    "hc2": "HC2 standard error",
    "hc3": "HC3 standard error",
    "cr1": "CR1 standard error as Stata's (CR1S), G - 1 degrees of freedom",
    "cr2": "CR2 standard error (Bell-McCaffrey), Satterthwaite degrees of freedom",
}
_FEW = 10
_FEW_DF = 4


@answers_failure
def ancova(
    data: pl.DataFrame, *, outcome: str, arm: str, covariates: Sequence[str] = (), site: str | None = None,
    se: SE | None = None, cluster: str | None = None, adjust: Literal["ancova", "lin"] = "ancova",
    level: float = 0.95, labels: Labels | None = None, family: str | None = None,
) -> Fit:  # fmt: skip
    """Difference in `outcome` between arm 1 and arm 0, adjusted for `covariates` and for `site` (fixed effects).

    `data` has one row a family; `arm` is 0/1, an Enum with the reference first, or anything with `labels=(reference,
    other)`; a missing (null or NaN) outcome or covariate leaves the row out. `effect.term` is the arm's column name.
    `se`: classical (the default), hc0-hc3, or by `cluster` cr1 (Stata's) and cr2; where a control family has no
    cluster, or all have one word that no family of arm 1 has, each is its own. `adjust="lin"` interacts what is
    centred with the arm, and takes hc2 unless told otherwise. Intervals and p are by Student's t: n - p degrees of
    freedom, G - 1 for cr1, Satterthwaite's for cr2. A column that follows from others is left out and flagged; the
    fit fails, and says why, where no effect can be had. ImpactError when the data or the question are at fault.
    Sources: Vickers and Altman 2001, BMJ 323:1123; Lin 2013, Annals of Applied Statistics 7:295, section 4;
    those of `sandwich`.
    """
    option(adjust, ("ancova", "lin"), "adjust")
    wanted = option(("hc2" if adjust == "lin" else "classical") if se is None else se, _SE, "se")
    _check(wanted, cluster, level)
    used = rows(data, outcome=outcome, arm=arm, covariates=covariates, site=site, labels=labels, family=family)
    model = (interacted if adjust == "lin" else adjusted)(used, arm, tuple(covariates))
    fit = _least_squares(model.columns, used, outcome)
    covariance, df, flagged = _errors(fit, wanted, data, cluster, used, arm)
    flagged = (*model.flagged, *used.flagged, *flagged)
    limits = "" if level == 0.95 else f", {100 * level:g} % limits"
    method = f"{'Lin' if adjust == 'lin' else 'ANCOVA'}, ordinary least squares, {_SE[wanted]}, complete cases{limits}"
    estimates = tuple(
        t_estimate(name, f"mean of {outcome}", fit.coefficients[at], covariance[at, at], df[at], method, used, level)
        for at, name in enumerate(model.names)
    )
    diagnostics = {"missing": used.missing, "sigma": float(np.sqrt(fit.variance)), "df_residual": fit.df}
    effect = estimates[model.names.index(arm)]
    return Fit(effect, estimates, covariance, {"residual": fit.variance}, diagnostics, flagged)


def t_estimate(
    term: str, estimand: str, value: float, variance: float, df: float, method: str, used: Rows, level: float = 0.95
) -> Estimate:
    """`t_interval` over the families analysed."""
    return t_interval(term, estimand, value, variance, df, method, used.outcome.size, used.by_arm, level)


def t_interval(
    term: str, estimand: str, value: float, variance: float, df: float, method: str, n: int, by_arm: tuple[int, int],
    level: float,
) -> Estimate:  # fmt: skip
    """An estimate with its interval and p by Student's t; none where the variance or the df is not positive."""
    value, known = float(value), variance > 0 and df > 0
    if not known:
        return Estimate(term, estimand, value, method=method, n=n, n_by_arm=by_arm)
    se = float(np.sqrt(variance))
    reach = t_reach(df, level) * se
    return Estimate(
        term, estimand, value, se, float(df), value - reach, value + reach, t_p(value / se, df), method, n, by_arm
    )


def _check(se: str, cluster: str | None, level: float) -> None:
    if se.startswith("cr") and cluster is None:
        raise ImpactError(f"se='{se}' needs the column of the clusters: cluster=.")
    if cluster is not None and not se.startswith("cr"):
        raise ImpactError(f"cluster= goes with se='cr1' or 'cr2', not with '{se}'.")
    share(level)


def _least_squares(columns: Floats, used: Rows, outcome: str) -> sandwich.Solved:
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


def _errors(
    fit: sandwich.Solved, se: str, data: pl.DataFrame, cluster: str | None, used: Rows, arm: str
) -> tuple[Floats, Floats, tuple[Flagged, ...]]:
    p = fit.coefficients.size
    if cluster is None:
        df = np.full(p, float(fit.df))
        covariance = sandwich.classical(fit) if se == "classical" else sandwich.by_family(fit, se)
        alone = int((fit.leverages > 1 - 1e-10).sum())
        if se in ("hc2", "hc3") and alone:
            return covariance, df, (Flagged(Flag.SMALL_CELL, f"{alone} families each decide a coefficient alone"),)
        return covariance, df, ()
    numbered, groups, arm_groups = clusters(data, cluster, used)
    if groups < 2:
        raise Unfit(Flag.FEW_CLUSTERS, "there is one cluster only", used.by_arm, used.missing)
    if se == "cr1":
        covariance, df = sandwich.by_cluster(fit, numbered), np.full(p, groups - 1.0)
    else:
        covariance, df = sandwich.bias_reduced(fit, numbered)
    few = min(arm_groups) < _FEW or (se == "cr2" and np.nanmin(df[-1:]) < _FEW_DF)
    reason = f"the arms have {arm_groups[0]} and {arm_groups[1]} clusters"
    return covariance, df, (Flagged(Flag.FEW_CLUSTERS, reason),) if few else ()
