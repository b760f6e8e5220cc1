"""Who took part, and how alike the groups were at the start."""

from __future__ import annotations

from math import sqrt
from typing import Any

import polars as pl

from attunement.impact import balance
from attunement.process import Flow
from attunement.report import printing
from attunement.report.chapters.attrition import attrition
from attunement.report.consort import consort, follow_up_point
from attunement.report.effects import instrument_key
from attunement.report.ledger import Ledger
from attunement.report.material import Material
from attunement.report.model import Column, Inline, Paragraph, Section, Table


def flow_chapter(material: Material, found: Flow, ledger: Ledger) -> Section:
    point = follow_up_point(material)
    title = f"Questionnaire after {point.months_after} months"
    opening: list[Inline] = [
        "Every family referred stands in one box. Reasons that nobody had are shown as zero. ",
        "One child a family, the index child, enters the analysis",
    ]
    if found.further_children:
        # With a gate the word itself must not tell that there was one.
        one = ledger.gate is None and found.further_children == 1
        more = "child was" if one else "children were"
        opening += ["; ", ledger.count("flow.further_children", found.further_children), f" further {more} referred"]
    figure = consort(found, title, material, ledger)
    return Section("people", "Who took part", (Paragraph((*opening, ".")), figure, attrition(found, ledger)))


def baseline_chapter(material: Material, ledger: Ledger) -> Section:
    text = (
        "All families allocated, as they were before allocation. The groups were made by chance, so any difference "
        "is chance too, and no test is made. A standardised difference is in standard deviations."
    )
    return Section("baseline", "Families at the start", (Paragraph((text,)), _table(material, ledger)))


def _table(material: Material, ledger: Ledger) -> Table:
    rows, names = characteristics(material)
    told = balance(rows, arm="treated", covariates=list(names))
    n1, n0 = (rows.filter(pl.col("treated") == arm).height for arm in (1, 0))
    columns = (
        Column("At the start", False),
        _arm_column(material, material.arms.programme, n1, ledger),
        _arm_column(material, material.arms.control, n0, ledger),
        Column("Standardised difference"),
        Column("Missing"),
    )
    lines = []
    _relate(material, list(names), ledger)
    for row in told.iter_rows(named=True):
        id_, (title, binary) = f"baseline.{row['covariate']}", names[row["covariate"]]
        lines.append(
            (
                title,
                _cell(f"{id_}.programme", row["n1"], row["mean1"], row["sd1"], binary, ledger),
                _cell(f"{id_}.control", row["n0"], row["mean0"], row["sd0"], binary, ledger),
                _difference(f"{id_}.difference", row, binary, ledger),
                ledger.count(f"{id_}.missing", row["missing"]),
            )
        )
    note = "Mean (standard deviation) for scores; number (share of those known) for the rest."
    return Table("baseline-table", "Families at the start, by group", columns, tuple(lines), (note,))


def _arm_column(material: Material, arm: str, n: int, ledger: Ledger) -> Column:
    said = ledger.text(f"flow.{arm}.allocated", n)
    return Column(f"{material.arm_name(arm)} (n\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}{said})")


def _relate(material: Material, names: list[str], ledger: Ledger) -> None:
    """The sites make up an arm, and who is known for a characteristic is part of it."""
    for side, arm in (("programme", material.arms.programme), ("control", material.arms.control)):
        sites = (f"baseline.{name}.{side}" for name in names if name.startswith("site."))
        ledger.adds_up(f"flow.{arm}.allocated", *sites)
    for name in names:
        known = (f"baseline.{name}.{side}.known" for side in ("programme", "control"))
        ledger.adds_up("flow.allocated", *known, f"baseline.{name}.missing")


def _difference(id_: str, row: dict[str, Any], binary: bool, ledger: Ledger) -> Inline:
    """The standardised difference; with a gate that of yes-or-no rows comes from the counts shown."""
    if ledger.gate is None or row["difference"] is None:
        return ledger.decimal(id_, row["difference"])
    if not binary:
        few = not ledger.enough(min(row["n1"], row["n0"]))
        return ledger.put(id_, None, printing.HIDDEN) if few else ledger.decimal(id_, round(row["difference"], 2))
    stem = id_.removesuffix(".difference")
    sides = []
    for side in ("programme", "control"):
        yes, known = (ledger.gate.shown.get(f"{stem}.{side}{end}") for end in ("", ".known"))
        if yes is None or not known or known < 2:
            return ledger.put(id_, None, printing.HIDDEN)
        share = min(1.0, yes / known)
        sides.append((share, share * (1 - share) * known / (known - 1)))
    pooled = sqrt((sides[0][1] + sides[1][1]) / 2)
    return ledger.decimal(id_, (sides[0][0] - sides[1][0]) / pooled if pooled else None)


def characteristics(material: Material) -> tuple[pl.DataFrame, dict[str, tuple[str, bool]]]:
    """Allocated families with numeric columns, and for each its title and whether it is a yes or no."""
    rows = material.placed.select("trial_number", "treated", "site", "language", "help_needed")
    names: dict[str, tuple[str, bool]] = {}
    for site in material.study.sites:
        rows = rows.with_columns((pl.col("site") == site.code).alias(f"site.{site.code}"))
        names[f"site.{site.code}"] = (f"Site: {site.name}", True)
    for language in material.study.languages[1:]:
        rows = rows.with_columns((pl.col("language") == language.code).alias(f"language.{language.code}"))
        names[f"language.{language.code}"] = (f"Language: {language.name}", True)
    names["help_needed"] = ("Needs help to answer", True)
    first = next((point for point in material.study.time_points if point.months_after is None), None)
    asked = material.scores.filter(pl.col("time_point") == (first.code if first else ""))
    for instrument, scale in asked.select("instrument", "scale").unique().sort("instrument", "scale").iter_rows():
        name = f"{instrument}.{scale}"
        values = asked.filter((pl.col("instrument") == instrument) & (pl.col("scale") == scale))
        rows = rows.join(
            values.select("trial_number", pl.col("value").alias(name)), on="trial_number", how="left",
            maintain_order="left",
        )  # fmt: skip
        key = instrument_key(instrument)
        names[name] = (
            f"{key.name if key else instrument}{'' if key and len(key.scales) == 1 else f', {scale}'}",
            False,
        )
    return rows, names


def _cell(id_: str, n: int, mean: float | None, sd: float | None, binary: bool, ledger: Ledger) -> Inline:
    if mean is None:
        return ledger.put(id_, None, printing.UNKNOWN)
    if binary:
        return ledger.of(id_, round(mean * n), f"{id_}.known", n)
    ledger.shown(f"{id_}.known", n)
    return ledger.mean(id_, mean, n, sd, "{mean} ({sd})")
