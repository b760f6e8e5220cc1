"""Variance models whose matrices share their eigenvectors: one sum of squares an eigenspace says all there is to know."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attunement.impact.edge import Floats
from attunement.impact.likelihood import Moments, Point, point

Whole = NDArray[np.int64]


@dataclass(frozen=True)
class Spectrum:
    """B eigenspaces: `sizes` (B,) their dimensions, `squares` (B, p+1, p+1) [X y]' projected [X y],
    `slopes` (K, B) the eigenvalue of each G there, so that V's are slopes' theta."""

    sizes: Floats
    squares: Floats
    slopes: Floats
    rows: int
    ml: bool = False

    def at(self, theta: Floats) -> Point:
        values = theta @ self.slopes
        scaled = self.slopes / values
        pairs = scaled[:, None, :] * scaled[None, :, :]
        weighted = self.squares / values[:, None, None]
        sums = Moments(
            weighted.sum(axis=0),
            np.tensordot(scaled, weighted, axes=1),
            np.tensordot(pairs, weighted, axes=1),
            float(self.sizes @ np.log(values)),
            scaled @ self.sizes,
            pairs @ self.sizes,
        )
        return point(theta, sums, self.rows, self.ml)

    def only(self, kept: Whole) -> Spectrum:
        """The model without the other parameters."""
        return Spectrum(self.sizes, self.squares, self.slopes[kept], self.rows, self.ml)

    @property
    def parameters(self) -> int:
        return int(self.slopes.shape[0])


def clustered(both: Floats, cluster: Whole, inside: NDArray[np.bool_], by_arm: bool = False, ml: bool = False) -> Spectrum:
    """Rows `inside` share an effect within `cluster` (numbered 0..G-1 there); theta = (cluster, residual, …).

    Eigenspaces: rows outside, deviations within clusters, and the means of the clusters of each size. One residual
    variance, or with `by_arm` one outside and one inside, in this order.
    """
    out, within = both[~inside], both[inside]
    width = both.shape[1]
    counts = np.bincount(cluster)
    totals = np.zeros((counts.size, width))
    np.add.at(totals, cluster, within)
    lengths = np.unique(counts)
    means = np.array([totals[counts == k].T @ totals[counts == k] / k for k in lengths]).reshape(-1, width, width)
    squares = np.concatenate([[out.T @ out, within.T @ within - means.sum(axis=0)], means])
    of_length = np.array([(counts == k).sum() for k in lengths])
    sizes = np.concatenate([[out.shape[0], within.shape[0] - counts.size], of_length]).astype(np.float64)
    shared = np.concatenate([[0.0, 0.0], lengths])
    here = np.concatenate([[0.0, 1.0], np.ones(lengths.size)])
    slopes = np.array([shared, 1 - here, here]) if by_arm else np.array([shared, np.ones(shared.size)])
    return Spectrum(sizes, squares, slopes, both.shape[0], ml)
