"""The optimum over a whole covariance matrix: in its Cholesky root, so that it can be singular but not impossible."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import scipy

from attunement.impact.edge import Floats
from attunement.impact.grouped import Grouped, triangle
from attunement.impact.likelihood import Point
from attunement.impact.optimum import Optimum, best

_SINGULAR = 1e-7


@dataclass(frozen=True)
class Rooted:
    """A point of the model in roots: `root` are the lower triangle of L with D = LL', and the residual SD."""

    root: Floats
    optimum: Optimum
    information: Floats


def fitted(model: Grouped, start: Floats, scale: float) -> Rooted:
    """From several starts: `start` (q, q) a guess of D, `scale` the residual variance."""
    q = model.width
    found = []
    for share in (1.0, 0.1, 0.01):
        root = np.linalg.cholesky(start * share + 1e-12 * scale * np.eye(q) * np.trace(start) / max(np.trace(start), 1))
        found.append(_descend(model, np.append([root[i, j] for i, j in triangle(q)], np.sqrt(scale))))
    lowest = best(one.optimum for one in found)
    return next(one for one in found if one.optimum is lowest)


def spread(found: Rooted, width: int) -> tuple[Floats, Floats]:
    """Inverse information and the change of theta with the roots (K, K); directions without information are left out.

    At an interior optimum the same as the inverse observed information of theta; at a singular D the Hessian in the
    roots is the one that exists, as lmerTest takes it.
    """
    values, vectors = np.linalg.eigh(found.information)
    kept = values > 1e-8 * values[-1]
    inverse = (vectors[:, kept] / values[kept]) @ vectors[:, kept].T
    change = _change(found.root, width)
    return change @ inverse @ change.T, change


def theta_of(root: Floats, width: int) -> Floats:
    """D's lower triangle and the residual variance."""
    lower = _lower(root, width)
    whole = lower @ lower.T
    return np.append([whole[i, j] for i, j in triangle(width)], root[-1] ** 2)


def _descend(model: Grouped, root: Floats) -> Rooted:
    q = model.width

    def value(at: Floats) -> tuple[float, Floats]:
        try:
            point = model.at(theta_of(at, q))
        except np.linalg.LinAlgError:
            return 1e300, np.zeros(at.size)
        return point.criterion, point.slope @ _change(at, q)

    reached = scipy.optimize.minimize(value, root, jac=True, method="BFGS", options={"gtol": 1e-7, "maxiter": 500}).x
    here = model.at(theta_of(reached, q))
    for _ in range(50):
        gradient, information = _curvature(here, reached, q)
        values, vectors = np.linalg.eigh(information)
        kept = values > 1e-8 * values[-1]
        step = -(vectors[:, kept] / values[kept]) @ (vectors[:, kept].T @ gradient) / 2
        following = model.at(theta_of(reached + step, q))
        if following.criterion > here.criterion + 1e-10 * max(1.0, abs(here.criterion)):
            break
        reached, here = reached + step, following
        if np.max(np.abs(step)) < 1e-12 * np.max(np.abs(reached)):
            break
    gradient, information = _curvature(here, reached, q)
    converged = bool(np.max(np.abs(gradient)) < 1e-4 * max(1.0, float(np.sqrt(np.max(np.abs(np.diag(information)))))))
    return Rooted(reached, Optimum(replace(here), converged, _singular(reached, q)), information)


def _curvature(here: Point, root: Floats, width: int) -> tuple[Floats, Floats]:
    """Gradient of the criterion and observed information in the roots (half the criterion's Hessian)."""
    change = _change(root, width)
    information = change.T @ here.observed @ change
    pairs = triangle(width)
    for a, (i, c) in enumerate(pairs):
        for b, (j, d) in enumerate(pairs):
            if c == d:
                at = pairs.index((max(i, j), min(i, j)))
                information[a, b] += here.slope[at] * (2 if i == j else 1) / 2
    information[-1, -1] += here.slope[-1]
    return here.slope @ change, information


def _change(root: Floats, width: int) -> Floats:
    """The derivative of theta by the roots: D_ij = sum over c of L_ic L_jc."""
    lower, pairs = _lower(root, width), triangle(width)
    change = np.zeros((root.size, root.size))
    for b, (row, c) in enumerate(pairs):
        for a, (i, j) in enumerate(pairs):
            change[a, b] = (lower[j, c] if row == i else 0.0) + (lower[i, c] if row == j else 0.0)
    change[-1, -1] = 2 * root[-1]
    return change


def _lower(root: Floats, width: int) -> Floats:
    lower = np.zeros((width, width))
    for value, (i, j) in zip(root[:-1], triangle(width), strict=True):
        lower[i, j] = value
    return lower


def _singular(root: Floats, width: int) -> tuple[int, ...]:
    """(0,) where D is singular: a variance is zero, or a correlation is one."""
    lower = _lower(root, width)
    sizes = np.linalg.norm(lower, axis=1)
    if sizes.min() <= _SINGULAR * abs(root[-1]):
        return (0,)
    correlations = (lower / sizes[:, None]) @ (lower / sizes[:, None]).T
    return (0,) if np.linalg.eigvalsh(correlations)[0] < _SINGULAR else ()
