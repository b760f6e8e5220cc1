"""How the evaluation was done: design, who could take part, outcomes, sample size and the effect it can show, analysis."""

from __future__ import annotations

from attunement.process import Flow, detectable
from attunement.report import printing
from attunement.report.authors import Authors
from attunement.report.chapters.authored import slots
from attunement.report.chapters.process_methods import process_methods
from attunement.report.effects import instrument_key
from attunement.report.ledger import Ledger
from attunement.report.material import Material
from attunement.report.model import Block, Column, Inline, Paragraph, Section, Table


def methods_chapter(material: Material, found: Flow, authors: Authors, ledger: Ledger) -> Section:
    blocks: tuple[Block, ...] = (
        Paragraph(tuple(f"{label.text} " for label in material.study.design_labels if label.adopted)),
        _eligibility(material),
        *slots(authors, ("allocation", "changes", "harms"), ledger),
        _outcomes(material),
        _sample(material, found, ledger),
        _analysis(material),
        *slots(authors, ("missing_data", "process_methods"), ledger),
        process_methods(material, authors),
        *slots(authors, ("cost_methods",), ledger),
    )
    return Section("methods", "Methods", blocks)


def _eligibility(material: Material) -> Table:
    rows = tuple((rule.question, rule.reason) for rule in material.study.eligibility)
    columns = (Column("Asked of every family", False), Column("Otherwise", False))
    return Table("eligibility-table", "Who could take part", columns, rows)


def _outcomes(material: Material) -> Table:
    first = material.study.languages[0].code
    rows: list[tuple[Inline, ...]] = []
    for point in material.study.time_points:
        when = "Before" if point.months_after is None else f"{point.months_after} months after"
        rows.append((point.title[first], ", ".join(map(_instrument, point.instruments)), f"{when} allocation"))
    asked = material.study.records
    rows += [(outcome.title, "Authority's records", f"{asked.months_after} months after allocation")
             for outcome in asked.outcomes]  # fmt: skip
    columns = (Column("What", False), Column("From", False), Column("When", False))
    return Table("outcomes-table", "Outcomes, and when they were asked", columns, tuple(rows))


def _instrument(slug: str) -> str:
    key = instrument_key(slug)
    return slug if key is None else key.name


def _sample(material: Material, found: Flow, ledger: Ledger) -> Table:
    """Families and detectable effect at protocol, allocation and analysis."""
    target = sum(site.target for site in material.study.sites)
    allocated = ledger.shown("flow.allocated", found.allocated)
    parts = [ledger.shown(f"flow.{arm.arm}.analysed", arm.analysed) for arm in found.arms]
    analysed = None if None in parts else sum(part for part in parts if part is not None)
    rows = tuple((title, ledger.put(f"sample.{code}.families", n, printing.count(n)),
                  ledger.decimal(f"sample.{code}.detectable", effect_of(n)))
                 for code, title, n in (("protocol", "Protocol", target), ("allocation", "Allocation", allocated),
                                        ("analysis", "Analysis of the main outcome", analysed)))  # fmt: skip
    columns = (Column("At", False), Column("Families"), Column("Detectable effect"))
    note = ("In standard deviations, with power of four in five at the usual two-sided level. Families are taken as "
            "independent and no help from the baseline is assumed, so this is cautious.")  # fmt: skip
    return Table("detectable-table", "Families, and the effect that so many can show", columns, rows, (note,))


def effect_of(families: int | None) -> float | None:
    """The detectable effect of so many families, without help from the baseline."""
    return None if families is None else detectable(families, correlation=0.0, loss=0.0)


def _analysis(material: Material) -> Table:
    rows = tuple((one.code.replace("_", " ").capitalize(), one.role, one.analysis.replace("_", " "), one.variable)
                 for one in material.study.estimands)  # fmt: skip
    columns = (Column("Estimand", False), Column("Role", False), Column("Analysis", False), Column("Outcome", False))
    return Table("estimands-table", "What was planned to be estimated", columns, rows)
