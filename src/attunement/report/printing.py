"""How a number is printed: one way each, everywhere."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from math import isfinite

from attunement.cost import whole_pence

UNKNOWN = "not known"
HIDDEN = "hidden"
_MINUS = "\N{MINUS SIGN}"


def decimal(value: float | None, places: int = 2) -> str:
    """Fixed places with a real minus sign; a rounded zero has no sign."""
    if value is None or not isfinite(value):
        return UNKNOWN
    text = f"{abs(value):,.{places}f}"
    return _MINUS + text if value < 0 and float(text.replace(",", "")) != 0 else text


def whole(value: int) -> str:
    return decimal(value, 0)


def count(shown: int | None) -> str:
    return HIDDEN if shown is None else whole(shown)


def share(value: float | None) -> str:
    """A share as a percentage with one decimal."""
    return UNKNOWN if value is None else decimal(100 * value, 1) + "%"


def probability(p: float | None) -> str:
    """A p-value: three decimals, and never 0."""
    if p is None:
        return UNKNOWN
    return "<0.001" if p < 0.001 else decimal(p, 3)


def pounds(pence: Fraction | None, *, whole: bool = False) -> str:
    """Pounds and whole pence, or `whole` pounds."""
    if pence is None:
        return UNKNOWN
    if whole:
        near = whole_pence(pence / 100)
        return f"{_MINUS if near < 0 else ''}£{abs(near):,}"
    whole_ = whole_pence(pence)
    return f"{_MINUS if whole_ < 0 else ''}£{abs(whole_) // 100:,}.{abs(whole_) % 100:02d}"


def day(on: date) -> str:
    return f"{on.day} {on:%B} {on.year}"
