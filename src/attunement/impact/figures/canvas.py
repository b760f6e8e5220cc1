"""What every figure shares: size, ink, and files that do not change when nothing has changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from io import BytesIO
from typing import Any

import polars as pl

INK, QUIET, RULE, PAPER = "#1d2b2f", "#566469", "#b9c4c4", "#ffffff"
ARMS = ("#a8591c", "#0b6a6e")
MARKS = ("o", "s")
_STYLE: Any = {
    "svg.hashsalt": "attunement",
    "svg.fonttype": "none",
    "font.family": ["DejaVu Sans"],
    "font.size": 10,
    "axes.edgecolor": QUIET,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 11,
    "text.color": INK,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "figure.facecolor": PAPER,
}


@dataclass(frozen=True)
class Figure:
    """A drawn figure: `alt` says in words what it shows, `data` holds every number drawn, `drawn` is Matplotlib's."""

    name: str
    title: str
    alt: str
    data: pl.DataFrame
    drawn: Any = field(compare=False, repr=False)

    def svg(self) -> bytes:
        """The figure as SVG with title and alternative text inside; the same bytes for the same data."""
        raw = self._saved(format="svg", metadata={"Date": None, "Creator": None})
        start = raw.index(b"<svg ")
        end = raw.index(b">", start)
        title, text = f"{self.name}-title", f"{self.name}-description"
        words = (
            f'\n <title id="{title}">{escape(self.title)}</title>\n <desc id="{text}">{escape(self.alt)}</desc>'
        ).encode()
        return raw[start:end] + f' role="img" aria-labelledby="{title} {text}">'.encode() + words + raw[end + 1 :]

    def png(self, dpi: int = 144) -> bytes:
        return self._saved(format="png", dpi=dpi, metadata={"Software": None, "Description": self.alt})

    def _saved(self, **how: Any) -> bytes:
        from matplotlib import rc_context

        file = BytesIO()
        with rc_context(_STYLE):
            if self.drawn.get_layout_engine() is not None:
                # the layout settles once: a second pass would move things by a hair
                self.drawn.draw_without_rendering()
                self.drawn.set_layout_engine("none")
            self.drawn.savefig(file, **how)
        return file.getvalue()


def canvas(width: float = 7.0, height: float = 4.2) -> tuple[Any, Any]:
    """A Matplotlib figure and its axes, in inches, without any state of pyplot's."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure as Sheet

    with rc_context(_STYLE):
        sheet = Sheet(figsize=(width, height), layout="constrained")
        axes = sheet.subplots()
    return sheet, axes


def shown(value: float | None, places: int = 2) -> str:
    """A number in words and labels: with a true minus sign, and never minus zero."""
    if value is None:
        return "not known"
    text = f"{value:.{places}f}"
    return text.replace("-", "" if float(text) == 0 else "\N{MINUS SIGN}")
