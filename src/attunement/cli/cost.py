"""`attunement cost`: what a snapshot's delivery cost, by a price table."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any


def add(commands: Any) -> None:
    words = "cost a family offered, started and completed, from a snapshot and a price table"
    cost = commands.add_parser("cost", help=words, description=words)
    cost.add_argument("snapshot", type=Path)
    cost.add_argument("--prices", type=Path, required=True, help="a .csv or .toml table with source and year")
    cost.add_argument("--price-year", type=int, default=None, help="the year to bring all prices to")
    cost.add_argument("--arm-key", type=Path)
    cost.set_defaults(run=_cost)


def _cost(options: argparse.Namespace) -> int:
    from attunement import cost
    from attunement.report.snapshot import Snapshot

    prices = cost.read_prices(options.prices, price_year=options.price_year)
    used = cost.quantities(Snapshot.open(options.snapshot, arm_key=options.arm_key))
    table = cost.per_family(used, prices)
    print(f"Prices of {prices.price_year} in {prices.currency}. Sessions of unknown length: {used.missing}.")
    for row in table.filter(table["perspective"] == "all").iter_rows(named=True):
        value = "no such family" if row["value"] is None else f"{row['value']:,.2f}"
        print(f"{row['per']:<10} {row['phase']:<9} {value:>14}   families {row['denominator']}")
    return 0
