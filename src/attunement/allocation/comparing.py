"""A scheme beside the others that the same trial could have, in figures and in a picture."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from attunement.allocation.assessing import assess
from attunement.allocation.errors import AllocationError
from attunement.allocation.figures import Assessment
from attunement.allocation.minimising import Minimisation
from attunement.allocation.naming import parse
from attunement.allocation.schemes import Scheme

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_EVEN = ("complete", "big_stick:2", "big_stick:3", "big_stick:4", "blocks:4", "blocks:4,6,8", "efron:2/3", "wei:0,1",
         "maximal:3")  # fmt: skip


def others(scheme: Scheme | Minimisation, n: int) -> list[Assessment]:
    """The figures over `n` places of common schemes of the same ratio, most concealed first; not of `scheme` itself."""
    ratio, whole = scheme.ratio, sum(scheme.ratio)
    two = len(ratio) == 2 and len(set(ratio)) == 1
    specs = _EVEN if two else ("complete", f"blocks:{whole}", f"blocks:{2 * whole}", f"blocks:{2 * whole},{3 * whole}")
    made = [parse(spec, (1, 1) if two else ratio, n=n) for spec in specs]
    return sorted((assess(each, n) for each in made if each.spec != scheme.spec), key=lambda found: found.guess)


def picture(own: Assessment, beside: Sequence[Assessment]) -> bytes:
    """An SVG: how often the next arm is guessed against how far the arms differ at the end."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    if not beside:
        raise AllocationError("a picture needs other schemes to set this one beside")
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "attunement", "font.family": "sans-serif"}):
        figure = Figure(figsize=(7.2, 4.8), layout="constrained")
        axes, widest = figure.add_subplot(), max(found.mean_abs for found in (own, *beside)) or 1.0
        for found in (*beside, own):
            mine = found is own
            axes.scatter(found.mean_abs, 100 * found.guess, s=90 if mine else 36, zorder=3,
                         color="#1d70b8" if mine else "#6b7276", marker="D" if mine else "o")
        _labelled(axes, own, beside, widest)
        apart = "Mean difference between the arms" if own.even else "Mean distance of an arm from its share"
        axes.set_xlabel(f"{apart} after {own.n} families")
        axes.set_ylabel("Next arm guessed right (%)")
        axes.set_xlim(-0.04 * widest, 1.2 * widest)
        chance = 100 / len(own.ratio)
        axes.set_ylim(chance - 2, max(chance + 28, *(100 * found.guess + 4 for found in (own, *beside))))
        axes.axhline(chance, color="#6b7276", linewidth=0.8, linestyle=":")
        axes.grid(True, color="#e3e6e8", linewidth=0.8)
        axes.spines[["top", "right"]].set_visible(False)
        axes.set_title(f"{_short(own)} beside other schemes: lower is better concealed,\nfarther left is better balanced",
                       loc="left", fontsize=11)
        made = io.BytesIO()
        figure.savefig(made, format="svg", metadata={"Date": None, "Title": f"Assessment of {_short(own)}"})
    return made.getvalue()


def _labelled(axes: Axes, own: Assessment, beside: Sequence[Assessment], widest: float) -> None:
    """Labels to the right of the points, moved up where they would lie on each other."""
    placed: list[tuple[float, float]] = []
    for found in sorted((*beside, own), key=lambda each: each.guess):
        x, y = found.mean_abs, 100 * found.guess
        while any(abs(x - there) < 0.14 * widest and abs(y - height) < 1.2 for there, height in placed):
            y += 0.2
        placed.append((x, y))
        axes.annotate(_short(found), (x, y), (x + 0.02 * widest, y + 0.2), fontsize=9,
                      fontweight="bold" if found is own else "normal")


def _short(found: Assessment) -> str:
    return found.scheme.partition(" ")[0]
