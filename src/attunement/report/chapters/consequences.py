"""Costs and consequences, side by side: by group, with their difference; nothing is divided."""

from __future__ import annotations

import polars as pl

from attunement.cost import CostError, consequences
from attunement.report import printing
from attunement.report.effects import Answer, scale_rows
from attunement.report.ledger import Ledger
from attunement.report.material import Material
from attunement.report.model import Column, Inline, Number, Table
from attunement.report.trial_costs import may_leave

ENDS = (Column("95% low"), Column("95% high"))
COSTS = (
    ("own", "Cost: what a family used itself"),
    ("share", "Cost: its even share of the rest"),
    ("cost", "Cost of a family"),
)
_CELLS = ("mean_1", "mean_0", "difference", "low", "high")


def side_by_side(material: Material, answers: tuple[Answer, ...], costs: pl.DataFrame, ledger: Ledger) -> Table:
    """Costs and then outcomes by group; nothing is divided."""
    allowed = may_leave(material, costs, ledger)
    rows: list[tuple[Inline, ...]] = []
    for column, title in COSTS:
        id_, told = f"consequence.{column}", _row(costs, column) if allowed else None
        money = [_money(f"{id_}.{name}", None if told is None else told[name], ledger) for name in _CELLS]
        rows.append((title, *money, ledger.figure(f"{id_}.missing", 0)))
    for answer in answers:
        rows.append(_outcome(material, answer, costs.height, ledger))
    programme, control = (material.arm_name(code) for code in (material.arms.programme, material.arms.control))
    columns = (
        Column("A family", False),
        Column(programme),
        Column(control),
        Column("Difference"),
        *ENDS,
        Column("Missing"),
    )
    note = (
        "Means of each group and their difference, adjusted for nothing; outcomes among families where they are known. "
        "Nothing is divided by anything: what a cost is worth beside these outcomes is the reader's to weigh."
    )
    return Table("consequences-table", "Costs and consequences, side by side", columns, tuple(rows), (note,))


def _money(id_: str, value: float | None, ledger: Ledger) -> Number:
    hidden = value is None and ledger.gate is not None
    return ledger.put(id_, None, printing.HIDDEN) if hidden else ledger.money(id_, value, whole=True)


def _row(data: pl.DataFrame, column: str) -> dict[str, float] | None:
    try:
        return dict(consequences(data, costs=[], outcomes=[column], arm="treated").row(0, named=True))
    except CostError:
        return None


def _outcome(material: Material, answer: Answer, allocated: int, ledger: Ledger) -> tuple[Inline, ...]:
    """An outcome's row: the same families as its own chapter counts."""
    estimand = answer.estimand
    id_, title = f"consequence.{estimand.code}", f"{answer.name} ({estimand.direction} is better)"
    known = answer.control.families + answer.programme.families
    missing = ledger.count(f"effect.{estimand.code}.missing", allocated - known)
    if estimand.analysis == "risk_difference":
        return title, *_shares(id_, answer, ledger), missing
    rows = scale_rows(material, estimand).drop_nulls(["outcome", "baseline"])
    told, few = _row(rows, "outcome"), min(answer.control.families, answer.programme.families)
    cells = [ledger.mean(f"{id_}.{name}", None if told is None else told[name], few) for name in _CELLS]
    return title, *cells, missing


def _shares(id_: str, answer: Answer, ledger: Ledger) -> tuple[Inline, ...]:
    """Of counts as they may leave: the rows are made again from these."""
    rows: list[tuple[int, int]] = []
    for arm, side, own in ((0, "control", answer.control), (1, "programme", answer.programme)):
        stem = f"effect.{answer.estimand.code}.{side}"
        yes, n = ledger.shown(stem, round((own.mean or 0) * own.families)), ledger.shown(f"{stem}.n", own.families)
        rows += [] if yes is None or n is None else [(arm, int(place < yes)) for place in range(max(n, yes))]
    data = pl.DataFrame(rows, schema={"treated": pl.Int64, "outcome": pl.Int64}, orient="row")
    told = _row(data, "outcome")
    return tuple(
        ledger.put(
            f"{id_}.{name}",
            None if told is None else told[name],
            printing.HIDDEN if told is None else printing.share(told[name]),
        )
        for name in _CELLS
    )
