"""What a reader of a result must be told: a closed list, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Flag(StrEnum):
    """Every warning that a fit may carry; its text is its name."""

    BOUNDARY = "BOUNDARY"
    SEPARATION = "SEPARATION"
    FEW_CLUSTERS = "FEW_CLUSTERS"
    WEAK_INSTRUMENT = "WEAK_INSTRUMENT"
    SMALL_CELL = "SMALL_CELL"
    NOT_CONVERGED = "NOT_CONVERGED"
    CONSTANT = "CONSTANT"
    MISSING = "MISSING"
    EXPOSURE = "EXPOSURE"
    COLLINEAR = "COLLINEAR"
    DUPLICATE = "DUPLICATE"
    INFINITE = "INFINITE"


@dataclass(frozen=True)
class Flagged:
    """A flag and the reason for it: a clause that ends without a full stop."""

    flag: Flag
    reason: str

    def __str__(self) -> str:
        return f"{self.flag}: {self.reason}"
