"""How many families a trial will have by its last day, from how they have come so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy

from attunement.process.errors import ProcessError

Floats = npt.NDArray[np.float64]
_DRAWS, _SEED, _MOST = 20_000, 2007, 1e6
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
    a site's families to come are negative binomial. 20,000 programmes are drawn, always the same ones, so chances are
    within about a third of a per cent, and the work does not grow with the families.
    Source: Anisimov and Fedorov 2007, Statistics in Medicine 26:4958-4975, sections 2 and 3.
    """
    known, been, left = (np.asarray(values, np.float64) for values in (counts, open_days, left_days))
    if not known.size or known.shape != been.shape or known.shape != left.shape:
        raise ProcessError("A forecast needs, for each site, its families, its open days and the days left.")
    if (known < 0).any() or (been < 0).any() or (left < 0).any() or target < 0:
        raise ProcessError("Families and days of a forecast cannot be negative.")
    if not known.sum() or not been.sum():
        raise ProcessError("No family has come yet, so nothing can be said of how many will.")
    shape, rate = _drawn(known, been)
    random = np.random.Generator(np.random.Philox(_SEED))
    rates = random.gamma(shape[:, None] + known, 1 / (rate[:, None] + been))
    ends = int(known.sum()) + random.poisson(np.minimum(rates * left, _MOST)).sum(axis=1)
    low, middle, high = (int(np.quantile(ends, share, method="inverted_cdf")) for share in (0.1, 0.5, 0.9))
    expected = known + (rates * left).mean(axis=0)
    return Forecast(int(known.sum()), low, middle, high, target, float((ends >= target).mean()),
                    tuple(float(value) for value in expected))


def _drawn(known: Floats, been: Floats) -> tuple[Floats, Floats]:
    """Shape and rate of `_DRAWS` programmes, each cell of the grid as often as it weighs."""
    shape, rate, weight = _weighed(known, been)
    ends = np.cumsum(weight)
    cell = np.minimum(np.searchsorted(ends, (np.arange(_DRAWS) + 0.5) / _DRAWS), ends.size - 1)
    return shape[cell], rate[cell]


def _weighed(known: Floats, been: Floats) -> tuple[Floats, Floats, Floats]:
    """Shape, rate and weight of the grid's cells; the weights add up to 1."""
    middle, spread = known.sum() / been.sum(), 1 / np.sqrt(known.sum()) + 0.5
    means = middle * np.exp(np.linspace(-3, 3, 13) * spread)
    shapes = 1 / _VARIATIONS**2
    shape, mean = np.meshgrid(shapes, means, indexing="ij")
    rate = shape / mean
    k, t = known[:, None, None], been[:, None, None]
    gammaln = scipy.special.gammaln
    log = (gammaln(shape + k) - gammaln(shape) + shape * np.log(rate) - (shape + k) * np.log(rate + t)).sum(axis=0)
    log = log - 2 * (_VARIATIONS[:, None]) ** 2
    weight = np.exp(log - log.max()).ravel()
    return shape.ravel(), rate.ravel(), weight / weight.sum()


def detectable(families: int, *, correlation: float, loss: float, power: float = 0.8) -> float | None:
    """The least standardised difference that a two-arm trial of equal arms shows with `power` at two-sided 5 %.

    ANCOVA with a baseline that correlates `correlation`, `loss` of the families without an outcome; families taken as
    independent, so practitioners' own effects make it a little larger. None with fewer than four families left.
    Source: Borm, Fransen and Lemmens 2007, Journal of Clinical Epidemiology 60:1234-1238, formula for n.
    """
    left = families * (1 - loss)
    if left < 4:
        return None
    return float((scipy.special.ndtri(0.975) + scipy.special.ndtri(power)) * 2 * np.sqrt((1 - correlation**2) / left))
