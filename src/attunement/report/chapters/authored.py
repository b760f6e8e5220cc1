"""Chapters that authors write: each text in its own section, and what is still to be written said by name."""

from __future__ import annotations

from attunement.report.authors import FREE, HELD, Authors, paragraphs
from attunement.report.chapters.joint import joint_display
from attunement.report.ledger import Ledger
from attunement.report.material import Material
from attunement.report.model import Block, Column, Paragraph, Section, Table


def slots(authors: Authors, codes: tuple[str, ...], ledger: Ledger) -> tuple[Block, ...]:
    """A section a text; then one line with those that are not there yet."""
    found: list[Block] = []
    for code in (code for code in codes if authors.texts.get(code, "").strip()):
        words = tuple(Paragraph(parts) for parts in paragraphs(authors.texts[code], ledger.results, authors.quotes))
        found.append(Section(f"text-{code}", authors.title(code), words))
    wanting = [(FREE | HELD)[code] for code in codes if not authors.texts.get(code, "").strip()]
    if wanting:
        found.append(Paragraph((f"The authors have still to write: {'; '.join(wanting)}.",), "note"))
    return tuple(found)


def cover_chapter(material: Material, authors: Authors, ledger: Ledger) -> Section:
    """Who did what, who paid, and how independent they are."""
    rows = tuple((one.name, one.part) for one in material.study.organisations)
    table = (Table("organisations-table", "Who took part in this evaluation", (Column("Organisation", False),
             Column("Part", False)), rows),) if rows else ()  # fmt: skip
    codes = ("registration", "authors", "funder", "independence", "interests")
    return Section("cover", "About this evaluation", (*table, *slots(authors, codes, ledger)))


def background_chapter(material: Material, authors: Authors, ledger: Ledger) -> Section:
    study = material.study
    rows = tuple((one.what.replace("_", " ").capitalize(), one.text) for one in study.calendar if one.adopted)
    calendar = Table("timeline-table", "Timeline", (Column("What", False), Column("When", False)), rows)
    blocks = (Paragraph((study.summary.strip(),)), *slots(authors, ("need", "other_care", "questions"), ledger), calendar,
              *slots(authors, ("involvement", "ethics", "data_protection", "team"), ledger),
              *_team(material, authors))  # fmt: skip
    return Section("background", "Background", blocks)


def _team(material: Material, authors: Authors) -> tuple[Table, ...]:
    """The people whom the authors name, and the study file's roles with whether they are kept from knowing the arm."""
    people = tuple((name, own["organisation"], own["part"]) for name, own in authors.people.items())
    named = Table("people-table", "Who did it", (Column("Name", False), Column("Organisation", False),
                  Column("Part", False)), people)  # fmt: skip
    rows = tuple((role.code.replace("_", " ").capitalize(), role.job, "Kept from knowing" if role.masked else "May know")
                 for role in material.study.roles)  # fmt: skip
    columns = (Column("Role", False), Column("Work", False), Column("A family's group, before the analysis", False))
    return (*((named,) if people else ()), Table("team-table", "The team, by role", columns, rows))


def conclusions(material: Material, authors: Authors, ledger: Ledger) -> tuple[Section, ...]:
    """What the parts say together, what it means, what it does not show, and what comes next."""
    parts = (
        ("integration", "Integration", ("integration", "cost_consequences")),
        ("discussion", "Discussion", ("discussion", "harms_found", "generalising", "readiness", "next")),
        ("limits", "Limitations", ("limitations",)),
    )
    more: dict[str, tuple[Block, ...]] = {"integration": (joint_display(material, authors, ledger),)}
    return tuple(Section(id_, title, (*slots(authors, codes, ledger), *more.get(id_, ()))) for id_, title, codes in parts)


def references_chapter(authors: Authors, ledger: Ledger) -> Section:
    return Section("references", "References and access", slots(authors, ("references", "access"), ledger))


def key_findings(authors: Authors, ledger: Ledger) -> tuple[Block, ...]:
    """The authors' own words in the summary; nothing where they have written none."""
    written = tuple(code for code in ("plain_summary", "key_findings") if authors.texts.get(code, "").strip())
    return slots(authors, written, ledger)


