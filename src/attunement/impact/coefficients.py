"""A maximum of a likelihood as a Fit: the arm's coefficient as the effect, the others beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from attunement.impact.edge import Floats, Rows
from attunement.impact.estimate import Fit
from attunement.impact.failing import Unfit
from attunement.impact.flags import Flag, Flagged
from attunement.impact.newton import Optimum
from attunement.impact.regressors import Design
from attunement.impact.risk import logarithm


def coefficients(
    had: Design, found: Optimum, used: Rows, place: slice, *, estimand: str, method: str,
    diagnostics: Mapping[str, float], extras: Mapping[str, float] | None = None, covariance: Floats | None = None,
    flagged: tuple[Flagged, ...] = (),
) -> Fit:  # fmt: skip
    """The coefficients that stand at `place` in `found.at`, as natural logs of ratios; the arm's is the effect.

    A coefficient that runs away has no value and is flagged SEPARATION; Unfit where that is the arm's, or where the
    steps did not settle.
    """
    if not found.converged:
        raise Unfit(
            Flag.NOT_CONVERGED, "the likelihood has no maximum that could be reached", used.by_arm, used.missing
        )
    to = had.to_report
    value = to @ found.at[place]
    errors = to @ (found.covariance if covariance is None else covariance)[place, place] @ to.T
    first = place.start or 0
    away = np.zeros(value.size)
    away[[i - first for i in found.separated if first <= i < first + value.size]] = 1
    lost = (np.abs(to) @ away > 0) | ~(np.diag(errors) > 0)
    if lost[-1]:
        reason = f"the outcome and '{had.names[-1]}' go together so that its effect has no finite estimate"
        raise Unfit(Flag.SEPARATION, reason, used.by_arm, used.missing)
    made = [
        logarithm(name, estimand, np.inf if gone else float(b), float(np.sqrt(max(v, 0.0))), method, used)
        for name, b, v, gone in zip(had.names, value, np.diag(errors), lost, strict=True)
    ]
    made[-1] = replace(made[-1], extras={**made[-1].extras, **(extras or {})})
    more = tuple(
        Flagged(Flag.SEPARATION, f"'{name}' has no finite coefficient") for name, gone in zip(had.names, lost, strict=True)
        if gone
    )  # fmt: skip
    if found.separated and not more:
        more = (Flagged(Flag.SEPARATION, "some level of the outcome has no finite threshold"),)
    return Fit(made[-1], tuple(made), errors, {}, dict(diagnostics), (*had.flagged, *flagged, *more))
