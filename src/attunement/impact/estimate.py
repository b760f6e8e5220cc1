"""What every estimator returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from math import isfinite
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from attunement.impact.errors import ImpactError
from attunement.impact.flags import Flag, Flagged

__all__ = ["Estimate", "Fit", "ImpactError"]

_TIDY = {
    "term": pl.String,
    "estimand": pl.String,
    "value": pl.Float64,
    "se": pl.Float64,
    "df": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "p": pl.Float64,
    "method": pl.String,
    "n": pl.Int64,
    "n0": pl.Int64,
    "n1": pl.Int64,
}


@dataclass(frozen=True)
class Estimate:
    """One estimated quantity; a figure that could not be had is None, never NaN.

    `low` and `high` are confidence limits, of 95 % unless `method` says otherwise; `df` is None where the normal
    distribution is meant; `n` counts the families analysed, `n_by_arm` those in arm 0 and arm 1, in that order;
    `method` names the estimator and the small-sample correction; `extras` holds further figures by name.
    """

    term: str
    estimand: str
    value: float | None
    se: float | None = None
    df: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    method: str = ""
    n: int = 0
    n_by_arm: tuple[int, int] = (0, 0)
    extras: Mapping[str, float] = field(default_factory=dict)

    @property
    def span(self) -> tuple[float, float, float]:
        """Value and limits; ImpactError where one of them could not be had."""
        if self.value is None or self.low is None or self.high is None:
            raise ImpactError(f"'{self.term}' has no estimate with an interval.")
        return self.value, self.low, self.high

    def to_dict(self) -> dict[str, Any]:
        return _plain(asdict(self))  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Fit:
    """A fitted analysis: the `effect` asked for, every term in `estimates`, and what a reader must be told.

    `vcov` (terms x terms) is the covariance of `estimates` where the model has one; `variance_components` in the
    order in which the model names them; `diagnostics` figures of the whole fit, `missing` (rows left out because a
    value was missing) among them. A fit that failed is a result too: its figures are None, `failed` is the reason,
    and the flag beside it says of which kind.
    """

    effect: Estimate
    estimates: tuple[Estimate, ...]
    vcov: NDArray[np.float64] | None = field(default=None, compare=False)
    variance_components: Mapping[str, float] = field(default_factory=dict)
    diagnostics: Mapping[str, float] = field(default_factory=dict)
    flagged: tuple[Flagged, ...] = ()

    @property
    def flags(self) -> tuple[Flag, ...]:
        """The kinds of flag, each once, in the order found; `flagged` has the reasons."""
        return tuple(dict.fromkeys(item.flag for item in self.flagged))

    @property
    def failed(self) -> str | None:
        """Why there is no effect; None where there is one."""
        return "; ".join(item.reason for item in self.flagged) if self.effect.value is None else None

    @property
    def missing(self) -> int:
        """Rows left out because the outcome or another value the model needs was missing."""
        return int(self.diagnostics.get("missing", 0))

    @property
    def sigma(self) -> float | None:
        """Residual standard deviation, where the model has one."""
        return self.diagnostics.get("sigma")

    def term(self, name: str) -> Estimate:
        """The estimate of a term; ImpactError when the fit has none of that name."""
        for estimate in self.estimates:
            if estimate.term == name:
                return estimate
        raise ImpactError(f"The fit has no term '{name}'; it has {', '.join(e.term for e in self.estimates)}.")

    def tidy(self) -> pl.DataFrame:
        """One row a term: term, estimand, value, se, df, low, high, p, method, n, n0, n1; unknown is null."""
        rows = []
        for estimate in self.estimates:
            row = {name: getattr(estimate, name, None) for name in _TIDY}
            rows.append(row | {"n0": estimate.n_by_arm[0], "n1": estimate.n_by_arm[1]})
        return pl.DataFrame(rows, schema=_TIDY)

    def glance(self) -> pl.DataFrame:
        """One row for the whole fit: n, the diagnostics, the variance components, and the flags in one text."""
        row: dict[str, Any] = {"method": self.effect.method, "n": self.effect.n, "missing": self.missing}
        row |= dict(self.diagnostics) | {f"variance_{name}": value for name, value in self.variance_components.items()}
        return pl.DataFrame([_plain(row) | {"flags": ",".join(self.flags)}])

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain JSON values; a figure that is not finite is null."""
        return {
            "effect": self.effect.to_dict(),
            "estimates": [estimate.to_dict() for estimate in self.estimates],
            "vcov": None if self.vcov is None else _plain(self.vcov.tolist()),
            "variance_components": _plain(dict(self.variance_components)),
            "diagnostics": _plain(dict(self.diagnostics)),
            "flags": [{"flag": str(item.flag), "reason": item.reason} for item in self.flagged],
            "failed": self.failed,
        }


def _plain(value: Any) -> Any:
    match value:
        case dict():
            return {key: _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case np.generic():
            return _plain(value.item())
        case float() if not isfinite(value):
            return None
        case _:
            return value
