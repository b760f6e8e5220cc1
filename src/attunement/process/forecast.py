"""How many families a trial will have by its last day, from how they have come so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln
from scipy.stats import nbinom, norm

from attunement.process.errors import ProcessError

Floats = npt.NDArray[np.float64]
_VARIATIONS = np.array([0.01, 0.1, 0.2, 0.3, 0.4, 0.5, 0.65, 0.8, 1.0, 1.3, 1.6])
"""How much the sites' rates may vary around their mean: coefficients of variation."""


@dataclass(frozen=True)
class Forecast:
    """`so_far` families and those still to come: `middle` the median, `low` to `high` the 80 % band.

    `reaches`: the chance of `target` families or more. `by_site`: each site's expected final number.
    """

    so_far: int
    low: int
    middle: int
    high: int
    target: int
    reaches: float
    by_site: tuple[float, ...]


def forecast(counts: Sequence[int], open_days: Sequence[float], left_days: Sequence[float], target: int) -> Forecast:
    """The final number of families, by the Poisson-gamma model of sites that recruit at rates of their own.

    One entry a site: families so far, days it has been open, days that it will still be. Before the first family and
    the first day, nothing can be said: ProcessError. The sites' rates are gamma distributed; its mean and its
    coefficient of variation are not fixed at their likeliest, which with four sites is far too sure, but weighed by
    their marginal likelihood over a grid (prior: 1/mean, and half-normal with SD 0.5 for the coefficient). Given both,
    a site's families to come are negative binomial.
    Source: Anisimov and Fedorov 2007, Statistics in Medicine 26:4958-4975, sections 2 and 3.
    """
    known, been, left = (np.asarray(values, np.float64) for values in (counts, open_days, left_days))
    if not known.size or known.shape != been.shape or known.shape != left.shape:
        raise ProcessError("A forecast needs, for each site, its families, its open days and the days left.")
    if (known < 0).any() or (been < 0).any() or (left < 0).any() or target < 0:
        raise ProcessError("Families and days of a forecast cannot be negative.")
    if not known.sum() or not been.sum():
        raise ProcessError("No family has come yet, so nothing can be said of how many will.")
    to_come, expected = np.zeros(1), np.zeros(known.size)
    for shape, rate, weight in _weighed(known, been):
        sites = [_still_to_come(shape + k, rate + t, s) for k, t, s in zip(known, been, left, strict=True)]
        to_come = _plus(to_come, weight * reduce(np.convolve, sites))
        expected += weight * (shape + known) / (rate + been) * left
    cumulative = np.cumsum(to_come) / to_come.sum()
    so_far = int(known.sum())
    low, middle, high = (so_far + int(np.searchsorted(cumulative, share)) for share in (0.1, 0.5, 0.9))
    wanted = target - so_far
    reaches = 1.0 if wanted <= 0 else float(max(0.0, 1 - cumulative[min(wanted, cumulative.size) - 1]))
    return Forecast(so_far, low, middle, high, target, reaches, tuple(float(value) for value in known + expected))


def _plus(one: Floats, other: Floats) -> Floats:
    longer, shorter = (one, other) if one.size >= other.size else (other, one)
    longer = longer.copy()
    longer[: shorter.size] += shorter
    return longer


def _still_to_come(shape: float, rate: float, days: float) -> Floats:
    """The chances of 0, 1, 2, … families within `days`, to all but a millionth."""
    if days == 0:
        return np.array([1.0])
    chance = rate / (rate + days)
    most = int(nbinom.ppf(1 - 1e-7, shape, chance)) + 1
    return np.asarray(nbinom.pmf(np.arange(most + 1), shape, chance))


def _weighed(known: Floats, been: Floats) -> list[tuple[float, float, float]]:
    """(shape, rate, weight) over the grid; cells that weigh less than a thousandth of the heaviest are left out."""
    middle, spread = known.sum() / been.sum(), 1 / np.sqrt(known.sum()) + 0.5
    means = middle * np.exp(np.linspace(-3, 3, 13) * spread)
    shapes = 1 / _VARIATIONS**2
    shape, mean = np.meshgrid(shapes, means, indexing="ij")
    rate = shape / mean
    k, t = known[:, None, None], been[:, None, None]
    log = (gammaln(shape + k) - gammaln(shape) + shape * np.log(rate) - (shape + k) * np.log(rate + t)).sum(axis=0)
    log = log - 2 * (_VARIATIONS[:, None]) ** 2
    weight = np.exp(log - log.max())
    weight = np.where(weight < 1e-3, 0, weight) / weight[weight >= 1e-3].sum()
    cells = zip(shape.ravel().tolist(), rate.ravel().tolist(), weight.ravel().tolist(), strict=True)
    return [cell for cell in cells if cell[2]]


def detectable(families: int, *, correlation: float, loss: float, power: float = 0.8) -> float | None:
    """The least standardised difference that a two-arm trial of equal arms shows with `power` at two-sided 5 %.

    ANCOVA with a baseline that correlates `correlation`, `loss` of the families without an outcome; families taken as
    independent, so practitioners' own effects make it a little larger. None with fewer than four families left.
    Source: Borm, Fransen and Lemmens 2007, Journal of Clinical Epidemiology 60:1234-1238, formula for n.
    """
    left = families * (1 - loss)
    if left < 4:
        return None
    return float((norm.ppf(0.975) + norm.ppf(power)) * 2 * np.sqrt((1 - correlation**2) / left))
