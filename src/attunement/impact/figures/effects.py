"""Effects with their intervals, one under another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from attunement.impact.errors import ImpactError
from attunement.impact.estimate import Estimate, Fit
from attunement.impact.figures.canvas import ARMS, INK, QUIET, RULE, Figure, canvas, shown
from attunement.impact.standardised import EffectSize


def forest(effects: Mapping[str, EffectSize | Estimate], *, arms: tuple[str, str] = ("arm 0", "arm 1")) -> Figure:
    """Every outcome's effect in Hedges g with its 95 % interval, in the order given; `effects` by the outcome's name.

    Of an EffectSize the adjusted estimate is drawn. An outcome without an estimate keeps its row and says so.
    """
    if not effects:
        raise ImpactError("A forest needs one effect or more.")
    rows = {name: e.adjusted if isinstance(e, EffectSize) else e for name, e in effects.items()}
    title = "Effects on all outcomes, in standard deviations"
    note = f"\N{LEFTWARDS ARROW} higher in {arms[0]}      Hedges g      higher in {arms[1]} \N{RIGHTWARDS ARROW}"
    return _rows("forest", title, rows, note)


def subgroup_forest(fit: Fit, *, unit: str = "") -> Figure:
    """The arm's effect within each subgroup, from `subgroup`, with the interaction's p value in the title."""
    rows = {e.term.partition(" | ")[2]: e for e in fit.estimates if " | " in e.term}
    if not rows:
        raise ImpactError("The fit has no effects within subgroups: make it with subgroup().")
    p = fit.diagnostics.get("interaction_p")
    title = f"Effect within subgroups; interaction p = {shown(p, 3)}"
    return _rows("subgroup-forest", title, rows, f"Difference between the arms{f', {unit}' if unit else ''}")


def _rows(name: str, title: str, rows: Mapping[str, Estimate], note: str) -> Figure:
    sheet, axes = canvas(7.5, 1.2 + 0.42 * len(rows))
    places = range(len(rows) - 1, -1, -1)
    axes.axvline(0, color=RULE, linewidth=1)
    for place, estimate in zip(places, rows.values(), strict=True):
        _interval(axes, place, estimate)
        axes.annotate(_text(estimate), (1.02, place), xycoords=("axes fraction", "data"), va="center", color=INK)
    axes.set_yticks(list(places), list(rows))
    axes.set_ylim(-0.6, len(rows) - 0.4)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(note)
    axes.set_title(title, loc="left")
    columns = ("value", "low", "high", "p", "n")
    data = pl.DataFrame({"label": list(rows)} | {name: [getattr(e, name) for e in rows.values()] for name in columns})
    alt = f"{title}. " + "; ".join(f"{label}: {_text(e)}" for label, e in rows.items()) + "."
    return Figure(name, title, alt, data, sheet)


def _interval(axes: Any, place: int, estimate: Estimate) -> None:
    if estimate.value is None:
        return
    if estimate.low is not None and estimate.high is not None:
        axes.plot([estimate.low, estimate.high], [place, place], color=INK, linewidth=1.6, solid_capstyle="butt")
    axes.plot([estimate.value], [place], marker="s", markersize=6, color=ARMS[1], markeredgecolor=QUIET)


def _text(estimate: Estimate) -> str:
    if estimate.value is None:
        return "no estimate"
    return f"{shown(estimate.value)} ({shown(estimate.low)} to {shown(estimate.high)})"
