"""What else families had, by group, and whether the comparison stayed clean."""

from __future__ import annotations

import polars as pl

from attunement import process
from attunement.instruments import Key
from attunement.process.recorded import own_workers, schedules
from attunement.report.chapters.delivery import indicator_table
from attunement.report.ledger import Ledger
from attunement.report.material import Material
from attunement.report.model import Block, Column, Inline, Paragraph, Table


def other_care(material: Material, ledger: Ledger) -> list[Block]:
    asked = schedules(material.study)
    if not asked:
        text = "The study asks families no schedule of usual care, so what else they had is not known for either group."
        return [Paragraph((text,), "note")]
    if material.dummy:
        return [Paragraph(("What else families had is told by group, and the arm key is not released.",), "note")]
    found = process.usual_care(material.snapshot)
    arms = (material.arms.programme, material.arms.control)
    titles = {"any_service": "Any of these"} | {f"had_{one.code}": one.title for _, key in asked for one in key.services}
    rows = []
    for indicator, title in sorted(titles.items(), key=lambda row: row[0] == "any_service"):
        rows.append((title, *(_had(indicator, arm, found, ledger) for arm in arms)))
    rows.append(("Did not answer", *(_silent(arm, found, ledger) for arm in arms)))
    columns = (Column("Had", False), *(Column(material.arm_name(arm)) for arm in arms))
    note = "Families with it of those who answered, asked in the same words in both groups, of both but for this study."
    table = Table("other-care-table", "What else families had, by group", columns, tuple(rows), (note,))
    spoilt = found.filter((pl.col("group") == material.arms.control)
                          & pl.col("indicator").is_in(["contaminated_of_asked", "delivered_to_control"]))  # fmt: skip
    _hang_together(asked, material.arms.control, ledger)
    words = "“Elsewhere” is what parents said. Whether a family's own worker is trained in the programme was not asked."
    if own_workers(material.snapshot):
        words = "“Elsewhere”: so parents said, or the family's own worker is a practitioner of the programme."
    return [table, indicator_table("contamination-table", "Was the comparison kept clean?", spoilt, ledger, words)]


def _hang_together(asked: tuple[tuple[str, Key], ...], control: str, ledger: Ledger) -> None:
    """Who had a service that contaminates is among those who had a part of the programme elsewhere."""
    stem = "process.contaminated_of_asked"
    spoil = [one.code for _, key in asked for one in key.services if one.contaminates]
    for code in spoil:
        ledger.adds_up(f"{stem}.numerator", f"other_care.had_{code}.{control}")
    if len(spoil) == 1:
        ledger.adds_up(f"other_care.had_{spoil[0]}.{control}.n", f"{stem}.denominator")
    ledger.adds_up(f"flow.{control}.allocated", f"{stem}.denominator", f"{stem}.missing")
    ledger.adds_up(f"flow.{control}.allocated", "process.delivered_to_control.denominator")


def _had(indicator: str, arm: str, found: pl.DataFrame, ledger: Ledger) -> Inline:
    rows = found.filter((pl.col("indicator") == indicator) & (pl.col("group") == arm)).rows(named=True)
    id_ = f"other_care.{indicator}.{arm}"
    ledger.adds_up(f"flow.{arm}.allocated", f"{id_}.n")
    if not rows or not rows[0]["denominator"]:
        return ledger.put(id_, None, "nobody yet")
    row = rows[0]
    return ledger.of(id_, row["numerator"], f"{id_}.n", row["denominator"], "{part} of {whole} ({share})")


def _silent(arm: str, found: pl.DataFrame, ledger: Ledger) -> Inline:
    row = found.row(by_predicate=(pl.col("indicator") == "any_service") & (pl.col("group") == arm), named=True)
    id_ = f"other_care.{arm}.silent"
    ledger.adds_up(f"flow.{arm}.allocated", f"other_care.any_service.{arm}.n", id_)
    return ledger.count(id_, row["missing"])
