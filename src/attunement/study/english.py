"""Dates, lists and amounts as they stand in an English sentence."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

# Not strftime, which follows the machine's locale.
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def day(value: date) -> str:
    """`31 August 2022`."""
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


def listed(parts: Iterable[str], joined_by: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    every = list(parts)
    if len(every) < 2:
        return "".join(every)
    return f"{', '.join(every[:-1])} {joined_by} {every[-1]}"


def counted(number: int, one: str, many: str = "") -> str:
    """`1 family`, `126 families`; numbers from a thousand on have a comma."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def quoted(text: str) -> str:
    return f"“{' '.join(text.split())}”"
