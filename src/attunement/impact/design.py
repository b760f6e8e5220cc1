"""Design matrices: sites as dummies, covariates as they are, the arm last; and which columns say something new."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from attunement.impact.edge import Floats, Rows
from attunement.impact.failing import Unfit
from attunement.impact.flags import Flag, Flagged


@dataclass(frozen=True)
class Model:
    """Names and columns (n, p) of full rank, and what was left out to make them so."""

    names: tuple[str, ...]
    columns: Floats
    flagged: tuple[Flagged, ...] = ()


def adjusted(used: Rows, arm: str, covariates: Sequence[str]) -> Model:
    """Intercept, site dummies (the first site in order of name is the reference), covariates, arm."""
    names, columns = ["(intercept)"], [np.ones(used.outcome.size)]
    if used.site is not None:
        for level in np.unique(used.site)[1:]:
            names.append(f"site {level}")
            columns.append((used.site == level).astype(np.float64))
    return full_rank([*names, *covariates, arm], np.column_stack([*columns, used.covariates, used.arm]), arm, used)


def interacted(used: Rows, arm: str, covariates: Sequence[str]) -> Model:
    """Lin 2013: the same columns centred on the families analysed, and each of them times the arm."""
    plain = adjusted(used, arm, covariates)
    keep = [at for at, name in enumerate(plain.names) if name not in ("(intercept)", arm)]
    others = plain.columns[:, keep]
    centred = others - others.mean(axis=0)
    names = [plain.names[at] for at in keep]
    columns = np.column_stack([np.ones(used.arm.size), centred, used.arm, centred * used.arm[:, None]])
    made = full_rank(["(intercept)", *names, arm, *(f"{name} x {arm}" for name in names)], columns, arm, used)
    return Model(made.names, made.columns, plain.flagged + made.flagged)


def full_rank(names: Sequence[str], columns: Floats, arm: str, used: Rows) -> Model:
    """Leaves out, and flags, each column that follows from columns before it; Unfit when that is the arm's."""
    kept, aliased = independent(columns)
    if names.index(arm) in aliased:
        reason = f"'{arm}' follows from the sites or covariates, so its effect cannot be told from theirs"
        raise Unfit(Flag.COLLINEAR, reason, used.by_arm, used.missing)
    flagged = tuple(
        Flagged(Flag.COLLINEAR, f"'{names[at]}' follows from other columns and was left out") for at in aliased
    )
    return Model(tuple(names[at] for at in kept), np.ascontiguousarray(columns[:, kept]), flagged)


def independent(columns: Floats) -> tuple[list[int], list[int]]:
    """Positions of the columns kept and of those that are a combination of columns before them."""
    kept: list[int] = []
    aliased: list[int] = []
    basis = np.empty((columns.shape[0], 0))
    for position in range(columns.shape[1]):
        column = columns[:, position]
        rest = column - basis @ (basis.T @ column)
        rest = rest - basis @ (basis.T @ rest)
        length = float(np.linalg.norm(rest))
        if length <= 1e-10 * float(np.linalg.norm(column)):
            aliased.append(position)
        else:
            kept.append(position)
            basis = np.column_stack([basis, rest / length])
    return kept, aliased
