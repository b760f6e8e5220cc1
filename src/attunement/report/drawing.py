"""Plain SVG, written by us: boxes, lines and words, the same bytes for the same drawing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

INK, QUIET, RULE, PAPER = "#1d2b2f", "#566469", "#b9c4c4", "#ffffff"
ARM_COLOURS = ("#a8591c", "#0b6a6e")
"""Arm 0 and arm 1; never the only sign: the shapes differ as well."""
_WIDTH_OF_A_LETTER = 0.53


@dataclass
class Drawing:
    """A drawing of so many units. Marks are kept in the order in which they were made."""

    width: float
    height: float
    marks: list[str] = field(default_factory=list)

    def box(self, x: float, y: float, width: float, height: float, *, fill: str = PAPER, edge: str = RULE) -> None:
        self.marks.append(
            f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}" rx="6" '
            f'fill="{fill}" stroke="{edge}" stroke-width="1.25"/>'
        )

    def bar(self, x: float, y: float, width: float, height: float, fill: str) -> None:
        self.marks.append(f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}" fill="{fill}"/>')

    def line(self, x1: float, y1: float, x2: float, y2: float, *, colour: str = QUIET, width: float = 1.5,
             dashes: str = "") -> None:  # fmt: skip
        dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
        self.marks.append(
            f'<line x1="{_n(x1)}" y1="{_n(y1)}" x2="{_n(x2)}" y2="{_n(y2)}" stroke="{colour}" '
            f'stroke-width="{_n(width)}"{dashed}/>'
        )

    def curve(self, points: Sequence[tuple[float, float]], *, colour: str, width: float = 2.5, dashes: str = "",
              fill: str = "none") -> None:  # fmt: skip
        """A line from point to point; with a `fill`, the shape within it."""
        dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
        places = " ".join(f"{_n(x)},{_n(y)}" for x, y in points)
        self.marks.append(f'<polyline points="{places}" fill="{fill}" stroke="{colour}" stroke-width="{_n(width)}"'
                          f'{dashed} stroke-linejoin="round"/>')  # fmt: skip

    def arrow(self, x1: float, y1: float, x2: float, y2: float) -> None:
        """A line with a head; upright or level."""
        self.line(x1, y1, x2, y2)
        head = (f"{_n(x2 - 4)},{_n(y2 - 7)} {_n(x2 + 4)},{_n(y2 - 7)}" if x1 == x2
                else f"{_n(x2 - 7)},{_n(y2 - 4)} {_n(x2 - 7)},{_n(y2 + 4)}")  # fmt: skip
        self.marks.append(f'<polygon points="{_n(x2)},{_n(y2)} {head}" fill="{QUIET}"/>')

    def dot(self, x: float, y: float, colour: str, radius: float = 5) -> None:
        self.marks.append(f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{_n(radius)}" fill="{colour}"/>')

    def square(self, x: float, y: float, colour: str, half: float = 5) -> None:
        self.bar(x - half, y - half, 2 * half, 2 * half, colour)

    def words(self, x: float, y: float, text: str, *, size: float = 14, colour: str = INK, anchor: str = "start",
              bold: bool = False) -> None:  # fmt: skip
        weight = ' font-weight="600"' if bold else ""
        self.marks.append(
            f'<text x="{_n(x)}" y="{_n(y)}" font-size="{_n(size)}" fill="{colour}" text-anchor="{anchor}"{weight}>'
            f"{escape(text, quote=False)}</text>"
        )

    def svg(self, id_: str, alt: str, description: str) -> str:
        """The drawing as an `svg` element that says `alt` and `description` to those who do not see it."""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_n(self.width)} {_n(self.height)}" '
            f'width="{_n(self.width)}" height="{_n(self.height)}" role="img" '
            f'aria-labelledby="{id_}-title {id_}-desc" font-family="inherit">'
            f'<title id="{id_}-title">{escape(alt, quote=False)}</title>'
            f'<desc id="{id_}-desc">{escape(description, quote=False)}</desc>' + "".join(self.marks) + "</svg>"
        )


def wrap(text: str, width: float, size: float) -> list[str]:
    """`text` broken into lines that fit `width` at that letter size, by the width of an average letter."""
    most = max(int(width / (size * _WIDTH_OF_A_LETTER)), 1)
    lines = [""]
    for word in text.split():
        joined = f"{lines[-1]} {word}".strip()
        if len(joined) > most and lines[-1]:
            lines.append(word)
        else:
            lines[-1] = joined
    return lines


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
