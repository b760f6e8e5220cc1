"""How many families practitioners carried, by site: never one practitioner's own."""

from __future__ import annotations

import polars as pl

from attunement.report import printing
from attunement.report.ledger import Ledger
from attunement.report.material import Deliveries, Material
from attunement.report.model import Column, Inline, Table

_ALL = ("process.practitioners_with_a_family.numerator", "process.families_a_practitioner.numerator",
        "process.practitioners_at_caseload.numerator")  # fmt: skip


def caseload(material: Material, had: Deliveries, ledger: Ledger) -> Table:
    """Practitioners with a family, families, families each, and practitioners with the planned caseload or more."""
    wanted = material.study.delivery.families_per_practitioner
    pairs = had.assignments.select("practitioner", "family").unique()
    placed = pairs.join(material.families.select("family", "site"), on="family", how="left")
    full = set(pairs.group_by("practitioner").len().filter(pl.col("len") >= wanted)["practitioner"])
    rows, counted = [], []
    for site in material.study.sites:
        own = placed.filter(pl.col("site") == site.code)
        people = set(own["practitioner"])
        counts = (len(people), own.height, len(people & full))
        counted.append(counts)
        rows.append(_row(site.name, [f"caseload.{site.code}.{part}" for part in ("practitioners", "families", "full")],
                         counts, f"caseload.{site.code}.each", ledger))  # fmt: skip
    whole = (pairs["practitioner"].n_unique(), pairs.height, len(full))
    for place, (id_, part) in enumerate(zip(_ALL, ("practitioners", "families", "full"), strict=True)):
        if sum(each[place] for each in counted) == whole[place]:  # not so where somebody works in two sites
            ledger.adds_up(id_, *(f"caseload.{site.code}.{part}" for site in material.study.sites))
    rows.append(_row("All sites", list(_ALL), whole, "caseload.each", ledger))
    columns = (Column("Site", False), Column("Practitioners with a family"), Column("Families"),
               Column("Families each"), Column("With the planned caseload or more"))  # fmt: skip
    note = ledger.woven("Planned for each practitioner: {n}. A family that changed its practitioner counts with both.",
                        n=ledger.figure("study.families_per_practitioner", wanted))  # fmt: skip
    return Table("caseload-table", "Caseload", columns, tuple(rows), note)


def _row(title: str, ids: list[str], counts: tuple[int, int, int], each: str, ledger: Ledger) -> tuple[Inline, ...]:
    people, families, full = ids
    ledger.adds_up(people, full)
    shown = ledger.shown(people, counts[0]), ledger.shown(families, counts[1])
    value = ledger.ratio(shown[1], shown[0], counts[1] / counts[0] if counts[0] else None)
    if ledger.gate is not None and (value is None or not ledger.enough(counts[0])):
        mean: Inline = ledger.put(each, None, printing.HIDDEN)
    else:
        mean = ledger.put(each, value, printing.decimal(value, 1))
    return (title, ledger.count(people, counts[0]), ledger.count(families, counts[1]), mean, ledger.count(full, counts[2]))
