"""Missing outcomes drawn many times from what families like them had: under missing at random, and otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
import polars as pl

from attunement.impact.asked import is_number, option, said, whole
from attunement.impact.edge import Floats, Labels, Rows, numbers, rows
from attunement.impact.errors import ImpactError
from attunement.impact.estimate import Estimate
from attunement.impact.failing import Unfit
from attunement.impact.flags import Flag
from attunement.impact.pooling import rubin
from attunement.impact.posterior import Whole, draws, orthonormal, predictors


@dataclass(frozen=True)
class Imputed:
    """m completed data sets, kept as one: iterate, or `frames`, for Polars frames; `pooled` for the ANCOVA of all.

    `values` (m, k) are the outcomes drawn for the rows `missing` (k,) of `data`; every other value is as given.
    `columns` (n, p) are what all sets share: one a site (or a constant), the covariates, the arm.
    """

    data: pl.DataFrame
    outcome: str
    arm: str
    covariates: tuple[str, ...]
    site: str | None
    method: str
    everybody: Rows
    columns: Floats
    missing: Whole
    values: Floats

    def __len__(self) -> int:
        return int(self.values.shape[0])

    def __iter__(self) -> Iterator[pl.DataFrame]:
        whole = np.array(self.everybody.outcome)
        for drawn in self.values:
            whole[self.missing] = drawn
            yield self.data.with_columns(pl.Series(self.outcome, whole.copy()))

    @property
    def frames(self) -> list[pl.DataFrame]:
        """The completed data sets, each with all rows and columns of `data`, the outcome as Float64."""
        return list(self)

    @property
    def complete_df(self) -> int:
        """n - p of the ANCOVA of a completed set."""
        basis, _slope = self._solver
        return int(basis.shape[0] - basis.shape[1])

    def pooled(self, level: float = 0.95) -> Estimate:
        """The arm's effect by ANCOVA (the covariates and sites imputed on) in every set, pooled by Rubin's rules.

        The columns are the same in every set, so all sets are one product of matrices: the arm's coefficient is a
        fixed weighting of the outcomes, the residual sum of squares what the columns leave of them.
        """
        basis, slope = self._solver
        used = self.everybody
        middle = float(np.nanmean(used.outcome))
        observed = used.outcome - middle
        observed[self.missing] = 0.0
        drawn = self.values - middle
        projected = observed @ basis + drawn @ basis[self.missing]
        squares = float(observed @ observed) + (drawn * drawn).sum(axis=1)
        rss = np.maximum(squares - (projected * projected).sum(axis=1), 0.0)
        values = projected @ slope
        like = Estimate(
            self.arm, f"mean of {self.outcome}", None, method=f"{self.method}; ANCOVA, classical standard error",
            n=used.outcome.size, n_by_arm=used.by_arm,
        )  # fmt: skip
        return rubin(values, rss / self.complete_df * float(slope @ slope), self.complete_df, like, level)

    @cached_property
    def _solver(self) -> tuple[Floats, Floats]:
        """Orthonormal columns (n, p) and the weights (p,) that make the arm's coefficient of a projection on them."""
        kept, q, back = orthonormal(self.columns)
        if self.columns.shape[1] - 1 not in kept:
            reason = "follows from the sites or covariates, so its effect cannot be told from theirs"
            raise ImpactError(f"'{self.arm}' {reason}.", Flag.COLLINEAR)
        if q.shape[0] <= q.shape[1]:
            raise ImpactError(f"{q.shape[0]} families are too few for {q.shape[1]} coefficients.", Flag.SMALL_CELL)
        return q, back[-1]


