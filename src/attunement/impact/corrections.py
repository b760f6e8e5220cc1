"""Small-sample corrections of a mixed model's standard errors and degrees of freedom."""

from __future__ import annotations

import numpy as np

from attunement.impact.edge import Floats
from attunement.impact.likelihood import Point


def satterthwaite(found: Point, contrasts: Floats, spread: Floats | None = None) -> tuple[Floats, Floats]:
    """Variance and df of each row of `contrasts` (m, p): df = 2C² / (g'Ag).

    g is the gradient of the contrast's variance in theta, A (`spread`) the inverse of the observed information of
    the restricted likelihood. Source: Satterthwaite 1946, Biometrics Bulletin 2:110; Giesbrecht and Burns 1985,
    Biometrics 41:477; A as Kuznetsova, Brockhoff and Christensen 2017, J Statistical Software 82(13).
    """
    reach = contrasts @ found.covariance
    variance = (reach * contrasts).sum(axis=1)
    gradient = np.einsum("mi,kij,mj->mk", reach, found.first, reach)
    inverse = np.linalg.inv(found.observed) if spread is None else spread
    return variance, 2 * variance**2 / np.einsum("mk,kl,ml->m", gradient, inverse, gradient)


def kenward_roger(found: Point, contrasts: Floats) -> tuple[Floats, Floats, Floats]:
    """Adjusted covariance (p, p), and adjusted variance and df of each row of `contrasts` (m, p).

    W is the inverse of the expected information; adjusted C + 2C[sum of W_kl (Q_kl - P_k C P_l)]C; for one contrast
    the df formula comes to 2 / (sum of W_kl t_k t_l), t_k = c'C P_k C c / c'C c, and its scale to 1.
    Source: Kenward and Roger 1997, Biometrics 53:983, sections 2 and 3.
    """
    weights = np.linalg.pinv(found.expected, rcond=1e-12, hermitian=True)
    covariance, first = found.covariance, found.first
    rest = found.second - np.einsum("kij,jh,lhm->klim", first, covariance, first)
    middle = np.tensordot(weights, rest, axes=2)
    added = 2 * covariance @ middle @ covariance
    full = covariance + (added + added.T) / 2
    reach = contrasts @ covariance
    shares = np.einsum("mi,kij,mj->mk", reach, first, reach) / (reach * contrasts).sum(axis=1)[:, None]
    df = 2 / np.einsum("mk,kl,ml->m", shares, weights, shares)
    return full, np.einsum("mi,ij,mj->m", contrasts, full, contrasts), df
