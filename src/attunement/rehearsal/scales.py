"""Answers to questionnaires from a latent score, set so that the SCALE has the effect and the correlation wanted.

A graded model: item i of a scale shows as many of its steps as its own latent (loading x score + noise) has passed
thresholds. Means, variances and covariances of the sum follow by normal integrals, so the latent shift and the latent
correlation are solved for, not guessed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import scipy

from attunement.instruments import Key
from attunement.rehearsal.errors import RehearsalError

Floats = npt.NDArray[np.float64]
_STEP = 0.75
_LEAN = 0.0
_SPREAD = 0.3
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(64)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()
_WIDEST = 8.0


@dataclass(frozen=True)
class Scale:
    """One scale that is a sum of items. `low`, `high`, `turned`: of each item, in order of `numbers`."""

    instrument: str
    name: str
    numbers: tuple[int, ...]
    low: tuple[int, ...]
    high: tuple[int, ...]
    turned: tuple[bool, ...]
    reliability: float

    @cached_property
    def loading(self) -> float:
        """Of every item on the score, so that the items' mean correlation gives the reliability (Spearman 1910)."""
        k = len(self.numbers)
        return float(np.sqrt(min(0.95, self.reliability / (k - self.reliability * (k - 1)))))

    @cached_property
    def thresholds(self) -> Floats:
        """Shape (items, most steps): what the item's latent must pass for each step; infinite where there is none."""
        steps = [high - low for low, high in zip(self.low, self.high, strict=True)]
        found = np.full((len(steps), max(steps)), np.inf)
        for item, count in enumerate(steps):
            middle = _LEAN + _SPREAD * ((item * 0.618) % 1 - 0.5)
            width = _STEP * min(1.0, 5 / count)
            found[item, :count] = middle + width * (np.arange(count) - (count - 1) / 2)
        return found

    def given(self, score: Floats, noise: Floats) -> npt.NDArray[np.int64]:
        """Answers as printed, shape (..., items), from a latent score (...) and standard normal noise (..., items)."""
        latent = self.loading * score[..., None] + np.sqrt(1 - self.loading**2) * noise
        steps = (latent[..., None] > self.thresholds).sum(axis=-1)
        low, high = np.array(self.low), np.array(self.high)
        return np.asarray(np.where(self.turned, high - steps, low + steps), np.int64)

    def mean(self, shift: float = 0.0, variance: float = 1.0) -> float:
        """The scale's mean where the latent score is normal with that mean and variance."""
        wide = np.sqrt(1 + self.loading**2 * (variance - 1))
        return float(sum(self.low) + scipy.special.ndtr((self.loading * shift - self.thresholds) / wide).sum())

    @cached_property
    def sd(self) -> float:
        """The scale's standard deviation in the control arm, where the latent score is standard normal."""
        passed = self._passed(_NODES)
        times = 2 * np.arange(passed.shape[-1]) + 1
        steps = passed.sum(axis=-1)
        within = ((passed * times).sum(axis=-1) - steps**2).sum(axis=-1)
        totals = steps.sum(axis=-1)
        return float(np.sqrt(_WEIGHTS @ within + _WEIGHTS @ totals**2 - (_WEIGHTS @ totals) ** 2))

    def shift_for(self, effect: float, spread: float = 0.0) -> float:
        """The latent shift by which the mean moves `effect` SDs where practitioners add a latent SD `spread`."""
        wanted, place = self.mean() + effect * self.sd, f"{self.instrument}.{self.name}"
        ends = f"An effect of {effect:g} standard deviations does not fit on {place}: its range ends."
        return _solved(lambda shift: self.mean(shift, 1 + spread**2) - wanted, -_WIDEST, _WIDEST, ends)

    def spread_for(self, practitioner_sd: float) -> float:
        """The latent SD that shows as `practitioner_sd` SDs of the scale."""
        slope = (self.mean(0.01) - self.mean(-0.01)) / 0.02
        return practitioner_sd * self.sd / slope

    def correlation_for(self, wanted: float) -> float:
        """The latent correlation of two times at which the scale correlates `wanted`."""
        low = f"{self.instrument}.{self.name} cannot correlate {wanted} with itself: its reliability is too low."
        return _solved(lambda latent: self._correlation(latent) - wanted, 0.0, 1.0, low)

    def _correlation(self, latent: float) -> float:
        before = self._passed(_NODES).sum(axis=(-1, -2))
        after = latent * _NODES[:, None] + np.sqrt(1 - latent**2) * _NODES
        expected = self._passed(after).sum(axis=(-1, -2)) @ _WEIGHTS
        middle = _WEIGHTS @ before
        return float((_WEIGHTS @ (before * expected) - middle**2) / self.sd**2)

    def _passed(self, score: Floats) -> Floats:
        """The chance of passing each threshold, given the score: shape (..., items, steps)."""
        rest = np.sqrt(1 - self.loading**2)
        return np.asarray(scipy.special.ndtr((self.loading * score[..., None, None] - self.thresholds) / rest))


def scales_of(key: Key, reliability: float) -> tuple[Scale, ...]:
    """The scales of an instrument that are sums of items; those made from another scale follow from it."""
    found = []
    for scale in key.scales:
        if scale.transform is None:
            items = key.items_of(scale.name)
            found.append(
                Scale(
                    instrument=key.slug,
                    name=scale.name,
                    numbers=tuple(item.number for item in items),
                    low=tuple(item.low for item in items),
                    high=tuple(item.high for item in items),
                    turned=tuple(item.direction != "forward" for item in items),
                    reliability=reliability,
                )
            )
    return tuple(found)


def _solved(excess: Callable[[float], float], low: float, high: float, sentence: str) -> float:
    """Where `excess`, which grows, is zero. RehearsalError with `sentence` where it is not between the two."""
    if excess(low) > 1e-9 or excess(high) < -1e-9:
        raise RehearsalError(sentence)
    if excess(low) >= 0:
        return low
    if excess(high) <= 0:
        return high
    return float(scipy.optimize.brentq(excess, low, high, xtol=1e-12))
