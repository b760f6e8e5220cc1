"""How many families were lost, by group, and how unlike the groups are in that."""

from __future__ import annotations

from attunement.process import Flow
from attunement.process.flow import ArmFlow
from attunement.report import printing
from attunement.report.ledger import Ledger
from attunement.report.model import Column, Inline, Table

STAGES = (("questionnaire", "Questionnaire after allocation"), ("analysis", "Main analysis"),
          ("records", "Authority's records"))  # fmt: skip


def attrition(found: Flow, ledger: Ledger) -> Table:
    """Families without the data, of those allocated, by group and together; all reckoned from the flow's own counts."""
    rows = tuple(row for stage, title in STAGES for row in _stage(stage, title, found.arms, ledger))
    columns = (Column("Without", False), *(Column(arm.title) for arm in found.arms), Column("All groups"),
               Column("Widest difference, percentage points"))  # fmt: skip
    note = ("Families allocated for whom it is wanting, and their share. Those for whom it is not yet known are among "
            "them: the flow shows them apart.")  # fmt: skip
    return Table("attrition-table", "Attrition by group", columns, rows, (note,))


def _stage(stage: str, title: str, arms: tuple[ArmFlow, ...], ledger: Ledger) -> list[tuple[Inline, ...]]:
    lost = [_lost(arm, stage, ledger) for arm in arms]
    cells: list[Inline] = [_cell(f"attrition.{stage}.{arm.arm}", one, ledger) for arm, one in zip(arms, lost, strict=True)]
    known = [one for one in lost if one is not None]
    whole = (sum(n for n, _ in known), sum(of for _, of in known)) if len(known) == len(lost) else None
    shares = [n / of for n, of in known if of]
    apart = 100 * (max(shares) - min(shares)) if whole and len(shares) == len(lost) else None
    text = printing.HIDDEN if whole is None else printing.decimal(apart, 1)
    return [(title, *cells, _cell(f"attrition.{stage}.all", whole, ledger),
             ledger.put(f"attrition.{stage}.difference", apart, text))]  # fmt: skip


def _lost(arm: ArmFlow, stage: str, ledger: Ledger) -> tuple[int, int] | None:
    """Families without it and families allocated, from the counts that may be shown; None where one is hidden."""
    record = next((line.n for line in arm.records if line.code == "found"), 0)
    id_, n = {"questionnaire": ("followed_up", arm.followed_up), "analysis": ("analysed", arm.analysed),
              "records": ("record:found", record)}[stage]  # fmt: skip
    allocated, known = ledger.shown(f"flow.{arm.arm}.allocated", arm.allocated), ledger.shown(f"flow.{arm.arm}.{id_}", n)
    return None if allocated is None or known is None else (max(0, allocated - known), allocated)


def _cell(id_: str, lost: tuple[int, int] | None, ledger: Ledger) -> Inline:
    if lost is None:
        return ledger.put(id_, None, printing.HIDDEN)
    n, of = lost
    return ledger.put(id_, n, f"{printing.count(n)} of {printing.count(of)} ({printing.share(n / of if of else None)})")
