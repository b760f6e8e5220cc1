"""What the programme would cost: in later years, at other prices, with other caseloads, rolled out."""

from __future__ import annotations

import numpy as np
import polars as pl

from attunement.cost import Costing, curve, roll_out, tornado, years
from attunement.report import figures_cost, printing
from attunement.report.ledger import Ledger
from attunement.report.model import Block, Column, Inline, Table
from attunement.study import Study

STEPS = 13
"""Points of each curve between the caseloads that the table has."""


def projected(study: Study, costs: Costing, ledger: Ledger) -> list[Block]:
    """Years one to three; the cost a family over each price's range, by caseload, and beside that of a roll-out."""
    if not costs.delivered.offered:
        return []
    moved = tornado(costs.quantities, costs.prices)
    titles = {category.code: category.title for category in study.costs}
    blocks: list[Block] = [
        _years(costs, ledger),
        *([figures_cost.tornado(moved, titles, ledger)] if moved.height else []),
    ]
    if not costs.delivered.practitioners:
        return blocks
    found = curve(costs.quantities, costs.prices)
    table, loads = _caseloads(found, ledger), found["caseload"].unique(maintain_order=True).to_list()
    fine = curve(costs.quantities, costs.prices, caseloads=np.linspace(loads[0], loads[-1], STEPS).tolist())
    drawn = figures_cost.caseloads(found, fine, table)
    return [*blocks, drawn, _roll_out(study, costs, ledger)]


def _roll_out(study: Study, costs: Costing, ledger: Ledger) -> Table:
    """A family in the trial, and where each practitioner has the caseload that the study plans."""
    each, had = study.delivery.families_per_practitioner, costs.delivered
    own = dict(roll_out(costs.quantities, costs.prices, caseload=each).iter_rows())
    trial = had.offered / had.practitioners
    rows = (
        (
            "In this trial",
            ledger.put("cost.trial.caseload", trial, printing.decimal(trial, 1)),
            ledger.money("cost.trial.family", own["trial"]),
        ),
        (
            "Rolled out, at the caseload planned",
            ledger.put("cost.roll_out.caseload", each, printing.decimal(each, 1)),
            ledger.money("cost.roll_out.family", own["roll_out"]),
        ),
    )
    columns = (Column("Setting", False), Column("Families for each practitioner"), Column("Cost of a family"))
    note = (
        "Everything that was used stays in: the study file does not say what only the research needed. What is fixed is "
        "spread over as many families as all practitioners would have."
    )
    return Table("roll-out-table", "A family in this trial, and in a roll-out", columns, rows, (note,))


def _years(costs: Costing, ledger: Ledger) -> Table:
    rows: list[tuple[Inline, ...]] = []
    for rate, own in years(costs.quantities, costs.prices).group_by("rate", maintain_order=True):
        shown = printing.share(rate[0])
        for row in own.iter_rows(named=True):
            year = row["year"]
            id_ = f"cost.years.{round(1000 * row['rate'])}.{year or 'mean'}"
            rows.append(
                (
                    ledger.put(f"{id_}.year", year, f"Year {year}" if year else "Mean of these years"),
                    ledger.put(f"{id_}.rate", row["rate"], shown),
                    ledger.money(id_, row["cost"]),
                    ledger.money(f"{id_}.family", row["value"]),
                )
            )
    columns = (Column("Year", False), Column("Discounted at"), Column("Cost"), Column("A family offered it"))
    note = "The first year has start-up and running costs, each later one running costs alone, for as many families."
    return Table("cost-years", "Cost of the programme by year, if it went on", columns, tuple(rows), (note,))


def _caseloads(found: pl.DataFrame, ledger: Ledger) -> Table:
    leave = found["attrition"].unique(maintain_order=True).to_list()
    rows: list[tuple[Inline, ...]] = []
    for load in found["caseload"].unique(maintain_order=True):
        id_, own = f"cost.caseload.{load:g}", found.filter(pl.col("caseload") == load)
        values = [
            ledger.money(f"{id_}.{round(100 * row['attrition'])}", row["value"]) for row in own.iter_rows(named=True)
        ]
        rows.append((ledger.put(id_, load, f"{load:g} for each practitioner"), *values))
    columns = (Column("Caseload", False), *(Column(f"{printing.share(one)} of practitioners leave") for one in leave))
    note = (
        "Those who leave were trained too. Practitioners and what is fixed are shared over the caseload; what is used "
        "by session or family is as it was observed."
    )
    return Table(
        "cost-caseload", "Cost a family by caseload, and by how many practitioners leave", columns, tuple(rows), (note,)
    )
