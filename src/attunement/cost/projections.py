"""What it would cost: years 1 to 3, other caseloads, practitioners who leave, other prices, roll-out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

import polars as pl

from attunement.cost.errors import CostError
from attunement.cost.families import Costed, costed, offered, total
from attunement.cost.prices import Prices
from attunement.cost.quantities import Quantities
from attunement.cost.resources import Number, exact

DISCOUNT_RATES = (0, "0.035")
"""Both are shown. Rules of the year 2021, from memory: check before citing."""


def years(quantities: Quantities, prices: Prices, *, count: int = 3, rates: Iterable[Number] = DISCOUNT_RATES,
          perspective: str = "provider") -> pl.DataFrame:  # fmt: skip
    """Columns: rate, year (1 to `count`; null is the mean), cost, families, value (cost a family offered).

    Year 1 is start-up and running, each later year running alone. Costs after year 1 are divided by
    (1 + rate)^(year − 1); families a year stay as many as were offered, and are not discounted.
    """
    lines, families = costed(quantities, prices), offered(quantities)
    if count < 1:
        raise CostError("A projection has at least one year.")
    start = total(lines, phase="start_up", perspective=perspective)
    running = total(lines, phase="running", perspective=perspective)
    rows: list[tuple[float, int | None, float, int, float]] = []
    for rate in (exact(given, "A discount rate") for given in rates):
        costs = [(running + (start if place == 0 else 0)) / (1 + rate) ** place for place in range(count)]
        mean = sum(costs, Fraction(0)) / count
        for place, cost in [*enumerate(costs, start=1), (None, mean)]:
            rows.append((float(rate), place, float(cost), families, float(cost / families)))
    return pl.DataFrame(rows, orient="row", schema={"rate": pl.Float64, "year": pl.Int64, "cost": pl.Float64,
                                                    "families": pl.Int64, "value": pl.Float64})  # fmt: skip


def curve(quantities: Quantities, prices: Prices, *, caseloads: Sequence[Number] = (3, 6, 9),
          attrition: Sequence[Number] = (0, "0.2", "0.4"), perspective: str = "provider") -> pl.DataFrame:  # fmt: skip
    """Cost a family offered over caseload × attrition: columns caseload, attrition, value.

    A practitioner in post bears start-up that scales with practitioners / (1 − attrition) (those who leave were
    trained too), running that scales with practitioners, and a share of what is fixed; together over the caseload.
    To that comes the mean of what scales with sessions and families, a family offered as observed.
    """
    lines, families = costed(quantities, prices), offered(quantities)
    if not quantities.practitioners:
        raise CostError("No practitioner was trained, so there is no cost by caseload.")
    rows = []
    for load in (exact(given, "A caseload") for given in caseloads):
        for left in (exact(given, "Attrition") for given in attrition):
            value = _a_family(lines, families, quantities.practitioners, load, left, perspective)
            rows.append((float(load), float(left), float(value)))
    return pl.DataFrame(rows, orient="row", schema=dict.fromkeys(("caseload", "attrition", "value"), pl.Float64))


def tornado(quantities: Quantities, prices: Prices, *, perspective: str = "provider") -> pl.DataFrame:
    """What each price's range does to the cost a family offered, widest first: resource, low, high, value, swing.

    `value` is at the table's own prices; a resource without a range is left out.
    """
    lines, families = costed(quantities, prices), offered(quantities)
    base = total(lines, perspective=perspective)
    rows = []
    for line in lines:
        if line.resource.perspective != perspective:
            continue
        low, high = prices.range(line.resource.code)
        if low != high:
            ends = [float((base + line.quantity * (end - line.unit)) / families) for end in (low, high)]
            rows.append((line.resource.code, *ends, float(base / families), ends[1] - ends[0]))
    kinds = {"resource": pl.String} | dict.fromkeys(("low", "high", "value", "swing"), pl.Float64)
    return pl.DataFrame(rows, schema=kinds, orient="row").sort("swing", "resource", descending=[True, False])


def roll_out(quantities: Quantities, prices: Prices, *, without: Iterable[str] = (), caseload: Number | None = None,
             attrition: Number = 0, perspective: str = "provider") -> pl.DataFrame:  # fmt: skip
    """Cost a family offered in the trial beside roll-out: columns setting (trial, roll_out), value.

    `without`: resources that only the research needs, say travel to research visits. `caseload` and `attrition`
    as in `curve`; without a caseload the trial's own.
    """
    lines, families, gone = costed(quantities, prices), offered(quantities), set(without)
    for code in gone:
        prices.resource(code)
    if not quantities.practitioners:
        raise CostError("No practitioner was trained, so there is no roll-out to cost.")
    load = Fraction(families, quantities.practitioners) if caseload is None else exact(caseload, "A caseload")
    kept = tuple(line for line in lines if line.resource.code not in gone)
    out = _a_family(kept, families, quantities.practitioners, load, exact(attrition, "Attrition"), perspective)
    rows = [("trial", float(total(lines, perspective=perspective) / families)), ("roll_out", float(out))]
    return pl.DataFrame(rows, schema={"setting": pl.String, "value": pl.Float64}, orient="row")


def _a_family(lines: tuple[Costed, ...], families: int, practitioners: int, caseload: Fraction, attrition: Fraction,
              perspective: str) -> Fraction:  # fmt: skip
    if caseload <= 0:
        raise CostError("A caseload lies above zero.")
    if attrition >= 1:
        raise CostError("Attrition is a share below 1: somebody must be left in post.")
    own = [line for line in lines if line.resource.perspective == perspective]
    each = sum((line.cost for line in own if line.resource.scales in ("session", "family")), Fraction(0))
    post = Fraction(0)
    for line in own:
        if line.resource.scales in ("fixed", "practitioner"):
            lost = line.resource.scales == "practitioner" and line.resource.phase == "start_up"
            post += line.cost / (1 - attrition if lost else 1)
    return post / practitioners / caseload + each / families
