"""To the optimum itself, not to a stopping rule: Newton's steps on the analytic derivatives, from several starts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from attunement.impact.edge import Floats
from attunement.impact.likelihood import Likelihood, Point

_STEPS = 200
_CLOSE = 1e-12


@dataclass(frozen=True)
class Optimum:
    """The best point found, whether Newton's steps came to rest there, and which parameters lie at zero."""

    point: Point
    converged: bool
    at_zero: tuple[int, ...] = ()


def climb(model: Likelihood, start: Floats) -> Optimum:
    """The optimum reached from `start` (all positive) with every parameter kept above zero.

    Newton where the observed information is positive definite, else Fisher scoring; each step is halved until the
    criterion falls. Ends without convergence where a parameter runs to zero.
    """
    here = model.at(start)
    for _ in range(_STEPS):
        step = _step(here)
        down = step < 0
        length = min(1.0, float(np.min(0.9 * here.theta[down] / -step[down], initial=1.0)))
        following, length = _descend(model, here, step, length)
        moved = float(np.max(np.abs(length * step) / np.maximum(here.theta, 1e-300)))
        done = following is None or (length == 1.0 and moved < _CLOSE)
        here = here if following is None else following
        if done:
            return Optimum(here, _flat(here))
        if here.theta.min() < 1e-9 * here.theta.max():
            return Optimum(here, False)
    return Optimum(here, _flat(here))


def best(found: Iterable[Optimum]) -> Optimum:
    """The lowest criterion; among equal ones the first."""
    lowest: Optimum | None = None
    for one in found:
        if lowest is None or one.point.criterion < lowest.point.criterion - 1e-9:
            lowest = one
    assert lowest is not None
    return lowest


def _step(here: Point) -> Floats:
    half = -here.slope / 2
    if np.linalg.eigvalsh(here.observed * np.outer(here.theta, here.theta))[0] > 1e-8:
        return np.asarray(np.linalg.solve(here.observed, half))
    return np.asarray(np.linalg.lstsq(here.expected, half, rcond=1e-12)[0])


def _descend(model: Likelihood, here: Point, step: Floats, length: float) -> tuple[Point | None, float]:
    for _ in range(40):
        following = model.at(here.theta + length * step)
        if following.criterion <= here.criterion + 1e-11 * max(1.0, abs(here.criterion)):
            return following, length
        length /= 2
    return None, length


def _flat(here: Point) -> bool:
    """Whether the slope is nothing beside what one relative step would change."""
    scale = np.sqrt(np.abs(np.diag(here.expected)))
    return bool(np.max(np.abs(here.slope) / np.maximum(scale, 1e-300)) < 1e-5)
