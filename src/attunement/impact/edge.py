"""From a Polars frame to arrays: everything that may be wrong with the data is said here, before any algebra."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from attunement.impact.asked import arm_labels, column_name, names
from attunement.impact.errors import ImpactError
from attunement.impact.failing import Unfit
from attunement.impact.flags import Flag, Flagged

Floats = NDArray[np.float64]
Labels = tuple[Any, Any]
_LARGEST, _SMALLEST = 1e100, 1e-100
FAMILY_COLUMNS = ("trial_number", "family", "id")


@dataclass(frozen=True)
class Rows:
    """Complete cases: `outcome` and `arm` of shape (n,), `covariates` (n, q), `site` (n,) text or None.

    `also` holds further columns asked for, by name; `kept` (all rows,) marks the complete cases; `flagged` what the
    data themselves give to say.
    """

    outcome: Floats
    arm: Floats
    covariates: Floats
    site: NDArray[np.str_] | None
    missing: int
    also: Mapping[str, Floats] = field(default_factory=dict)
    kept: NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, dtype=np.bool_))
    flagged: tuple[Flagged, ...] = ()

    @property
    def by_arm(self) -> tuple[int, int]:
        return int((self.arm == 0).sum()), int((self.arm == 1).sum())


def frame(data: pl.DataFrame) -> pl.DataFrame:
    """The data as given; ImpactError when they are no Polars DataFrame."""
    if not isinstance(data, pl.DataFrame):
        raise ImpactError(f"The data should be a Polars DataFrame, not {type(data).__name__}.")
    return data


def series(data: pl.DataFrame, name: str) -> pl.Series:
    """The column called `name`; ImpactError when there is none."""
    if column_name(name) not in frame(data).columns:
        raise ImpactError(f"There is no column '{name}' in the data.")
    return data[name]


def numbers(data: pl.DataFrame, name: str) -> Floats:
    """A numeric or true/false column as floats, shape (rows,); missing (null or NaN) is NaN."""
    column = series(data, name)
    if column.dtype == pl.Null:
        return np.full(column.len(), np.nan)
    if not (column.dtype.is_numeric() or column.dtype == pl.Boolean):
        raise ImpactError(f"Column '{name}' holds {_kind(column)}, and numbers are needed.")
    values = column.cast(pl.Float64).to_numpy().astype(np.float64)
    if np.isinf(values).any():
        raise ImpactError(f"Column '{name}' holds an infinite value.", Flag.INFINITE)
    size = np.abs(values)
    if ((size > 0) & (size < _SMALLEST)).any():
        raise ImpactError(f"Column '{name}' holds a value too small to compute with: take another unit.")
    if (size > _LARGEST).any():
        raise ImpactError(f"Column '{name}' holds a value too large to compute with.", Flag.INFINITE)
    return values


def arms(data: pl.DataFrame, name: str, labels: Labels | None = None) -> Floats:
    """The arm of each row, 0 or 1, shape (rows,); a missing or third value is an error.

    The column is 0/1 or false/true, an Enum of two categories with the reference first, or anything with
    `labels=(reference, other)`.
    """
    column = series(data, name)
    if labels is None and isinstance(column.dtype, pl.Enum):
        labels = tuple(column.dtype.categories)
        if len(labels) != 2:
            raise ImpactError(f"Column '{name}' has {len(labels)} categories: an arm is one of two.")
    if labels is not None:
        return _labelled(column, name, labels)
    if column.dtype in (pl.String, pl.Categorical):
        raise ImpactError(f"Column '{name}' holds text: say labels=(reference, other), or give 0 and 1.")
    values = numbers(data, name)
    if np.isnan(values).any():
        raise _no_arm(name, int(np.isnan(values).sum()))
    if not np.isin(values, (0.0, 1.0)).all():
        raise ImpactError(f"Column '{name}' holds other values than 0 and 1.")
    return values


def words(data: pl.DataFrame, name: str) -> NDArray[np.object_]:
    """A column of labels as text, shape (rows,); missing (null or NaN) is None."""
    column = series(data, name)
    if column.dtype.is_float():
        column = column.fill_nan(None)
    return column.cast(pl.String).to_numpy().astype(object)


def known(labels: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Which of `words` are not missing, shape (rows,)."""
    return np.array([label is not None for label in labels], dtype=np.bool_)


