"""The main question by other analyses, so that a reader sees how much hangs on the choice."""

from __future__ import annotations

from attunement.impact import Fit, Flag
from attunement.report import printing
from attunement.report.effects import Answer
from attunement.report.ledger import Ledger
from attunement.report.model import Block, Column, Inline, Paragraph, Table

TITLES = {
    "ancova": "Families as independent of one another (ANCOVA)",
    "cr2": "ANCOVA, standard errors robust to practitioners (CR2)",
    "randomisation": "Groups drawn again by the trial's own scheme",
    "kenward_roger": "The main model, Kenward-Roger degrees of freedom",
}


def beside(answer: Answer, ledger: Ledger) -> tuple[Block, ...]:
    """A table of the analyses beside the main one; nothing where there is none."""
    if answer.fit is None or not answer.beside:
        return ()
    rows = tuple(_row(answer, name, fit, ledger) for name, fit in answer.beside.items())
    columns = (Column("Analysis", False), Column("Difference"), Column("95% interval"), Column("p"))
    note = "Planned beside the main analysis to show how much hangs on it; none of them replaces it."
    table = Table("beside-table", "The main question by other analyses", columns, rows, (note,))
    if Flag.BOUNDARY not in answer.fit.flags:
        return (table,)
    text = (
        "Families of one practitioner were no more alike than others: the variance between practitioners is estimated "
        "as zero. The interval by Kenward-Roger therefore stands beside the main one."
    )
    return Paragraph((text,), "note"), table


def _row(answer: Answer, name: str, fit: Fit, ledger: Ledger) -> tuple[Inline, ...]:
    id_, effect = f"effect.{answer.estimand.code}.{name}", fit.effect
    interval = "none" if effect.low is None else f"{printing.decimal(effect.low)} to {printing.decimal(effect.high)}"
    return (
        TITLES.get(name, name),
        ledger.decimal(f"{id_}.value", effect.value),
        ledger.put(f"{id_}.interval", None, interval),
        ledger.probability(f"{id_}.p", effect.p),
    )
