"""Every number of a fit under a name of its own, so that a reader of the results can point at it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from attunement.impact.estimate import Estimate, Fit

_FIGURES = ("value", "se", "df", "low", "high", "p", "n")
WHOLE, PARTS = "(fit)", "(variance)"


def numbered(fit: Fit) -> Iterator[tuple[str, str, float | None]]:
    """(term, figure, value): each estimate's figures, extras and families by arm; then those of the whole fit, under
    the term "(fit)", its variances, under "(variance)", and the covariances of two terms."""
    for estimate in fit.estimates:
        for figure, value in _own(estimate):
            yield estimate.term, figure, value
    for term, figures in ((WHOLE, fit.diagnostics), (PARTS, fit.variance_components)):
        for name, value in figures.items():
            yield term, name, _plain(value)
    if fit.vcov is not None:
        terms = [estimate.term for estimate in fit.estimates]
        for i, j in zip(*np.tril_indices(fit.vcov.shape[0], -1), strict=True):
            yield terms[i], f"covariance with {terms[j]}", _plain(fit.vcov[i, j])


def _own(estimate: Estimate) -> Iterator[tuple[str, float | None]]:
    for figure in _FIGURES:
        yield figure, _plain(getattr(estimate, figure))
    for arm, families in enumerate(estimate.n_by_arm):
        yield f"n_arm_{arm}", float(families)
    for name, value in estimate.extras.items():
        yield f"extra {name}", _plain(value)


def _plain(value: float | None) -> float | None:
    return None if value is None or not np.isfinite(value) else float(value)
