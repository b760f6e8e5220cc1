"""The difference in mean cost between the arms: by bootstrap within site × arm, and by a gamma model beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from attunement.cost.errors import CostError
from attunement.cost.gamma import gamma
from attunement.cost.resampling import bca, counted, counted_from, limits
from attunement.cost.trial import Floats, arms, columns, complete, has, numbers, strata


@dataclass(frozen=True)
class Difference:
    """Mean cost of arm 1 less that of arm 0, on the rows with a cost. Limits are 95 %.

    `se_stratified_bootstrap_exact` is what `se_bootstrap` comes to with ever more draws. The gamma model is the
    sensitivity analysis; its fields are None where a cost is 0. `draws` are the resampled differences.
    """

    n: int
    n_by_arm: tuple[int, int]
    mean_0: float
    mean_1: float
    difference: float
    se_welch: float
    df_welch: float
    se_stratified_bootstrap_exact: float
    se_bootstrap: float
    resamples: int
    percentile: tuple[float, float]
    bca: tuple[float, float]
    z0: float
    acceleration: float
    gamma_coefficient: float | None
    gamma_se: float | None
    gamma_dispersion: float | None
    gamma_difference: float | None
    gamma_difference_se: float | None
    missing: int
    draws: Floats

    @property
    def value(self) -> float:
        return self.difference

    def tidy(self) -> pl.DataFrame:
        """One row a method: method, value, se, low, high, n, missing."""
        rows = [
            ("bootstrap, bias-corrected and accelerated", self.difference, self.se_bootstrap, *self.bca),
            ("bootstrap, percentile", self.difference, self.se_bootstrap, *self.percentile),
        ]
        if self.gamma_difference is not None and self.gamma_difference_se is not None:
            wide = 1.959963984540054 * self.gamma_difference_se
            rows.append(("gamma model, log link", self.gamma_difference, self.gamma_difference_se,
                         self.gamma_difference - wide, self.gamma_difference + wide))  # fmt: skip
        schema = {"method": pl.String} | dict.fromkeys(("value", "se", "low", "high"), pl.Float64)
        return pl.DataFrame(rows, schema=schema, orient="row").with_columns(n=self.n, missing=self.missing)


def difference(data: pl.DataFrame, *, cost: str = "cost", arm: str = "arm", site: str = "site",
               indices: NDArray[np.integer] | Sequence[Sequence[int]] | None = None, draws: int = 5000,
               seed: int = 20211) -> Difference:  # fmt: skip
    """Compare mean costs (Barber and Thompson 2000, Statistics in Medicine 19:3219; never a t test on log cost).

    Rows without a cost are left out and counted. `indices` (B × n) gives the resamples in place of `draws` and
    `seed`: row numbers from 0 among the rows with a cost, ordered by arm, then site, then as given.
    CostError: no such column, a negative cost, an arm that is not 0 or 1, a stratum that does not keep its size.
    """
    has(data, (cost, arm, site))
    whole = complete(data, (cost, arm, site)).sort(arm, site, maintain_order=True)
    groups, paid = arms(whole, arm), numbers(whole, cost)
    if (paid < 0).any():
        raise CostError(f"The column '{cost}' has a cost below zero.")
    first, second = paid[groups == 0], paid[groups == 1]
    if min(first.size, second.size) < 2:
        raise CostError("Each arm has at least two families with a cost.")
    if np.ptp(paid) == 0:
        raise CostError(f"The column '{cost}' is the same in every row.")
    layers = strata(whole[arm].to_list(), whole[site].to_list())
    contrast = np.where(groups == 1, 1 / second.size, -1 / first.size)
    source = counted(layers, paid.size, draws, seed) if indices is None else counted_from(indices, layers, paid.size)
    drawn = np.concatenate([batch @ (contrast * paid) for batch in source])
    own = float(contrast @ paid)
    influence, exact = np.zeros(paid.size), 0.0
    for rows in layers:
        influence[rows] = contrast[rows] * (paid[rows] - paid[rows].mean())
        exact += float((rows.size * contrast[rows[0]]) ** 2 * paid[rows].var() / rows.size)
    z0, acceleration, corrected = bca(drawn, own, influence)
    low, high = limits(drawn, (0.025, 0.975))
    spread = [float(group.var(ddof=1) / group.size) for group in (first, second)]
    bottom = sum(part**2 / (group.size - 1) for part, group in zip(spread, (first, second), strict=True))
    model = _gamma(paid, whole, groups, site)
    return Difference(
        n=paid.size, n_by_arm=(first.size, second.size), mean_0=float(first.mean()), mean_1=float(second.mean()),
        difference=own, se_welch=float(np.sqrt(sum(spread))), df_welch=sum(spread) ** 2 / bottom if bottom else np.inf,
        se_stratified_bootstrap_exact=float(np.sqrt(exact)), se_bootstrap=float(drawn.std(ddof=1)),
        resamples=drawn.size, percentile=(low, high), bca=(corrected[0], corrected[1]), z0=z0,
        acceleration=acceleration, **model, missing=data.height - paid.size, draws=drawn,
    )  # fmt: skip


def _gamma(paid: Floats, whole: pl.DataFrame, groups: Floats, site: str) -> dict[str, float | None]:
    names = ("coefficient", "se", "dispersion", "difference", "difference_se")
    if (paid == 0).any():
        return {f"gamma_{name}": None for name in names}
    sites = columns(whole.with_columns(pl.col(site).cast(pl.String)), (site,))
    fitted = gamma(paid, np.column_stack([np.ones(paid.size), groups, sites]), 1)
    return {f"gamma_{name}": getattr(fitted, name) for name in names}
