"""A price table: resources, what each costs, and the deflators that bring all prices to one year."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction

from attunement.cost.errors import CostError
from attunement.cost.resources import Deflator, Resource, UnitCost


@dataclass(frozen=True)
class Prices:
    """Prices in one currency, brought to `price_year`. CostError for two currencies, or a year without its index.

    `resources` and `unit_costs` name each code once, and the same codes.
    """

    resources: tuple[Resource, ...]
    unit_costs: tuple[UnitCost, ...]
    price_year: int
    deflators: tuple[Deflator, ...] = ()

    def __post_init__(self) -> None:
        for name in ("resources", "unit_costs", "deflators"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        known, priced = ([row.code for row in self.resources], [row.resource for row in self.unit_costs])
        for codes, what in ((known, "described"), (priced, "priced")):
            twice = _twice(codes)
            if twice:
                raise CostError(f"The resource '{twice}' is {what} twice.")
        odd = sorted(set(known) ^ set(priced))
        if odd:
            told = "has no price" if odd[0] in known else "has a price and is not described"
            raise CostError(f"The resource '{odd[0]}' {told}.")
        currencies = sorted({row.currency for row in self.unit_costs})
        if len(currencies) > 1:
            raise CostError(f"Prices are in {' and '.join(currencies)}: bring them to one currency first.")
        if len({row.series for row in self.deflators}) > 1:
            raise CostError("Deflators of two series cannot be mixed.")
        if _twice(str(row.year) for row in self.deflators):
            raise CostError(f"The deflator '{self.deflators[0].series}' has a year twice.")
        for cost in self.unit_costs:
            self._factor(cost)

    @property
    def currency(self) -> str:
        return self.unit_costs[0].currency if self.unit_costs else "GBP"

    def resource(self, code: str) -> Resource:
        """CostError when the table has no such resource: nothing is left out in silence."""
        found = next((row for row in self.resources if row.code == code), None)
        if found is None:
            raise CostError(f"'{code}' was used and has no price: add it to the price table, at 0 if it costs nothing.")
        return found

    def unit(self, code: str) -> Fraction:
        """One unit's cost in the prices of `price_year`."""
        cost = self._cost(code)
        return cost.value * self._factor(cost)

    def range(self, code: str) -> tuple[Fraction, Fraction]:
        """Low and high of one unit, in the prices of `price_year`; its value where the table gives none."""
        cost = self._cost(code)
        ends = (cost.value if end is None else end for end in (cost.low, cost.high))
        low, high = (end * self._factor(cost) for end in ends)
        return low, high

    def with_unit(self, code: str, value: Fraction) -> Prices:
        """The same table with one price (of `price_year`) changed; its range goes."""
        changed = UnitCost(code, value, self.price_year, self.currency, self._cost(code).source)
        costs = tuple(changed if cost.resource == code else cost for cost in self.unit_costs)
        return replace(self, unit_costs=costs)

    def _cost(self, code: str) -> UnitCost:
        self.resource(code)
        return next(cost for cost in self.unit_costs if cost.resource == code)

    def _factor(self, cost: UnitCost) -> Fraction:
        if cost.price_year == self.price_year:
            return Fraction(1)
        index = {row.year: row.index for row in self.deflators}
        for wanted in (self.price_year, cost.price_year):
            if wanted not in index:
                raise CostError(f"The price of '{cost.resource}' is of {cost.price_year}, and no deflator "
                                f"gives {wanted}.")
        return index[self.price_year] / index[cost.price_year]


def _twice(names: Iterable[str]) -> str | None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            return name
        seen.add(name)
    return None
