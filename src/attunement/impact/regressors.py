"""The columns of a regression whose likelihood is not normal: one level a site, so that sites stand apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from attunement.impact.design import independent
from attunement.impact.edge import Floats, Rows
from attunement.impact.failing import Unfit
from attunement.impact.flags import Flag, Flagged


@dataclass(frozen=True)
class Design:
    """`matrix` (n, p) with the arm last; `names` and `to_report` (p, p) say what its coefficients mean to a reader.

    The matrix has a column of its own for each site and none for the intercept: a site in which nobody, or
    everybody, had the outcome then leaves the other coefficients as precise as they are. `to_report @ b` gives the
    usual ones: the first site's level as the intercept, the other sites' differences from it.
    """

    names: tuple[str, ...]
    matrix: Floats
    to_report: Floats
    flagged: tuple[Flagged, ...]


def design(used: Rows, arm: str, covariates: Sequence[str], *, level: bool = True) -> Design:
    """Sites, covariates, arm; columns that follow from earlier ones are left out and flagged.

    `level=False` is for models with thresholds or a baseline hazard: the first site has no column then.
    Raises Unfit where the arm itself follows from the others.
    """
    names, columns = [], []
    sites = np.unique(used.site) if used.site is not None else np.array(["(intercept)"])
    for place in sites if level else sites[1:]:
        names.append(str(place) if used.site is None else f"site {place}")
        columns.append(np.ones(used.arm.size) if used.site is None else (used.site == place).astype(np.float64))
    levels = len(names)
    names += [*covariates, arm]
    matrix = np.column_stack([*columns, used.covariates, used.arm])
    ones = np.empty((used.arm.size, 0)) if level else np.ones((used.arm.size, 1))
    kept = [index - ones.shape[1] for index in independent(np.hstack([ones, matrix]))[0]][ones.shape[1] :]
    left_out = [name for index, name in enumerate(names) if index not in kept]
    if arm in left_out:
        reason = f"'{arm}' follows from the sites or covariates, so its effect cannot be told from theirs"
        raise Unfit(Flag.COLLINEAR, reason, used.by_arm, used.missing)
    to_report = np.eye(len(kept))
    if level and used.site is not None:
        to_report[1:levels, 0] = -1
        names[0] = "(intercept)"
    flagged = tuple(
        Flagged(Flag.COLLINEAR, f"'{name}' follows from other columns and was left out") for name in left_out
    )
    return Design(tuple(names[index] for index in kept), matrix[:, kept], to_report, used.flagged + flagged)
