"""The cost model: exact fractions of a penny inside, whole pence only where a figure is printed."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from attunement.cost.delivered import Delivered
from attunement.study import Study

Phase = Literal["start_up", "running"]
Families = Literal["offered", "started", "completed"]


@dataclass(frozen=True)
class Line:
    """One cost category: `quantity` units at `unit_pence` each; `cost` in pence, exact."""

    code: str
    title: str
    phase: Phase
    per: str
    quantity: Fraction
    unit_pence: int
    price_year: int
    source: str

    @property
    def cost(self) -> Fraction:
        return self.quantity * self.unit_pence


@dataclass(frozen=True)
class Costing:
    """The programme's cost in pence, exact. Start-up stands apart from running."""

    lines: tuple[Line, ...]
    delivered: Delivered

    def total(self, phase: Phase | None = None) -> Fraction:
        """Pence of one phase, or of both."""
        return sum((line.cost for line in self.lines if phase in (None, line.phase)), Fraction(0))

    def per_family(self, families: Families, phase: Phase | None = None) -> Fraction | None:
        """Pence a family offered, started or completed; all costs count, also those of families that never started.

        None when there is no such family.
        """
        count = {
            "offered": self.delivered.offered,
            "started": self.delivered.started,
            "completed": self.delivered.completed,
        }[families]
        return self.total(phase) / count if count else None

    @property
    def price_years(self) -> tuple[int, ...]:
        return tuple(sorted({line.price_year for line in self.lines}))


def costing(study: Study, counted: Delivered) -> Costing:
    """Cost what was delivered by the study's categories.

    programme: once · practitioner: trained · family: started · session: held · hour: staff minutes / 60 of the
    category. Prices are taken as they stand: `price_years` says when they are of more than one year.
    """
    units = {
        "programme": Fraction(1),
        "practitioner": Fraction(counted.practitioners),
        "family": Fraction(counted.started),
        "session": Fraction(counted.sessions),
    }
    lines = tuple(
        Line(
            code=category.code,
            title=category.title,
            phase=category.phase,
            per=category.per,
            quantity=units[category.per] if category.per in units else Fraction(counted.minutes(category.code), 60),
            unit_pence=category.unit_cost_pence,
            price_year=category.price_year,
            source=category.source,
        )
        for category in study.costs
    )
    return Costing(lines, counted)


def whole_pence(pence: Fraction) -> int:
    """Rounded to a whole penny, half away from zero: for printing only."""
    sign = -1 if pence < 0 else 1
    return sign * int(abs(pence) + Fraction(1, 2))
