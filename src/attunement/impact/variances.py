"""The variances of a clustered model: the restricted likelihood's optimum, zero between clusters included."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from attunement.impact.edge import Floats
from attunement.impact.optimum import Optimum, best, climb
from attunement.impact.spectrum import Spectrum

_RATIOS = np.concatenate([[0.0], np.geomspace(1e-4, 1e4, 41)])


def fitted(model: Spectrum) -> Optimum:
    """The optimum over the cluster's variance from zero on; the other variances are positive.

    The profile over the ratio of the cluster's to the (last) residual variance is looked at from end to end first,
    so that a second hump is not missed; then Newton climbs from each hump. Zero wins unless another is lower.
    """
    without = _without(model)
    residuals = without.point.theta[1:]
    profile = _profiled(model, _RATIOS, residuals)
    inside = np.flatnonzero((profile[1:-1] < profile[:-2]) & (profile[1:-1] <= profile[2:])) + 1
    starts = [_RATIOS[at] for at in inside] or ([_RATIOS[1]] if without.point.slope[0] < 0 else [])
    found = [without] if without.point.slope[0] >= 0 or not starts else []
    found += [climb(model, np.append(ratio * residuals[-1], residuals)) for ratio in starts]
    return best(found) if found else without


def _without(model: Spectrum) -> Optimum:
    """The optimum with the cluster's variance held at zero, seen as a point of the whole model."""
    others = model.only(np.arange(1, model.parameters))
    degrees = model.rows - (model.squares.shape[1] - 1)
    total = float(model.squares[:, -1, -1].sum()) / degrees
    inner = climb(others, np.full(others.parameters, total))
    whole = model.at(np.append(0.0, inner.point.theta))
    return replace(inner, point=whole, at_zero=(0,))


def _profiled(model: Spectrum, ratios: Floats, residuals: Floats) -> Floats:
    """The criterion at each ratio (R,), with the residual variances in their proportion and their scale at its best."""
    theta = np.column_stack([ratios * residuals[-1], np.tile(residuals, (ratios.size, 1))])
    values = theta @ model.slopes
    inner = np.tensordot(1 / values, model.squares, axes=1)
    p = inner.shape[1] - 1
    root = np.linalg.cholesky(inner[:, :p, :p])
    half = np.linalg.solve(root, inner[:, :p, p:])[:, :, 0]
    rss = inner[:, p, p] - (half * half).sum(axis=1)
    degrees = model.rows if model.ml else model.rows - p
    restricted = 0.0 if model.ml else 2 * np.log(np.diagonal(root, axis1=1, axis2=2)).sum(axis=1)
    return np.asarray(np.log(values) @ model.sizes + degrees * np.log(rss) + restricted)
