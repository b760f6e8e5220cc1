"""The families themselves: where they started and where they came, and what is not known of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from attunement.impact.asked import names
from attunement.impact.edge import Labels, arms, rows, words
from attunement.impact.errors import ImpactError
from attunement.impact.figures.canvas import ARMS, INK, MARKS, PAPER, QUIET, Figure, canvas, shown
from attunement.impact.linear import ancova


def baseline_follow_up(
    data: pl.DataFrame, *, outcome: str, arm: str, baseline: str, site: str | None = None,
    labels: Labels | None = None, arm_names: tuple[str, str] = ("arm 0", "arm 1"),
) -> Figure:  # fmt: skip
    """Each family's `baseline` and `outcome`, and the ANCOVA's two parallel lines at the average of the sites."""
    fit = ancova(data, outcome=outcome, arm=arm, covariates=[baseline], site=site, labels=labels)
    if fit.failed:
        raise ImpactError(f"There are no lines to draw: {fit.failed}.")
    used = rows(data, outcome=outcome, arm=arm, covariates=[baseline], site=site, labels=labels)
    x, y = used.covariates[:, 0], used.outcome
    slope = next((e.value for e in fit.estimates if e.term == baseline and e.value is not None), 0.0)
    effect = float(fit.effect.value or 0.0)
    level = float(y.mean()) - slope * float(x.mean()) - effect * float(used.arm.mean())
    sheet, axes = canvas(6.4, 4.8)
    ends = np.array([x.min(), x.max()])
    for value in (0, 1):
        had = used.arm == value
        axes.scatter(x[had], y[had], s=16, marker=MARKS[value], color=ARMS[value], alpha=0.55, linewidths=0,
                     label=f"{arm_names[value]} (n = {int(had.sum())})")  # fmt: skip
        axes.plot(ends, level + slope * ends + effect * value, color=ARMS[value], linewidth=2.2,
                  linestyle=("--", "-")[value])  # fmt: skip
    axes.set_xlabel(f"{baseline}, at the start")
    axes.set_ylabel(f"{outcome}, at follow-up")
    axes.legend(loc="upper left", bbox_to_anchor=(0, -0.14), ncols=2, frameon=False)
    title = f"{outcome} by {baseline}"
    axes.set_title(title, loc="left")
    alt = (
        f"Scatter of {outcome} at follow-up against {baseline} at the start for {y.size} families, with two parallel lines"
        f" of slope {shown(slope)}; the line of {arm_names[1]} lies {shown(abs(effect))} "
        f"{'above' if effect >= 0 else 'below'} that of {arm_names[0]} (95% interval of the difference "
        f"{shown(fit.effect.low)} to {shown(fit.effect.high)})."
    )
    table = pl.DataFrame({"arm": used.arm.astype(np.int64), "baseline": x, "outcome": y,
                          "line": level + slope * x + effect * used.arm})  # fmt: skip
    return Figure("baseline-follow-up", title, alt, table, sheet)


def missingness(
    data: pl.DataFrame, *, columns: Sequence[str], arm: str, labels: Labels | None = None,
    arm_names: tuple[str, str] = ("arm 0", "arm 1"),
) -> Figure:  # fmt: skip
    """Which of `columns` are known together: one row a pattern, the commonest first, with families by arm."""
    wanted = names(columns, "columns")
    if not wanted:
        raise ImpactError("A pattern needs one column or more.")
    arm_of = arms(data, arm, labels)
    known = np.column_stack([[word is not None for word in words(data, name)] for name in wanted]).astype(np.bool_)
    patterns, which = np.unique(known, axis=0, return_inverse=True)
    counts = np.column_stack([np.bincount(which[arm_of == value], minlength=len(patterns)) for value in (0, 1)])
    order = np.lexsort((*(~patterns).T, -counts.sum(axis=1)))
    patterns, counts = patterns[order], counts[order]
    sheet, axes = canvas(1.6 + 0.75 * len(wanted) + 2.0, 1.4 + 0.36 * len(patterns))
    for row, (pattern, count) in enumerate(zip(patterns, counts, strict=True)):
        place = len(patterns) - 1 - row
        for at, had in enumerate(pattern):
            axes.plot([at], [place], marker="s", markersize=13, color=ARMS[1] if had else PAPER, markeredgecolor=QUIET)
            if not had:
                axes.plot([at], [place], marker="x", markersize=7, color=INK)
        axes.annotate(f"{count[0]}", (len(wanted) - 0.1, place), va="center", ha="right", color=ARMS[0])
        axes.annotate(f"{count[1]}", (len(wanted) + 0.9, place), va="center", ha="right", color=ARMS[1])
    for side, name in enumerate(arm_names):
        axes.annotate(name, (len(wanted) - 0.1 + side, len(patterns) - 0.35), va="bottom", ha="right", color=ARMS[side])
    axes.set_xlim(-0.7, len(wanted) + 1.2)
    axes.set_ylim(-0.7, len(patterns) + 0.2)
    axes.set_xticks(range(len(wanted)), wanted, rotation=30, ha="right")
    axes.tick_params(axis="x", length=0)
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(False)
    title = "What is known together (filled) and what is missing (crossed)"
    axes.set_title(title, loc="left")
    table = pl.DataFrame({name: patterns[:, at] for at, name in enumerate(wanted)}).with_columns(
        pl.Series("n0", counts[:, 0]), pl.Series("n1", counts[:, 1])
    )
    alt = (
        f"{title}. " + "; ".join(_pattern(wanted, p, c, arm_names) for p, c in zip(patterns, counts, strict=True)) + "."
    )
    return Figure("missingness", title, alt, table, sheet)


def _pattern(columns: list[str], known: np.ndarray, count: np.ndarray, arm_names: tuple[str, str]) -> str:
    lost = [name for name, had in zip(columns, known, strict=True) if not had]
    what = f"without {', '.join(lost)}" if lost else "all known"
    return f"{what}: {count[0]} families in {arm_names[0]}, {count[1]} in {arm_names[1]}"
