"""Practitioners side by side: how far each one's families are from what the model expects of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from attunement.impact.curves import NORMAL_975
from attunement.impact.edge import Labels, rows, words
from attunement.impact.errors import ImpactError
from attunement.impact.figures.canvas import ARMS, INK, RULE, Figure, canvas, shown
from attunement.impact.nested import partially_nested


def caterpillar(
    data: pl.DataFrame, *, outcome: str, arm: str, practitioner: str, covariates: Sequence[str] = (),
    site: str | None = None, labels: Labels | None = None, named: bool = False,
) -> Figure:  # fmt: skip
    """Each practitioner's predicted deviation (best linear unbiased) with its 95 % interval, lowest first.

    From `partially_nested`: u = lambda n / (1 + lambda n) times the mean residual of the practitioner's families, with
    variance tau / (1 + lambda n) as if the coefficients were known. Names are numbers unless `named`. With a practitioner
    variance of zero every deviation is zero, and the figure says so. Source: Robinson 1991, Statistical Science 6:15.
    """
    asked = {"outcome": outcome, "arm": arm, "covariates": covariates, "site": site, "labels": labels}
    fit = partially_nested(data, practitioner=practitioner, **asked)  # type: ignore[arg-type]
    if fit.failed:
        raise ImpactError(f"There is nothing to draw: {fit.failed}.")
    used = rows(data, **asked)  # type: ignore[arg-type]
    terms = {e.term: float(e.value or 0.0) for e in fit.estimates}
    expected = terms["(intercept)"] + terms[arm] * used.arm
    for at, name in enumerate(covariates):
        expected = expected + terms.get(name, 0.0) * used.covariates[:, at]
    if used.site is not None:
        expected = expected + np.array([terms.get(f"site {place}", 0.0) for place in used.site])
    treated = used.arm == 1
    residual, who = (used.outcome - expected)[treated], words(data, practitioner)[used.kept][treated]
    tau = fit.variance_components["practitioner"]
    share = tau / (fit.variance_components.get("residual") or fit.variance_components["residual_1"])
    found = []
    for name in sorted({word for word in who if word is not None}):
        had = residual[who == name]
        value = share * had.size / (1 + share * had.size) * float(had.mean())
        reach = NORMAL_975 * float(np.sqrt(tau / (1 + share * had.size)))
        found.append({"practitioner": name, "families": had.size, "value": value, "low": value - reach,
                      "high": value + reach})  # fmt: skip
    if not found:
        raise ImpactError("There is nothing to draw: no family of arm 1 has a practitioner.")
    table = pl.DataFrame(found).sort("value", "practitioner")
    if not named:
        table = table.with_columns(practitioner=pl.int_range(1, pl.len() + 1).cast(pl.String))
    return _drawn(table, tau, outcome)


def _drawn(table: pl.DataFrame, tau: float, outcome: str) -> Figure:
    sheet, axes = canvas(6.4, 1.4 + 0.2 * table.height)
    axes.axvline(0, color=RULE, linewidth=1)
    for place, row in enumerate(table.iter_rows(named=True)):
        axes.plot([row["low"], row["high"]], [place, place], color=INK, linewidth=1.3)
        axes.plot([row["value"]], [place], marker="o", markersize=4.5, color=ARMS[1])
    axes.set_yticks(range(table.height), [f"{row[0]} (n = {row[1]})" for row in table.iter_rows()], fontsize=8)
    axes.set_ylim(-0.8, table.height - 0.2)
    axes.set_xlabel(f"Deviation of the practitioner's families, in points of {outcome}")
    title = "Practitioners, shrunken towards their average"
    axes.set_title(title, loc="left")
    spread = (
        "estimated to be zero, so none can be told apart" if tau <= 0 else f"a standard deviation of {shown(tau**0.5)}"
    )
    alt = (
        f"{title}. {table.height} practitioners with 95% intervals, from {shown(table['value'].min())} to "  # type: ignore[arg-type]
        f"{shown(table['value'].max())}; the variation between them is {spread}."  # type: ignore[arg-type]
    )
    return Figure("caterpillar", title, alt, table, sheet)
