"""How likely a trial of this size is to find what it looks for."""

from __future__ import annotations

import polars as pl

from attunement.impact.errors import ImpactError
from attunement.impact.figures.canvas import ARMS, QUIET, RULE, Figure, canvas, shown


def power_curve(table: pl.DataFrame, *, along: str = "families", goal: float = 0.8) -> Figure:
    """Power by `along` (families, or the effect), one line an analysis, with its Monte Carlo error.

    `table` has the columns `along`, power (0 to 1) and, where there are, analysis and error (the standard error).
    """
    if not {along, "power"} <= set(table.columns) or table.is_empty():
        raise ImpactError(f"A power curve needs the columns '{along}' and 'power', and one row or more.")
    if "analysis" not in table.columns:
        table = table.with_columns(analysis=pl.lit("power"))
    sheet, axes = canvas(6.4, 4.2)
    axes.axhline(goal, color=RULE, linewidth=1)
    said = []
    for at, (name, own) in enumerate(table.sort(along).group_by("analysis", maintain_order=True)):
        x, y = own[along].to_numpy(), own["power"].to_numpy()
        colour = (*reversed(ARMS), QUIET)[at % 3]
        reach = 1.96 * own["error"].fill_null(0.0).to_numpy() if "error" in own.columns else None
        axes.errorbar(x, y, yerr=reach, color=colour, marker="osD^"[at % 4], linewidth=1.8, capsize=2,
                      label=str(name[0]).replace("_", " "))  # fmt: skip
        said.append(
            f"{str(name[0]).replace('_', ' ')}: " + ", ".join(f"{shown(b)} at {a:g}" for a, b in zip(x, y, strict=True))
        )
    axes.set_ylim(0, 1.02)
    axes.set_xlabel(along.capitalize())
    axes.set_ylabel("Power")
    axes.legend(loc="lower right", frameon=False)
    title = f"Power by {along}"
    axes.set_title(title, loc="left")
    return Figure("power-curve", title, f"{title}. {'; '.join(said)}. The line marks {shown(goal)}.", table, sheet)
