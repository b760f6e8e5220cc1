"""The negative binomial likelihood with variance mu + mu²/theta (NB2), on plain arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from attunement.impact import glm
from attunement.impact.edge import Floats
from attunement.impact.newton import Optimum, maximise

_TABLE = 100_000


@dataclass(frozen=True)
class Counted:
    """The joint maximum over coefficients (p,) and log theta, and three covariances of the coefficients.

    `theta` is None where the data are no more spread than Poisson counts: the maximum lies at theta = infinity.
    """

    joint: Optimum
    theta: float | None
    theta_se: float | None
    covariances: dict[str, Floats]


def fit(design: Floats, counts: Floats, offset: Floats) -> Counted:
    """Newton in (b, log theta) together. Source: Lawless 1987, Canadian J Statistics 15:209, eqs. 2.4-2.8.

    Covariances of b: `theta_fixed` is the inverse of the expected information with theta as if known (glm.nb of
    MASS), `observed_theta_fixed` of the observed one, `observed_joint` of the observed one of b and theta together.
    """
    start = glm.poisson(design, counts, offset)
    mean = np.exp(design @ start.at + offset)
    excess = float(((counts - mean) ** 2 - counts).sum())
    if excess <= 0 or not start.converged:
        return Counted(start, None, None, {})
    theta = float((mean**2).sum()) / excess
    scale = np.append(glm.spread(design), 1.0)
    likelihood = _Likelihood(design, counts, offset)
    joint = maximise(likelihood, np.append(start.at, np.log(theta)), scale)
    if joint.at[-1] > np.log(1e7) or design.shape[1] in joint.separated:
        return Counted(start, None, None, {})
    theta = float(np.exp(joint.at[-1]))
    mean = np.exp(design @ joint.at[:-1] + offset)
    expected = theta * mean / (theta + mean)
    observed = expected * (theta + counts) / (theta + mean)
    covariances = {"observed_joint": joint.covariance[:-1, :-1]}
    for name, weight in (("theta_fixed", expected), ("observed_theta_fixed", observed)):
        root = np.sqrt(weight)
        size = np.linalg.norm(design * root[:, None], axis=0)
        inverse = np.linalg.inv(np.linalg.qr(design * root[:, None] / size)[1]) / size[:, None]
        covariances[name] = inverse @ inverse.T
    return Counted(joint, theta, theta * float(np.sqrt(joint.covariance[-1, -1])), covariances)


class _Likelihood:
    """Log likelihood, score and negative Hessian at (b, log theta)."""

    def __init__(self, design: Floats, counts: Floats, offset: Floats) -> None:
        self.design, self.counts, self.offset = design, counts, offset
        self.places: NDArray[np.int64] = counts.astype(np.int64)
        self.top = int(counts.max())
        self.constant = float(scipy.special.gammaln(counts + 1).sum())

    def __call__(self, at: Floats) -> tuple[float, Floats, Floats]:
        y, x, theta = self.counts, self.design, float(np.exp(np.clip(at[-1], -30, 30)))
        mean = np.exp(np.minimum(x @ at[:-1] + self.offset, 500))
        rising, first, second = self._rising(theta)
        both = theta + mean
        value = float((rising + y * np.log(mean / both) - theta * np.log1p(mean / theta)).sum()) - self.constant
        by_theta = first - np.log1p(mean / theta) + (mean - y) / both
        bend = second + 1 / theta - 1 / both - (mean - y) / both**2
        residual = (y - mean) * theta / both
        score = np.append(x.T @ residual, theta * by_theta.sum())
        size = x.shape[1]
        information = np.empty((size + 1, size + 1))
        information[:size, :size] = x.T @ (x * (theta * mean * (theta + y) / both**2)[:, None])
        information[size, :size] = information[:size, size] = -(x.T @ ((y - mean) * mean / both**2)) * theta
        information[size, size] = -(theta**2 * bend.sum() + theta * by_theta.sum())
        if information[size, size] <= 0:
            information[size, size] = theta**2 * float(np.abs(bend).sum())
            information[size, :size] = information[:size, size] = 0.0
        return value, score, information

    def _rising(self, theta: float) -> tuple[Floats, Floats, Floats]:
        """log Gamma(y + theta) - log Gamma(theta), and its first two derivatives: sums over 0..y-1, so nothing cancels."""
        if self.top > _TABLE:
            y, special = self.counts, scipy.special
            return (special.gammaln(y + theta) - special.gammaln(theta), special.psi(y + theta) - special.psi(theta),
                    special.polygamma(1, y + theta) - special.polygamma(1, theta))
        steps = theta + np.arange(self.top)
        sums = (np.log(steps), 1 / steps, -1 / steps**2)
        return tuple(np.append(0.0, np.cumsum(each))[self.places] for each in sums)  # type: ignore[return-value]
