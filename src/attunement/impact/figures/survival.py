"""The share of families still without the event, as time goes by."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from attunement.impact.errors import ImpactError
from attunement.impact.figures.canvas import ARMS, Figure, canvas, shown


def kaplan_meier(
    curves: pl.DataFrame, *, arms: tuple[str, str] = ("arm 0", "arm 1"), unit: str = "days",
    ticks: Sequence[float] | None = None,
) -> Figure:  # fmt: skip
    """Steps with 95 % bands from `impact.kaplan_meier` (or `Survival.curves`), and families at risk under the axis."""
    if not {"arm", "time", "survival", "low", "high", "at_risk"} <= set(curves.columns) or curves.is_empty():
        raise ImpactError("The curves are the frame that kaplan_meier gives.")
    sheet, axes = canvas(6.8, 4.6)
    last = []
    for value in (0, 1):
        own = curves.filter(pl.col("arm") == value)
        if own.is_empty():
            continue
        time, share = own["time"].to_numpy(), own["survival"].to_numpy()
        low, high = (own[name].fill_null(own["survival"]).to_numpy() for name in ("low", "high"))
        axes.fill_between(time, low, high, step="post", color=ARMS[value], alpha=0.15, linewidth=0)
        axes.step(
            time, share, where="post", color=ARMS[value], linewidth=2, linestyle=("--", "-")[value], label=arms[value]
        )
        last.append(f"{arms[value]} {shown(100 * float(share[-1]), 0)}% after {time[-1]:g} {unit}")
    axes.set_ylim(0, 1.02)
    axes.set_xlim(left=0)
    if ticks is not None:
        axes.set_xticks(list(ticks))
    places = [tick for tick in axes.get_xticks() if 0 <= tick <= float(curves["time"].max())]  # type: ignore[arg-type]
    axes.set_xticks(places, [f"{tick:g}\n{_at_risk(curves, 0, tick)}\n{_at_risk(curves, 1, tick)}" for tick in places])
    axes.set_xlabel(f"Time, {unit}; under it families at risk, {arms[0]} above {arms[1]}")
    axes.set_ylabel("Share without the event")
    axes.legend(loc="lower left", frameon=False)
    title = "Families without the event"
    axes.set_title(title, loc="left")
    alt = f"{title}: Kaplan-Meier curves with 95% bands. Still without it: {'; '.join(last)}."
    return Figure("kaplan-meier", title, alt, curves, sheet)


def _at_risk(curves: pl.DataFrame, arm: int, time: float) -> int:
    own = curves.filter((pl.col("arm") == arm) & (pl.col("time") >= time)).sort("time")
    return int(own["at_risk"][0]) if own.height else 0