def impute(
    data: pl.DataFrame, *, outcome: str, arm: str, covariates: Sequence[str] = (), site: str | None = None,
    m: int = 100, by: Literal["arm"] | None = "arm", seed: int = 0, labels: Labels | None = None,
    family: str | None = None,
) -> Imputed:  # fmt: skip
    """`m` completed sets of `data` with each missing `outcome` drawn under missing at random, given covariates and site.

    Each arm has its own normal linear regression (`by="arm"`; with None one for all, the arm among its columns), and
    every set its own parameters from their posterior: sigma² = s² nu / chi²(nu), b normal about its estimate, then the
    residual. The same seed gives the same draws in any order of rows. ImpactError where a covariate or site is
    missing, where an arm has too few outcomes, or where a site to be imputed has none known.
    Source: Rubin 1987, Multiple Imputation, 5.3, example 5.1.
    """
    if by is not None and (not isinstance(by, str) or by != "arm"):
        raise ImpactError(f"by is 'arm' or None, not {said(by)}.")
    words = f"multiple imputation by normal regression{' by arm' if by else ''}, {m} sets"
    return _imputed(data, (0, 1) if by else None, outcome, arm, covariates, site, m, seed, labels, family, words)


def reference_based(
    data: pl.DataFrame, rule: Literal["j2r", "cr", "cir"], *, outcome: str, arm: str, covariates: Sequence[str] = (),
    site: str | None = None, m: int = 100, seed: int = 0, labels: Labels | None = None, family: str | None = None,
) -> Imputed:  # fmt: skip
    """As `impute`, but families of arm 1 without an outcome are drawn from the control arm's regression.

    Jump to reference: they fare as control families of the same baseline and site. With one follow-up and the
    baseline as a covariate, copy reference and copy increments in reference are the same distribution, so all three
    rules give the same draws; the rule stands in `method`. Control families are drawn as by `impute`, and alike.
    Source: Carpenter, Roger and Kenward 2013, J Biopharmaceutical Statistics 23:1352, section 3.
    """
    names = {"j2r": "jump to reference", "cr": "copy reference", "cir": "copy increments in reference"}
    option(rule, names, "The rule")
    words = f"multiple imputation, {names[rule]}, {m} sets"
    return _imputed(data, (0, 0), outcome, arm, covariates, site, m, seed, labels, family, words)


def delta(imputed: Imputed, amount: float, arm: int = 1) -> Imputed:
    """The same sets with `amount` (in the outcome's units) added to what was drawn for families of `arm` (0 or 1).

    An amount of 0 returns the very same values. Source: Cro and others 2020, Statistics in Medicine 39:2815.
    """
    if not isinstance(imputed, Imputed):
        raise ImpactError(f"delta takes what impute gave, not {said(imputed)}.")
    if not is_number(arm) or arm not in (0, 1):
        raise ImpactError(f"arm is 0 or 1, not {said(arm)}.")
    if not is_number(amount):
        raise ImpactError(f"The amount to add is a finite number, not {said(amount)}.")
    if amount == 0:
        return imputed
    shift = np.where(imputed.everybody.arm[imputed.missing] == arm, float(amount), 0.0)
    return replace(imputed, values=imputed.values + shift, method=f"{imputed.method}, {amount:+g} in arm {arm}")


def _imputed(
    data: pl.DataFrame, source: tuple[int, int] | None, outcome: str, arm: str, covariates: Sequence[str],
    site: str | None, m: int, seed: int, labels: Labels | None, family: str | None, method: str,
) -> Imputed:  # fmt: skip
    m = whole(m, "m, the number of completed sets,", 2)
    y = numbers(data, outcome)
    filled = data.clone().replace_column(data.get_column_index(outcome), pl.Series(outcome, np.zeros(y.size)))
    try:
        everybody = rows(
            filled, outcome=outcome, arm=arm, covariates=covariates, site=site, labels=labels, family=family
        )
    except Unfit as fault:
        raise ImpactError(f"{fault.reason}.", fault.flag) from None
    if everybody.missing:
        raise ImpactError(
            f"{everybody.missing} families lack a covariate, and imputation needs all of them.", Flag.MISSING
        )
    unknown = np.isnan(y)
    if not unknown.all() and np.nanmax(y) == np.nanmin(y):
        raise ImpactError(f"'{outcome}' is the same for every family.", Flag.CONSTANT)
    (missing,), (columns, sites) = np.nonzero(unknown), predictors(everybody)
    values = draws(columns, sites, y, missing, source, m, seed)
    everybody = replace(everybody, outcome=y)
    return Imputed(data, outcome, arm, tuple(covariates), site, method, everybody, columns, missing, values)
