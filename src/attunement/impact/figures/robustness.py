"""Would another look at the data change the answer? Missing families, and the allocation itself."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from attunement.impact.edge import Floats
from attunement.impact.errors import ImpactError
from attunement.impact.figures.canvas import ARMS, INK, QUIET, RULE, Figure, canvas, shown
from attunement.impact.tipping import Tipping


def tipping_surface(tipping: Tipping, *, arms: tuple[str, str] = ("arm 0", "arm 1")) -> Figure:
    """The pooled effect over what is added to imputed outcomes in each arm, with the border of significance.

    With one amount in arm 0 it is the effect and its interval along the amounts in arm 1.
    """
    table, alpha = tipping.table, 1 - tipping.level
    sheet, axes = canvas(6.4, 4.6)
    across, along = table["control"].unique().sort().to_numpy(), table["amount"].unique().sort().to_numpy()
    if across.size == 1 or along.size == 1:
        x, what = ("amount", arms[1]) if across.size == 1 else ("control", arms[0])
        row = table.sort(x)
        axes.axhline(0, color=RULE, linewidth=1)
        axes.fill_between(row[x].to_numpy(), row["low"].to_numpy(), row["high"].to_numpy(), color=ARMS[1], alpha=0.2)
        axes.plot(row[x].to_numpy(), row["value"].to_numpy(), color=ARMS[1], linewidth=2)
        for amount in tipping.amounts if x == "amount" else ():
            axes.axvline(amount, color=INK, linestyle=":")
        axes.set_ylabel("Pooled effect and its interval")
        axes.set_xlabel(f"Points added to imputed outcomes of {what}")
    else:
        grid = table.sort("control", "amount")
        shape = (across.size, along.size)
        value, p = (grid[name].to_numpy().reshape(shape) for name in ("value", "p"))
        top = float(np.abs(value).max()) or 1.0
        drawn = axes.pcolormesh(along, across, value, cmap="PuOr", vmin=-top, vmax=top, shading="nearest")
        sheet.colorbar(drawn, ax=axes, label="Pooled effect")
        if p.min() < alpha < p.max():
            axes.contour(along, across, p, levels=[alpha], colors=INK, linewidths=1.8)
        axes.plot([0], [0], marker="+", markersize=11, color=INK, clip_on=False)
        axes.set_xlabel(f"Points added to imputed outcomes of {arms[1]}")
        axes.set_ylabel(f"Points added to imputed outcomes of {arms[0]}")
    title = "How far missing families must differ to change the conclusion"
    axes.set_title(title, loc="left")
    tips = " and ".join(shown(amount) for amount in tipping.amounts)
    said = f"changes at {tips} points" if tips else "does not change within the amounts tried"
    alt = (
        f"{title}. Amounts from {shown(float(along[0]))} to {shown(float(along[-1]))} points in {arms[1]}, the effect from "
        f"{shown(table['value'].min())} to {shown(table['value'].max())}; with nothing added in {arms[0]}, significance "  # type: ignore[arg-type]
        f"{said}."
    )
    return Figure("tipping-surface", title, alt, table, sheet)


def rerandomisation(statistics: Sequence[float] | Floats, observed: float, *, what: str = "statistic") -> Figure:
    """The histogram of a statistic over re-allocations by the real scheme, with the one observed.

    Where every statistic is an absolute value, so should `observed` be.
    """
    values = np.asarray(statistics, dtype=np.float64)
    if values.ndim != 1 or values.size == 0 or not np.isfinite(values).all() or not np.isfinite(observed):
        raise ImpactError("The statistics of the re-allocations are finite numbers in one row, one or more.")
    reach = max(float(np.abs(values).max()), abs(float(observed))) * 1.02 or 1.0
    bins = int(np.clip(np.sqrt(values.size), 11, 61)) // 2 * 2 + 1
    counts, edges = np.histogram(values, bins=bins, range=(-reach if values.min() < 0 else 0.0, reach))
    beyond = int((np.abs(values) >= abs(observed) - 1e-12).sum())
    sheet, axes = canvas(6.8, 3.8)
    middle = (edges[:-1] + edges[1:]) / 2
    colours = [ARMS[1] if abs(at) >= abs(observed) else RULE for at in middle]
    axes.bar(middle, counts, width=np.diff(edges), color=colours, edgecolor=QUIET, linewidth=0.3)
    axes.axvline(observed, color=INK, linewidth=2)
    axes.annotate(f" observed: {shown(float(observed))}", (observed, 1.0), xycoords=("data", "axes fraction"), va="top")
    axes.set_xlabel(f"{what}, had the families been allocated otherwise".capitalize())
    axes.set_ylabel("Re-allocations")
    title = f"{values.size:,} allocations that the scheme could have made"
    axes.set_title(title, loc="left")
    alt = (
        f"{title}: histogram of the {what}. Observed {shown(float(observed))}; {beyond:,} of {values.size:,} are as far "
        f"from zero or farther, so p is {shown((1 + beyond) / (1 + values.size), 4)}."
    )
    table = pl.DataFrame({"low": edges[:-1], "high": edges[1:], "count": counts})
    return Figure("re-randomisation", title, alt, table, sheet)
