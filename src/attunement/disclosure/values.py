"""The gate for what is not a count: means and quantiles, shares, steps of a curve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from attunement.disclosure.errors import DisclosureError
from attunement.disclosure.profiles import DEFAULT, Profile
from attunement.disclosure.profiles import profile as named


@dataclass(frozen=True, slots=True)
class Values:
    """What may be published of a set of values; None where it is hidden. There is no least and no greatest value:
    each is the value of one family.
    """

    n: int | None
    mean: float | None
    sd: float | None
    quartiles: tuple[float | None, float | None, float | None]


def protect_values(values: Sequence[float | None], profile: str | Profile = DEFAULT) -> Values:
    """How many values, their mean, standard deviation (n - 1) and quartiles, as far as each may be published.

    Missing values are left. A mean needs the profile's `contributors`; a quartile as many values on either side of it
    (so the outer ones need four times as many). Where all values are 0 or 1 the mean is a share, and is that of
    `protect_share`; the rest is hidden, as it gives the same count back. DisclosureError for values that are no numbers.
    """
    rule = named(profile)
    known = _numbers(values)
    n = None if rule.hidden(known.size) else rule.shown(known.size)
    if known.size and np.isin(known, (0, 1)).all():
        share = protect_share(int(known.sum()), known.size, rule)
        return Values(n, None if share is None else share / 100, None, (None, None, None))
    if known.size < rule.contributors or n is None:
        return Values(n, None, None, (None, None, None))
    quartiles = [float(np.quantile(known, q)) if known.size * min(q, 1 - q) >= rule.contributors else None
                 for q in (0.25, 0.5, 0.75)]  # fmt: skip
    # Where all families have one value, each of these is that of every one.
    if known.min() == known.max():
        return Values(n, None, None, (None, None, None))
    first, middle, third = quartiles
    return Values(n, float(known.mean()), float(known.std(ddof=1)), (first, middle, third))


def _numbers(values: Sequence[float | None]) -> npt.NDArray[np.float64]:
    try:
        known = np.array([value for value in values if value is not None], float)
    except (TypeError, ValueError):
        raise DisclosureError("Values to be summed up must be numbers; please leave out what is text.") from None
    if np.isinf(known).any():
        raise DisclosureError("Values to be summed up must be finite numbers.")
    return np.asarray(known[~np.isnan(known)])


def protect_share(part: int, whole: int, profile: str | Profile = DEFAULT, *, places: int = 1) -> float | None:
    """`part` of `whole` in per cent to so many places, or None where it would give a hidden count back.

    From rounded counts where the profile rounds. Otherwise None if the part, the rest or the whole is hidden: each
    follows from the two others.
    """
    if not 0 <= part <= whole:
        raise DisclosureError("A share needs a part that is not below 0 and not above its whole.")
    rule = named(profile)
    if any(rule.hidden(n) for n in (part, whole - part, whole)) or rule.shown(whole) == 0:
        return None
    return round(min(100.0, 100 * rule.shown(part) / rule.shown(whole)), places)


def counts_behind(percentage: float, whole: int, *, places: int = 1) -> range:
    """The counts of `whole` that a percentage printed to so many places can stand for: one of them gives it back."""
    half = 0.5 * 10**-places
    first = int(np.ceil(round((percentage - half) * whole / 100, 9)))
    last = int(np.floor(round((percentage + half) * whole / 100, 9)))
    return range(max(0, first), min(whole, last) + 1)


def protect_steps(curve: pl.DataFrame, profile: str | Profile = DEFAULT) -> pl.DataFrame:
    """A Kaplan-Meier curve as it may be published: fewer steps, none that shows few families.

    `curve`: a row a time with `time`, `at_risk` and `events` there, in any order. Returns `time` and `survival`: a step
    is drawn once the profile's `contributors` have had the event since the last one drawn, and only while as many are
    at risk; then the curve ends. The product is over every time up to the step (Kaplan and Meier 1958, eq. 2b), so
    the steps drawn lie on the true curve. DisclosureError for a curve that makes no sense.
    """
    rule = named(profile)
    if missing := [name for name in ("time", "at_risk", "events") if name not in curve.columns]:
        raise DisclosureError(f"A curve needs the column {missing[0]}.")
    times = curve.select("time", "at_risk", "events").sort("time")
    if times.null_count().sum_horizontal().item() or times.filter(
        (pl.col("events") < 0) | (pl.col("events") > pl.col("at_risk"))
    ).height or times["time"].is_duplicated().any():  # fmt: skip
        raise DisclosureError("A curve needs at each time, once, how many are at risk and how many of them have the event.")
    survival, since, drawn = 1.0, 0, []
    for time, at_risk, events in times.iter_rows():
        if at_risk < rule.contributors:
            break
        survival *= 1 - events / at_risk
        since += events
        if since >= rule.contributors and at_risk - events >= rule.contributors:
            drawn.append((time, survival))
            since = 0
    return pl.DataFrame(drawn, schema={"time": curve.schema["time"], "survival": pl.Float64()}, orient="row")
