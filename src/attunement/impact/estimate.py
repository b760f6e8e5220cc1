"""What every estimator returns."""

from __future__ import annotations

from dataclasses import dataclass


class ImpactError(ValueError):
    """The data cannot be analysed as asked; the message is one sentence for the person who asked."""


@dataclass(frozen=True)
class Estimate:
    """One estimated quantity.

    `low` and `high` are 95 % limits; `df` is None where the normal distribution is meant; `n_by_arm` counts
    the families analysed in arm 0 and arm 1, in that order.
    """

    term: str
    estimand: str
    value: float
    se: float | None
    df: float | None
    low: float
    high: float
    p: float | None
    method: str
    n: int
    n_by_arm: tuple[int, int]


@dataclass(frozen=True)
class Fit:
    """A fitted analysis: the arm's `effect`, every term in `estimates`, and what a reader must be told in `flags`.

    `missing` counts the rows left out because the outcome or a covariate was missing.
    """

    effect: Estimate
    estimates: tuple[Estimate, ...]
    missing: int
    flags: tuple[str, ...] = ()
    sigma: float | None = None
