"""The evidence-security rating: a starting value by rule, threats that may take from it, and a person who awards it.

The scale is dated data: `security_scales/*.toml`. The rule computes where a rating starts and never awards one.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import Any

from attunement.report.errors import ReportError

SCALE = "padlocks_2019"


@dataclass(frozen=True)
class Start:
    """Where a rating starts: the lowest of three, each from 0 to 5. `version` says which scale."""

    design: int
    detectable: int
    attrition: int
    version: str

    @property
    def start(self) -> int:
        return min(self.design, self.detectable, self.attrition)


def security_start(design: str, mdes: float, attrition: float) -> Start:
    """The starting value from the design (`randomised`, `discontinuity`, `matched`, …), the detectable effect at
    allocation in standard deviations, and attrition as a share. Held to two decimals and to whole per cents, half up.

    ReportError: an unknown design, an effect below zero, a share outside 0 to 1.
    """
    scale = _scale()
    if design not in scale["designs"]:
        raise ReportError(f"The scale has no design '{design}'; it has {', '.join(scale['designs'])}.")
    if not mdes >= 0 or not 0 <= attrition <= 1:
        raise ReportError("A detectable effect is 0 or more, and attrition a share from 0 to 1.")
    lost = _rounded(100 * Decimal(repr(float(attrition))), "1")
    return Start(scale["designs"][design], _rank(_rounded(mdes, "0.01"), scale["detectable"]),
                 _rank(lost, scale["attrition"]), scale["version"])  # fmt: skip


def most_taken_off() -> int:
    """How much threats may take off at most."""
    return int(_scale()["threats_take_at_most"])


def threats() -> Sequence[tuple[str, str]]:
    """The threats that a person judges: code and words."""
    return [(one["code"], one["words"]) for one in _scale()["threats"]]


def _rank(value: Decimal, limits: Sequence[str]) -> int:
    """5 up to the first limit, 4 up to the second, … 0 above the last."""
    return next((len(limits) - place for place, limit in enumerate(limits) if value <= Decimal(limit)), 0)


def _rounded(value: float | Decimal, to: str) -> Decimal:
    exact = value if isinstance(value, Decimal) else Decimal(repr(float(value)))
    return exact.quantize(Decimal(to), ROUND_HALF_UP)


@cache
def _scale() -> dict[str, Any]:
    path = Path(__file__).parent / "security_scales" / f"{SCALE}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))
