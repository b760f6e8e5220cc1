"""Axes of a drawing: a frame, round marks along it, and where a value lies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from attunement.report.drawing import QUIET, RULE, Drawing

WIDTH = 780.0


@dataclass(frozen=True)
class Axes:
    """A frame from `low` to `high` on each axis, x first, within a drawing."""

    x: tuple[float, float]
    y: tuple[float, float]
    left: float = 96
    right: float = WIDTH - 24
    top: float = 20
    base: float = 330

    def at(self, x: float, y: float) -> tuple[float, float]:
        return (
            self.left + (x - self.x[0]) / (self.x[1] - self.x[0]) * (self.right - self.left),
            self.base - (y - self.y[0]) / (self.y[1] - self.y[0]) * (self.base - self.top),
        )

    def draw(
        self, drawing: Drawing, below: str, ticks_x: Sequence[tuple[float, str]], ticks_y: Sequence[tuple[float, str]]
    ) -> None:
        for value, text in ticks_y:
            y = self.at(self.x[0], value)[1]
            drawing.line(self.left, y, self.right, y, colour=RULE, width=1)
            drawing.words(self.left - 8, y + 5, text, size=13, colour=QUIET, anchor="end")
        for value, text in ticks_x:
            x = self.at(value, self.y[0])[0]
            drawing.line(x, self.base, x, self.base + 5, colour=QUIET, width=1)
            drawing.words(x, self.base + 21, text, size=13, colour=QUIET, anchor="middle")
        drawing.words((self.left + self.right) / 2, self.base + 45, below, size=14, colour=QUIET, anchor="middle")


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Round values that hold both ends, at most about so many."""
    rough = (high - low or 1) / most
    size = 10 ** floor(log10(rough))
    step = next(size * part for part in (1, 2, 2.5, 5, 10) if size * part >= rough)
    return [step * place for place in range(floor(low / step + 1e-9), ceil(high / step - 1e-9) + 1)]


def places(marks: Sequence[float]) -> int:
    return max(0, 1 - floor(log10(marks[1] - marks[0]))) if marks[1] - marks[0] < 5 else 0
