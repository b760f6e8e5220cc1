"""How secure the evidence is: where the rating starts by rule, the threats to judge, and what a person awarded."""

from __future__ import annotations

from attunement.process import Flow
from attunement.report.authors import Authors
from attunement.report.chapters.methods import effect_of
from attunement.report.errors import ReportError
from attunement.report.ledger import Ledger
from attunement.report.model import Block, Column, Notice, Paragraph, Section, Table
from attunement.report.security import most_taken_off, security_start, threats

DESIGN = "randomised"


def security_chapter(found: Flow, authors: Authors, ledger: Ledger) -> Section:
    allocated = ledger.shown("flow.allocated", found.allocated)
    parts = [ledger.shown(f"flow.{arm.arm}.analysed", arm.analysed) for arm in found.arms]
    effect = effect_of(allocated)
    if not allocated or effect is None or None in parts:
        text = "Too few families stand behind it for a starting value."
        return Section("security", "How secure the evidence is", (Notice("withheld", "Hidden", (text,)),))
    lost = max(0.0, 1 - sum(part or 0 for part in parts) / allocated)
    start = security_start(DESIGN, effect, lost)
    rows = (("Design", DESIGN, ledger.figure("security.design", start.design)),
            ("Detectable effect at allocation", ledger.decimal("security.mdes", effect),
             ledger.figure("security.detectable", start.detectable)),
            ("Attrition", ledger.put("security.lost", lost, f"{100 * lost:.0f}%"),
             ledger.figure("security.attrition", start.attrition)))  # fmt: skip
    columns = (Column("Part", False), Column("Found"), Column("Value"))
    note = ledger.woven("The rating starts at {start}, the lowest of the three. Scale: {version}.",
                        start=ledger.figure("security.start", start.start),
                        version=ledger.put("security.version", None, start.version))  # fmt: skip
    table = Table("security-table", "Where the rating starts", columns, rows, note)
    return Section("security", "How secure the evidence is", (table, *_judged(authors, start.start, ledger)))


def _judged(authors: Authors, start: int, ledger: Ledger) -> tuple[Block, ...]:
    told = authors.security.get("threats", {})
    strange = sorted(set(told) - {code for code, _ in threats()}) if isinstance(told, dict) else ["threats"]
    if strange:
        raise ReportError(f"The authors' file judges the threat '{strange[0]}', which the scale does not have.")
    rows = tuple((words, str(told.get(code) or "Not judged yet")) for code, words in threats())
    columns = (Column("Threat", False), Column("Judged", False))
    table = Table("threats-table", "Threats to judge", columns, rows)
    awarded, by = authors.security.get("awarded"), str(authors.security.get("by") or "").strip()
    if awarded is None:
        return table, Paragraph(("A person awards the rating. Nobody has yet.",), "note")
    if not isinstance(awarded, int) or not by or not max(0, start - most_taken_off()) <= awarded <= start:
        raise ReportError(f"The rating awarded must lie from {max(0, start - most_taken_off())} to {start}, where it "
                          "starts, and say who awarded it (by).")
    words = "Awarded: {n}, by {by}."
    return table, Paragraph(ledger.woven(words, n=ledger.figure("security.awarded", awarded), by=by), "headline")
