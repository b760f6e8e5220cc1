"""The study's own cost categories as resources, prices and quantities: what the report's cost chapter is made of."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from attunement.cost.delivered import Delivered
from attunement.cost.families import Costed, costed, counts, total
from attunement.cost.prices import Prices
from attunement.cost.quantities import Family, Quantities
from attunement.cost.resources import Deflator, Quantity, Resource, Scales, UnitCost
from attunement.study import Study

Phase = Literal["start_up", "running"]
Families = Literal["offered", "started", "completed"]
PERSPECTIVE = "provider"
SCALES: dict[str, Scales] = {"programme": "fixed", "practitioner": "practitioner", "family": "family", "session": "session",
                             "hour": "session"}  # fmt: skip
"""What a category's `per` grows with: hours of staff are spent on sessions."""


def prices_of(study: Study) -> Prices:
    """The study's unit costs as a price table. Prices of several years are taken as they stand: the study file has no
    deflators, and the report says so."""
    years = sorted({category.price_year for category in study.costs})
    return Prices(
        resources=tuple(Resource(one.code, one.per, PERSPECTIVE, one.phase, SCALES[one.per]) for one in study.costs),
        unit_costs=tuple(UnitCost(one.code, Fraction(one.unit_cost_pence, 100), one.price_year, study.currency, one.source,
                                  *(None if end is None else Fraction(end, 100) for end in (one.low_pence, one.high_pence)))
                         for one in study.costs),
        price_year=years[-1] if years else study.review_point.on.year,
        deflators=tuple(Deflator("as they stand", year, 1) for year in years) if len(years) > 1 else (),
    )  # fmt: skip


def used(study: Study, counted: Delivered) -> Quantities:
    """How much of each category was used. programme: once · practitioner: trained · family: started · session: held ·
    hour: staff minutes / 60 of the category."""
    units = {"programme": Fraction(1), "practitioner": Fraction(counted.practitioners),
             "family": Fraction(counted.started), "session": Fraction(counted.sessions)}  # fmt: skip
    rows = tuple(Quantity(one.code, amount=units.get(one.per, Fraction(counted.minutes(one.code), 60)))
                 for one in study.costs)  # fmt: skip
    families = tuple(Family(f"{place + 1}", place < counted.started, place < counted.completed)
                     for place in range(counted.offered))  # fmt: skip
    return Quantities(rows, families, counted.practitioners)


@dataclass(frozen=True)
class Costing:
    """The programme's cost in the study's currency, exact. Start-up stands apart from running."""

    quantities: Quantities
    prices: Prices
    delivered: Delivered
    price_years: tuple[int, ...]

    @property
    def lines(self) -> tuple[Costed, ...]:
        """Every category: its resource, quantity, unit cost and cost."""
        return costed(self.quantities, self.prices)

    def total(self, phase: Phase | None = None) -> Fraction:
        """Of one phase, or of both."""
        return total(self.lines, phase=phase or "total", perspective=PERSPECTIVE)

    def per_family(self, families: Families, phase: Phase | None = None) -> Fraction | None:
        """A family offered, started or completed; all costs count, also those of families that never started.

        None when there is no such family.
        """
        count = counts(self.quantities)[families]
        return self.total(phase) / count if count else None


def costing(study: Study, counted: Delivered) -> Costing:
    """Cost what was delivered by the study's categories."""
    years = tuple(sorted({category.price_year for category in study.costs}))
    return Costing(used(study, counted), prices_of(study), counted, years)


def whole_pence(pence: Fraction) -> int:
    """Rounded to a whole penny, half away from zero: for printing only."""
    sign = -1 if pence < 0 else 1
    return sign * int(abs(pence) + Fraction(1, 2))
