"""Maximum likelihood by Newton's method, for the models whose likelihood is smooth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from attunement.impact.edge import Floats

Derivatives = Callable[[Floats], tuple[float, Floats, Floats]]


@dataclass(frozen=True)
class Optimum:
    """Where a log likelihood is highest: `at` (p,), its value, and the inverse of the information there (p, p).

    `separated` marks coefficients (p,) that ran away: the likelihood rises for ever along them.
    """

    at: Floats
    loglik: float
    covariance: Floats
    separated: tuple[int, ...] = ()
    converged: bool = True


def maximise(derivatives: Derivatives, start: Floats, scale: Floats, *, steps: int = 200) -> Optimum:
    """The maximum of a log likelihood from `start`; `derivatives` gives its value, score and negative Hessian.

    `scale` (p,) is the spread of each coefficient's column. Steps are halved until the likelihood does not fall. It
    ends when the Newton decrement (twice what a full step could still gain) is below 1e-13, not when the gain looks
    small, and then takes the last step, so that estimates are right to the last digits. A coefficient that still
    moves by then has no finite estimate.
    """
    at = start
    value, score, information = derivatives(at)
    for _step in range(steps):
        covariance = _inverse(information)
        move = covariance @ score
        decrement = float(score @ move)
        if not np.isfinite(decrement):
            break
        if decrement < 1e-13:
            away = tuple(int(index) for index in np.flatnonzero(np.abs(move) * scale > 1e-3))
            at = at + move
            value, _score, information = derivatives(at)
            covariance = _inverse(information)
            return Optimum(at, value, covariance, away)
        share = 1.0
        found = derivatives(at + move)
        while not (np.isfinite(found[0]) and found[0] >= value - 1e-12 * abs(value)) and share > 1e-9:
            share /= 2
            found = derivatives(at + share * move)
        at = at + share * move
        value, score, information = found
    return Optimum(at, value, _inverse(information), (), False)


def _inverse(information: Floats) -> Floats:
    """The inverse of a positive definite matrix, brought to unit diagonal first; a pseudo-inverse where it is not."""
    size = np.sqrt(np.maximum(np.diag(information), 1e-300))
    even = information / np.outer(size, size)
    if not np.isfinite(even).all():
        return np.full_like(information, np.nan)
    try:
        np.linalg.cholesky(even)
        inverse = np.linalg.inv(even)
    except np.linalg.LinAlgError:
        inverse = np.linalg.pinv(even, rcond=1e-14, hermitian=True)
    return np.asarray(inverse / np.outer(size, size))
