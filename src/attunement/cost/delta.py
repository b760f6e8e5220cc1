"""What if the costs that are missing were higher than the model that filled them in believes?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl

from attunement.cost.decision import decision
from attunement.cost.errors import CostError
from attunement.cost.joint import Joint, joint
from attunement.cost.trial import has

FURTHEST = 60
"""Halvings of the span in which the tipping point is sought."""


def delta(data: pl.DataFrame, imputed: Iterable[pl.DataFrame], amounts: Iterable[float], *, cost: str, effect: str,
          arm: str, in_arm: int, threshold: float = 0.0, covariates_cost: Sequence[str] = (),
          covariates_effect: Sequence[str] = ()) -> pl.DataFrame:  # fmt: skip
    """`joint` with each amount of money added to the imputed costs of one arm: a row an amount.

    Columns amount, cost, cost_low, cost_high, effect, inmb, inmb_low, inmb_high, adopt (0 or 1, at `threshold`).
    `imputed` are completed frames with the rows of `data` in its order; a cost is imputed where `data` has none.
    """
    sets = _sets(data, imputed, cost)
    rows = []
    for amount in amounts:
        fitted = _shifted(data, sets, amount, cost, effect, arm, in_arm, covariates_cost, covariates_effect)
        at = decision(fitted, [threshold]).choices[1]
        rows.append((float(amount), fitted.cost.value, fitted.cost.low, fitted.cost.high, fitted.effect.value, at.inmb,
                     at.low, at.high, int(at.best)))  # fmt: skip
    names = ("amount", "cost", "cost_low", "cost_high", "effect", "inmb", "inmb_low", "inmb_high")
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.Float64) | {"adopt": pl.Int64}, orient="row")


def tipping_point(data: pl.DataFrame, imputed: Iterable[pl.DataFrame], *, cost: str, effect: str, arm: str,
                  in_arm: int, threshold: float, span: tuple[float, float], covariates_cost: Sequence[str] = (),
                  covariates_effect: Sequence[str] = ()) -> float | None:  # fmt: skip
    """The amount within `span` at which the option to adopt changes; None where it stays the same throughout."""
    sets = _sets(data, imputed, cost)

    def inmb(amount: float) -> float:
        fitted = _shifted(data, sets, amount, cost, effect, arm, in_arm, covariates_cost, covariates_effect)
        return threshold * fitted.effect.value - fitted.cost.value

    low, high = span
    left = inmb(low)
    if (left > 0) == (inmb(high) > 0):
        return None
    for _halving in range(FURTHEST):
        middle = (low + high) / 2
        if (inmb(middle) > 0) == (left > 0):
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _sets(data: pl.DataFrame, imputed: Iterable[pl.DataFrame], cost: str) -> list[pl.DataFrame]:
    has(data, (cost,))
    sets = list(imputed)
    for place, frame in enumerate(sets, start=1):
        has(frame, (cost,))
        known = data[cost].is_not_null() & data[cost].cast(pl.Float64).is_not_nan()
        if frame.height != data.height or not (frame[cost].filter(known) == data[cost].filter(known)).all():
            raise CostError(f"The imputed set {place} does not have the rows of the data, in the same order.")
    return sets


def _shifted(data: pl.DataFrame, sets: list[pl.DataFrame], amount: float, cost: str, effect: str, arm: str, in_arm: int,
             covariates_cost: Sequence[str], covariates_effect: Sequence[str]) -> Joint:  # fmt: skip
    gap = data[cost].is_null() | data[cost].cast(pl.Float64).is_nan().fill_null(True)
    moved = (
        frame.with_columns(
            pl.when(gap & (pl.col(arm) == in_arm)).then(pl.col(cost) + amount).otherwise(pl.col(cost)).alias(cost)
        )
        for frame in sets
    )
    return joint(data, cost=cost, effect=effect, arm=arm, covariates_cost=covariates_cost,
                 covariates_effect=covariates_effect, imputed=moved)  # fmt: skip