def named_once(used: Sequence[str]) -> None:
    """ImpactError when a column is named twice."""
    for name in used:
        column_name(name)
    twice = sorted({name for name in used if used.count(name) > 1})
    if twice:
        raise ImpactError(f"Column '{twice[0]}' is named twice in the analysis.", Flag.DUPLICATE)


def once_each(data: pl.DataFrame, used: Sequence[str], family: str | None = None) -> None:
    """ImpactError when a column is named twice, or a family stands in two rows.

    The family is in the column `family=`, or else in trial_number, family or id, where the analysis does not use
    that column for something else.
    """
    frame(data)
    named_once(used)
    asked = [family] if family is not None else [n for n in FAMILY_COLUMNS if n in data.columns and n not in used]
    for name in asked:
        families = [str(value) for value in series(data, name).to_list() if value is not None and value == value]
        if len(set(families)) < len(families):
            raise ImpactError(
                f"Column '{name}' has the same family in more than one row: one row a family is needed.", Flag.DUPLICATE
            )


def rows(
    data: pl.DataFrame, *, outcome: str, arm: str, covariates: Sequence[str] = (), site: str | None = None,
    labels: Labels | None = None, family: str | None = None, also: Sequence[str] = (),
) -> Rows:  # fmt: skip
    """The complete cases of the columns named (`also`: further numeric ones that must be known).

    ImpactError says what is wrong with the data; Unfit when an arm has nobody left.
    """
    columns = names(covariates)
    series(data, outcome)
    once_each(data, [outcome, arm, *columns, *([site] if site is not None else []), *also], family)
    y, a = numbers(data, outcome), arms(data, arm, labels)
    x = np.column_stack([numbers(data, name) for name in columns]) if columns else np.empty((y.size, 0))
    more = {name: numbers(data, name) for name in also}
    places = _places(data, site) if site is not None else None
    keep = ~np.isnan(y) & ~np.isnan(x).any(axis=1)
    for values in more.values():
        keep &= ~np.isnan(values)
    kept = Rows(
        y[keep], a[keep], x[keep], None if places is None else places[keep], int((~keep).sum()),
        {name: values[keep] for name, values in more.items()}, keep, _sites(a, places, keep),
    )  # fmt: skip
    for value, count in enumerate(kept.by_arm):
        if count == 0:
            flag = Flag.MISSING if (a == value).any() else Flag.SMALL_CELL
            reason = f"Arm {value} has no family with '{outcome}' and every covariate known"
            raise Unfit(flag, reason, kept.by_arm, kept.missing)
    return kept


def _labelled(column: pl.Series, name: str, labels: Labels) -> Floats:
    labels = arm_labels(labels)
    values = [value.item() if isinstance(value, np.generic) else value for value in column.to_list()]
    empty = sum(value is None or value != value for value in values)
    if empty:
        raise _no_arm(name, empty)
    other = sorted({str(value) for value in values if value not in labels})
    if other:
        raise ImpactError(f"Column '{name}' holds '{other[0]}', which is neither '{labels[0]}' nor '{labels[1]}'.")
    return np.array([float(value == labels[1]) for value in values], dtype=np.float64)


def _no_arm(name: str, count: int) -> ImpactError:
    return ImpactError(f"Column '{name}' is empty in {count} rows: every family has an arm.", Flag.MISSING)


def _places(data: pl.DataFrame, site: str) -> NDArray[np.str_]:
    found = words(data, site)
    if None in found:
        empty = sum(value is None for value in found)
        raise ImpactError(f"Column '{site}' is empty in {empty} rows: every family has a site.", Flag.MISSING)
    return found.astype(np.str_)


def _sites(arm: Floats, places: NDArray[np.str_] | None, keep: NDArray[np.bool_]) -> tuple[Flagged, ...]:
    """Sites that say less than they should: nobody known, or one arm only."""
    if places is None:
        return ()
    levels, which = np.unique(places, return_inverse=True)
    had = np.array([np.bincount(which[keep & (arm == a)], minlength=levels.size) for a in (0, 1)])
    found = []
    for level, families in zip(levels, had.T, strict=True):
        if not families.any():
            found.append(Flagged(Flag.MISSING, f"site {level} has no family with every value known"))
        elif not families.all():
            found.append(Flagged(Flag.SMALL_CELL, f"site {level} has families of one arm only"))
    return tuple(found)


def _kind(column: pl.Series) -> str:
    return "text" if column.dtype in (pl.String, pl.Categorical, pl.Enum) else str(column.dtype)
