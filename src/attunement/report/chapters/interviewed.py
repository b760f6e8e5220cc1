"""Interviews: how many were held of those planned, and what was spoken of. Counts alone; words are cleared quotes."""

from __future__ import annotations

from attunement.process.interviews import Told
from attunement.report.authors import Authors
from attunement.report.ledger import Ledger
from attunement.report.material import Material
from attunement.report.model import Block, Column, Inline, Paragraph, Section, Table

NONE = ("No interviews were handed to this report: how many were planned and held, and what was spoken of, is not known "
        "here.")  # fmt: skip
_COLUMNS = {"site": "Site", "arm": "Group", "completer": "Programme completed", "language": "Language", "stage": "Stage"}


def interviews_chapter(material: Material, authors: Authors, ledger: Ledger) -> Section:
    title, told = "Interviews", authors.told
    if told is None:
        return Section("interviews", title, (Paragraph((NONE,), "note"),))
    blocks: list[Block] = [_achieved(material, told, ledger)]
    if told.themes:
        blocks.append(_themes(told, ledger))
    else:
        blocks.append(Paragraph(("Nothing of them has been coded yet.",), "note"))
    return Section("interviews", title, tuple(blocks))


def _achieved(material: Material, told: Told, ledger: Ledger) -> Table:
    whole = ledger.count("interviews.planned", told.planned) if told.planned else "not known"
    rows: list[tuple[Inline, ...]] = [("All families", whole, whole, ledger.count("interviews.held", told.interviewed))]
    for quota in told.quotas:
        id_ = f"interviews.{quota.column}.{quota.level.replace(' ', '_')}"
        rows.append((f"{_COLUMNS.get(quota.column, quota.column)}: {_level(material, quota.column, quota.level)}",
                     ledger.figure(f"{id_}.least", quota.least), ledger.count(f"{id_}.drawn", quota.chosen),
                     ledger.count(f"{id_}.held", quota.interviewed)))  # fmt: skip
    for column in sorted({quota.column for quota in told.quotas}):
        levels = [one.level.replace(" ", "_") for one in told.quotas if one.column == column]
        for whole_, part in (("interviews.planned", "drawn"), ("interviews.held", "held")):
            ledger.adds_up(whole_, *(f"interviews.{column}.{level}.{part}" for level in levels))
    columns = (Column("Quota", False), Column("Planned at least"), Column("Drawn"), Column("Interviewed"))
    note = ("" if told.quotas else "No quotas were set. ") + ("Families with a transcript, under their own consent to it. "
            "Of those drawn, some were replaced from the reserve, in its order.")  # fmt: skip
    return Table("interviews-table", "Interviews achieved against planned", columns, tuple(rows), (note,))


def _level(material: Material, column: str, level: str) -> str:
    study = material.study
    names = {"site": {one.code: one.name for one in study.sites}, "arm": {one.code: one.name for one in study.arms},
             "language": {one.code: one.name for one in study.languages}}  # fmt: skip
    return names.get(column, {}).get(level, level)


def _themes(told: Told, ledger: Ledger) -> Table:
    rows = []
    for theme in told.themes:
        id_ = theme_id(theme.guid)
        rows.append((theme.path, (theme.dimension or "none of the eight").capitalize(),
                     ledger.count(f"{id_}.families", theme.families),
                     ledger.count(f"{id_}.passages", theme.passages)))  # fmt: skip
    columns = (Column("Theme", False), Column("Dimension", False), Column("Families"), Column("Passages"))
    note = ledger.woven("Version {n} of the codebook. A theme holds what stands under the themes below it too.",
                        n=ledger.figure("interviews.codebook", told.codebook))  # fmt: skip
    return Table("themes-table", "What was spoken of", columns, tuple(rows), note)


def theme_id(guid: str) -> str:
    """Short: Word keeps a tag of 64 characters only."""
    return f"theme.{guid[:8]}{guid[-4:]}"
