"""Difference in cost and in effect, estimated together, with missing data imputed or left out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from attunement.cost.errors import CostError
from attunement.cost.labels import Ratio, ratio
from attunement.cost.resampling import counted
from attunement.cost.seemingly import fit, system
from attunement.cost.trial import Estimate, Floats, complete, has, normal, strata


@dataclass(frozen=True)
class Joint:
    """Arm 1 less arm 0. `cov` and `residual_cov` are 2 × 2, cost first; `each`: the imputed sets' own, else empty.

    `n` rows are in each fit, `m` sets were pooled (1: complete cases). `within` and `between` are Rubin's parts,
    `df_rubin` his degrees of freedom (cost, effect), for whoever wants t limits; all None where nothing was pooled.
    """

    cost: Estimate
    effect: Estimate
    cov: Floats
    residual_cov: Floats
    each: tuple[Joint, ...]
    n: int
    m: int
    ratio: Ratio
    missing: int = 0
    within: Floats | None = None
    between: Floats | None = None
    df_rubin: tuple[float, float] | None = None


def joint(data: pl.DataFrame, *, cost: str, effect: str, arm: str, covariates_cost: Sequence[str] = (),
          covariates_effect: Sequence[str] = (), imputed: Iterable[pl.DataFrame] | None = None) -> Joint:  # fmt: skip
    """Seemingly unrelated regressions of cost and effect on arm (0 or 1) and each its own covariates.

    Willan, Briggs and Hoch 2004, Health Economics 13:461; one step of FGLS (Zellner 1962), normal 95 % limits.
    Rows complete in every column named are fitted. With `imputed`, an iterable of completed frames, `data` is used
    for its names only, and the pair of differences is pooled together (Rubin 1987): T = W̄ + (1 + 1/m)B, 2 × 2.
    CostError: a column that is not there or does not vary, an arm that is not 0 or 1, a set that still has gaps.
    """
    names = _names(cost, effect, arm, covariates_cost, covariates_effect)
    has(data, names)
    asked: dict[str, object] = {"cost": cost, "effect": effect, "arm": arm, "covariates_cost": tuple(covariates_cost),
             "covariates_effect": tuple(covariates_effect)}  # fmt: skip
    if imputed is None:
        return _one(data, names, asked)
    if not isinstance(imputed, Iterable) or isinstance(imputed, pl.DataFrame):
        raise CostError("imputed is a list of completed frames, or whatever else gives one after the other.")
    each: list[Joint] = []
    for place, frame in enumerate(imputed, start=1):
        has(frame, names)
        one = _one(frame, names, asked)
        if one.missing:
            raise CostError(f"The imputed set {place} still has {one.missing} rows with something missing.")
        if each and one.n != each[0].n:
            raise CostError(f"The imputed set {place} has {one.n} rows, and the first has {each[0].n}.")
        each.append(one)
    return pool(each)


def pool(each: Sequence[Joint]) -> Joint:
    """Rubin's rules on the pair of differences together, between-set covariance and all. CostError below two sets."""
    m = len(each)
    if m < 2:
        raise CostError(f"Imputed sets are pooled from two upwards; there {'is one' if m else 'are none'}.")
    values = np.array([[one.cost.value, one.effect.value] for one in each])
    within = np.mean([one.cov for one in each], axis=0)
    between = np.cov(values, rowvar=False, ddof=1)
    total = within + (1 + 1 / m) * between
    spread = (1 + 1 / m) * np.diag(between)
    with np.errstate(divide="ignore"):
        df = (m - 1) * (np.diag(total) / spread) ** 2
    residual = np.mean([one.residual_cov for one in each], axis=0)
    return _joint(values.mean(axis=0), total, residual, n=each[0].n, m=m, each=tuple(each), within=within,
                  between=between, df_rubin=(float(df[0]), float(df[1])))  # fmt: skip


def resample(data: pl.DataFrame, *, cost: str, effect: str, arm: str, site: str, covariates_cost: Sequence[str] = (),
             covariates_effect: Sequence[str] = (), draws: int = 5000, seed: int = 20211) -> pl.DataFrame:  # fmt: skip
    """`joint` on bootstrap resamples within site × arm: a frame for `decision`, one row a draw.

    Columns cost_0 and effect_0 (0: the reference), cost_1 and effect_1 (the differences). Each row's products of
    columns are summed by how often it was drawn, and all resamples of a batch are fitted together.
    """
    names = _names(cost, effect, arm, covariates_cost, covariates_effect)
    has(data, (*names, site))
    whole = complete(data, (*names, site))
    made = system(whole, cost=cost, effect=effect, arm=arm, covariates_cost=covariates_cost,
                  covariates_effect=covariates_effect)  # fmt: skip
    layers = strata(whole[arm].to_list(), whole[site].to_list())
    products = made.products
    values = np.concatenate(
        [fit(made, counts @ products, whole.height).value for counts in counted(layers, whole.height, draws, seed)]
    )
    zero = np.zeros(draws)
    return pl.DataFrame({"cost_0": zero, "cost_1": values[:, 0], "effect_0": zero, "effect_1": values[:, 1]})


def _names(cost: str, effect: str, arm: str, *covariates: Sequence[str]) -> tuple[str, ...]:
    for given in covariates:
        if isinstance(given, str):
            raise CostError(f"Covariates are a list of columns: write ['{given}'].")
    return (cost, effect, arm, *(name for names in covariates for name in names))


def _one(data: pl.DataFrame, names: tuple[str, ...], asked: dict[str, object]) -> Joint:
    whole = complete(data, names)
    if not whole.height:
        raise CostError("No row is complete in cost, effect, arm and every covariate.")
    made = system(whole, **asked)  # type: ignore[arg-type]
    fitted = fit(made, made.products.sum(axis=0)[None, :], whole.height)
    return _joint(fitted.value[0], fitted.cov[0], fitted.residual_cov[0], n=whole.height, m=1, each=(),
                  missing=data.height - whole.height)  # fmt: skip


def _joint(values: Floats, cov: Floats, residual: Floats, **more: object) -> Joint:
    cost, effect = (normal(float(value), float(np.sqrt(cov[i, i]))) for i, value in enumerate(values))
    return Joint(cost=cost, effect=effect, cov=cov, residual_cov=residual,
                 ratio=ratio(cost.value, effect.value, effect.se), **more)  # type: ignore[arg-type]
