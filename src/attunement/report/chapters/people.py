"""Who took part, and how alike the groups were at the start."""

from __future__ import annotations

import polars as pl

from attunement.impact import balance
from attunement.process import Flow
from attunement.report import printing
from attunement.report.consort import consort, follow_up_point
from attunement.report.effects import instrument_key
from attunement.report.ledger import Ledger
from attunement.report.material import Material
from attunement.report.model import Column, Inline, Paragraph, Section, Table


def flow_chapter(material: Material, found: Flow, ledger: Ledger) -> Section:
    point = follow_up_point(material)
    title = f"Questionnaire after {point.months_after} months"
    opening: list[Inline] = [
        "Every family referred stands in one box. Reasons that nobody had are shown as 0. ",
        "One child a family, the index child, enters the analysis",
    ]
    if found.further_children:
        more = "child was" if found.further_children == 1 else "children were"
        opening += ["; ", ledger.count("flow.further_children", found.further_children), f" further {more} referred"]
    figure = consort(found, title, material, ledger)
    return Section("people", "Who took part", (Paragraph((*opening, ".")), figure))


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
        Column(f"{material.arm_name(material.arms.programme)} (n\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}{n1})"),
        Column(f"{material.arm_name(material.arms.control)} (n\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}{n0})"),
        Column("Standardised difference"),
        Column("Missing"),
    )
    lines = []
    for row in told.iter_rows(named=True):
        id_, (title, binary) = f"baseline.{row['covariate']}", names[row["covariate"]]
        lines.append(
            (
                title,
                _cell(f"{id_}.programme", row["n1"], row["mean1"], row["sd1"], binary, ledger),
                _cell(f"{id_}.control", row["n0"], row["mean0"], row["sd0"], binary, ledger),
                ledger.decimal(f"{id_}.difference", row["difference"]),
                ledger.count(f"{id_}.missing", row["missing"]),
            )
        )
    note = "Mean (standard deviation) for scores; number (share of those known) for the rest."
    return Table("baseline-table", "Families at the start, by group", columns, tuple(lines), (note,))


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
        yes = round(mean * n)
        return ledger.put(id_, yes, f"{yes} ({printing.share(mean)})")
    return ledger.put(id_, mean, f"{printing.decimal(mean)} ({printing.decimal(sd)})")
