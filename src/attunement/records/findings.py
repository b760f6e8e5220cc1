"""What is wrong in a return, said so that the person who filled it can mend it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Finding:
    """`level` "error" stops the import, "problem" does not. `there` is what stands in the cell, by its kind only
    unless it looks like a date, number or code; `trial_number` only when it is one of the study's.
    """

    level: Literal["error", "problem"]
    sheet: str
    row: int | None
    column: str | None
    trial_number: str | None
    there: str
    expected: str

    def __str__(self) -> str:
        place = [f"Sheet {self.sheet}"]
        if self.row:
            place.append(f"row {self.row}")
        if self.column:
            place.append(f"column {self.column}")
        whose = f" (trial number {self.trial_number})" if self.trial_number else ""
        return f"{', '.join(place)}{whose}: there is {self.there}; expected: {self.expected}."
