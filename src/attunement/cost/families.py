"""Cost a family offered, started, completed: start-up apart from running, by perspective, exact until the table."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import polars as pl

from attunement.cost.errors import CostError
from attunement.cost.prices import Prices
from attunement.cost.quantities import Quantities
from attunement.cost.resources import Resource

ALL = "all"
HOURS = {"minute": Fraction(1, 60), "hour": Fraction(1)}
"""Units that are time, in hours."""


@dataclass(frozen=True)
class Costed:
    """A resource, how much of it was used, one unit's cost in the base year's prices, and the product."""

    resource: Resource
    quantity: Fraction
    unit: Fraction

    @property
    def cost(self) -> Fraction:
        return self.quantity * self.unit


def costed(quantities: Quantities, prices: Prices) -> tuple[Costed, ...]:
    """Every resource used, in the price table's order. CostError: something was used that has no price."""
    for code in quantities.resources:
        prices.resource(code)
    return tuple(Costed(row, quantities.amount(row.code), prices.unit(row.code)) for row in prices.resources)


def items(quantities: Quantities, prices: Prices) -> pl.DataFrame:
    """The itemised table: resource, unit, phase, perspective, scales, quantity, unit_cost, cost."""
    return pl.DataFrame(
        [
            (row.resource.code, row.resource.unit, row.resource.phase, row.resource.perspective, row.resource.scales,
             float(row.quantity), float(row.unit), float(row.cost))
            for row in costed(quantities, prices)
        ],
        schema={"resource": pl.String, "unit": pl.String, "phase": pl.String, "perspective": pl.String,
                "scales": pl.String, "quantity": pl.Float64, "unit_cost": pl.Float64, "cost": pl.Float64},
        orient="row",
    )  # fmt: skip


def per_family(quantities: Quantities, prices: Prices) -> pl.DataFrame:
    """Cost of a family, over all `offered`, `started` and `completed`: the costs of those who never start stay in.

    Columns: per, phase (start_up, running, total), perspective (each of the table's, and `all`), value, numerator
    (the cost), denominator (families; value is null where there are none), missing (sessions of unknown length),
    currency, price_year.
    """
    lines = costed(quantities, prices)
    views = [*dict.fromkeys(line.resource.perspective for line in lines), ALL]
    rows = []
    for per, count in counts(quantities).items():
        for phase in ("start_up", "running", "total"):
            for view in views:
                cost = total(lines, phase=phase, perspective=view)
                rows.append((per, phase, view, float(cost / count) if count else None, float(cost), count,
                             quantities.missing, prices.currency, prices.price_year))  # fmt: skip
    return pl.DataFrame(rows, orient="row", schema={
        "per": pl.String, "phase": pl.String, "perspective": pl.String, "value": pl.Float64, "numerator": pl.Float64,
        "denominator": pl.Int64, "missing": pl.Int64, "currency": pl.String, "price_year": pl.Int64})  # fmt: skip


def staff_hours(quantities: Quantities, prices: Prices, *, perspective: str = "provider") -> pl.DataFrame:
    """Hours of staff beside the money: resource, hours, cost of every resource measured in minutes or hours."""
    rows = [(line.resource.code, float(line.quantity * HOURS[line.resource.unit]), float(line.cost))
            for line in costed(quantities, prices)
            if line.resource.unit in HOURS and line.resource.perspective == perspective]  # fmt: skip
    return pl.DataFrame(rows, orient="row", schema={"resource": pl.String, "hours": pl.Float64, "cost": pl.Float64})


def counts(quantities: Quantities) -> dict[str, int]:
    """Families offered, started, completed."""
    families = quantities.families
    return {"offered": len(families), "started": sum(family.started for family in families),
            "completed": sum(family.completed for family in families)}  # fmt: skip


def total(lines: tuple[Costed, ...], *, phase: Literal["start_up", "running", "total"] = "total",
          perspective: str = "provider") -> Fraction:  # fmt: skip
    """Exact cost of one phase or both, from one perspective or `all`."""
    return sum((line.cost for line in lines if phase in ("total", line.resource.phase)
                and perspective in (ALL, line.resource.perspective)), Fraction(0))  # fmt: skip


def offered(quantities: Quantities) -> int:
    """Families offered. CostError when there are none: nothing can be said a family."""
    if not quantities.families:
        raise CostError("No family was offered the programme, so there is no cost a family.")
    return len(quantities.families)
