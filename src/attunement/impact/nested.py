"""The primary analysis: practitioners deliver in one arm only, so families share one there and nowhere else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from attunement.impact.asked import names, option, share
from attunement.impact.corrections import kenward_roger, satterthwaite
from attunement.impact.design import Model, adjusted
from attunement.impact.edge import Floats, Labels, Rows, once_each, rows, words
from attunement.impact.estimate import Fit
from attunement.impact.failing import Unfit, answers_failure
from attunement.impact.flags import Flag, Flagged
from attunement.impact.linear import t_estimate
from attunement.impact.optimum import Optimum
from attunement.impact.spectrum import Whole, clustered
from attunement.impact.variances import fitted

DF = Literal["satterthwaite", "kenward_roger"]
_FEW = 6
_NAMES = {"satterthwaite": "Satterthwaite", "kenward_roger": "Kenward-Roger"}


@answers_failure
def partially_nested(
    data: pl.DataFrame, *, outcome: str, arm: str, practitioner: str, covariates: Sequence[str] = (),
    site: str | None = None, residual: Literal["common", "by_arm"] = "common", df: DF = "satterthwaite",
    level: float = 0.95, labels: Labels | None = None, family: str | None = None,
) -> Fit:  # fmt: skip
    """Difference in `outcome` between the arms where families of arm 1 share practitioners: REML, exact optimum.

    y = X b + arm u + e with u one draw a practitioner; X holds intercept, `site`, `covariates` and `arm`. What the
    column `practitioner` says in arm 0 is not read; an empty one in arm 1 makes that family a practitioner's only
    one, and is flagged. `variance_components`: practitioner, then residual (or residual_0 and residual_1 of the
    arms); zero practitioner variance is a normal outcome, flagged BOUNDARY. Diagnostics: reml_criterion, loglik,
    icc (in arm 1), practitioners. Fails with its reason where there is one practitioner only, or no family to tell
    the parts from each other.
    Source: Roberts and Roberts 2005, Clinical Trials 2:152; sufficient statistics and corrections as in `spectrum`,
    `likelihood` and `corrections`.
    """
    option(residual, ("common", "by_arm"), "residual")
    option(df, _NAMES, "df")
    share(level)
    once_each(data, [outcome, arm, practitioner, *names(covariates), *([site] if site is not None else [])], family)
    used = rows(data, outcome=outcome, arm=arm, covariates=covariates, site=site, labels=labels, family=family)
    model = adjusted(used, arm, tuple(covariates))
    treated = used.arm == 1
    cluster, alone = _numbered(words(data, practitioner)[used.kept][treated])
    by_arm = residual == "by_arm"
    _possible(used, model, cluster, by_arm, outcome)
    basis, upper = np.linalg.qr(model.columns)
    left = used.outcome - basis @ (basis.T @ used.outcome)
    spectrum = clustered(np.column_stack([basis, left]), cluster, treated, by_arm)
    found = fitted(spectrum)
    return _answer(found, used, model, basis, upper, arm, outcome, df, level, (cluster, alone))


def _numbered(names: NDArray[np.object_]) -> tuple[Whole, int]:
    keys: dict[object, int] = {}
    numbered = [keys.setdefault((at,) if word is None else word, len(keys)) for at, word in enumerate(names)]
    return np.array(numbered, dtype=np.int64), sum(word is None for word in names)


def _possible(used: Rows, model: Model, cluster: Whole, by_arm: bool, outcome: str) -> None:
    n, p = model.columns.shape
    counts = np.bincount(cluster)

    def unfit(flag: Flag, reason: str) -> Unfit:
        return Unfit(flag, reason, used.by_arm, used.missing)

    if np.ptp(used.outcome) == 0:
        raise unfit(Flag.CONSTANT, f"'{outcome}' is the same for every family")
    if n <= p + 1:
        raise unfit(Flag.SMALL_CELL, f"{n} families with '{outcome}' are too few for {p} coefficients and two variances")
    if counts.size == 1:
        raise unfit(Flag.FEW_CLUSTERS, "there is one practitioner only: that effect cannot be told from the programme's")
    if by_arm and counts.max() == 1:
        raise unfit(Flag.FEW_CLUSTERS, "no practitioner has two families, so the arm's two variances cannot be told apart")
    left = used.outcome - model.columns @ np.linalg.lstsq(model.columns, used.outcome, rcond=None)[0]
    if left @ left <= 1e-20 * float(used.outcome @ used.outcome):
        raise unfit(Flag.CONSTANT, f"'{outcome}' has no variation left about the model, so no standard error exists")


def _answer(
    found: Optimum, used: Rows, model: Model, basis: Floats, upper: Floats, arm: str, outcome: str, df: DF,
    level: float, shared: tuple[Whole, int],
) -> Fit:  # fmt: skip
    point, boundary = found.point, 0 in found.at_zero
    contrasts: Floats = np.linalg.inv(upper).astype(np.float64)
    if df == "kenward_roger":
        inner, variance, freedom = kenward_roger(point, contrasts)
    else:
        inner = point.covariance
        variance, freedom = satterthwaite(point, contrasts, _spread(found))
    values = contrasts @ (basis.T @ used.outcome + point.coefficients)
    covariance = contrasts @ inner @ contrasts.T
    spread = "residual variance by arm" if point.theta.size == 3 else "one residual variance"
    limits = "" if level == 0.95 else f", {100 * level:g} % limits"
    method = f"partially nested mixed model, REML, {spread}, {_NAMES[df]} degrees of freedom, complete cases{limits}"
    estimates = tuple(
        t_estimate(name, f"mean of {outcome}", values[at], variance[at], freedom[at], method, used, level)
        for at, name in enumerate(model.names)
    )
    parts = ["practitioner", "residual"] if point.theta.size == 2 else ["practitioner", "residual_0", "residual_1"]
    theta = dict(zip(parts, point.theta.tolist(), strict=True))
    criterion = point.criterion + 2 * float(np.log(np.abs(np.diag(upper))).sum())
    practitioners = int(shared[0].max()) + 1
    diagnostics = {
        "missing": used.missing, "reml_criterion": criterion, "loglik": -criterion / 2, "practitioners": practitioners,
        "icc": float(point.theta[0] / (point.theta[0] + point.theta[-1])), "boundary": float(boundary),
    }  # fmt: skip
    if point.theta.size == 2:
        diagnostics["sigma"] = float(np.sqrt(point.theta[1]))
    flagged = (*model.flagged, *used.flagged, *_told(found, practitioners, shared[1]))
    return Fit(estimates[model.names.index(arm)], estimates, covariance, theta, diagnostics, flagged)


def _spread(found: Optimum) -> Floats:
    """Inverse observed information; a variance that is zero is not free, so it has no spread."""
    free = [at for at in range(found.point.theta.size) if at not in found.at_zero]
    spread = np.zeros(found.point.observed.shape)
    spread[np.ix_(free, free)] = np.linalg.inv(found.point.observed[np.ix_(free, free)])
    return spread


def _told(found: Optimum, practitioners: int, alone: int) -> tuple[Flagged, ...]:
    told = []
    if 0 in found.at_zero:
        told.append(Flagged(Flag.BOUNDARY, "the variance between practitioners is estimated to be zero"))
    if not found.converged:
        told.append(Flagged(Flag.NOT_CONVERGED, "the likelihood has no clear optimum"))
    if practitioners < _FEW:
        told.append(Flagged(Flag.FEW_CLUSTERS, f"there are {practitioners} practitioners only"))
    if alone:
        told.append(Flagged(Flag.MISSING, f"{alone} families of arm 1 have no practitioner; each counts as its own"))
    return tuple(told)
