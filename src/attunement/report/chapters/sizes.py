"""What an effect size is made of, and the effect in families that took part."""

from __future__ import annotations

from attunement.report import printing
from attunement.report.compliers import as_may_leave
from attunement.report.effects import Answer
from attunement.report.ledger import Ledger
from attunement.report.model import Block, Column, Inline, Paragraph, Table

TITLES = {"started": "At least one session", "planned": "The planned number of sessions or more"}


def inputs(answers: tuple[Answer, ...], ledger: Ledger) -> tuple[Block, ...]:
    """Difference, pooled standard deviation, families and Hedges' g of every scale; nothing where there is none."""
    told = [answer for answer in answers if answer.fit is not None and answer.standardised is not None]
    if not told:
        return ()
    columns = (Column("Outcome", False), Column("Adjusted difference"), Column("Pooled SD"), Column("Programme, families"),
               Column("Control, families"), Column("Hedges' g"), Column("95% interval"))  # fmt: skip
    note = ("Hedges' g: the difference of the plain ANCOVA over the pooled unadjusted standard deviation, times the factor "
            "for small samples. The forest draws the same numbers.")  # fmt: skip
    return (Table("effect-size-inputs", "What the effect sizes are made of", columns,
                  tuple(_size(answer, ledger) for answer in told), (note,)),)  # fmt: skip


def _size(answer: Answer, ledger: Ledger) -> tuple[Inline, ...]:
    id_, size = f"effect.{answer.estimand.code}", answer.standardised
    assert size is not None
    plain = answer.beside.get("ancova") or answer.fit
    assert plain is not None
    which = "ancova" if "ancova" in answer.beside else "main"
    return (
        answer.name,
        ledger.decimal(f"{id_}.{which}.value", plain.effect.value),
        ledger.mean(f"{id_}.pooled_sd", answer.pooled_sd, min(answer.control.families, answer.programme.families)),
        ledger.count(f"{id_}.programme.n", answer.programme.families),
        ledger.count(f"{id_}.control.n", answer.control.families),
        ledger.decimal(f"{id_}.g", size.value),
        ledger.put(f"{id_}.g_interval", None, _interval(size.low, size.high)),
    )


def took_part(answer: Answer, ledger: Ledger) -> tuple[Block, ...]:
    """The effect in compliers, labelled post hoc: the registered plan does not ask for it."""
    if not answer.compliers or answer.fit is None:
        text = "The effect in families that took part cannot be told from this snapshot."
        return (Paragraph((text,), "note"),)
    found = as_may_leave(dict(answer.compliers), answer.beside.get("ancova") or answer.fit, ledger)
    rows: list[tuple[Inline, ...]] = []
    for name, title in TITLES.items():
        fit, id_ = found.get(name), f"effect.{answer.estimand.code}.compliers.{name}"
        if fit is None:
            hidden = (ledger.put(one, None, printing.HIDDEN) for one in (id_, f"{id_}.interval"))
            rows.append((title, *hidden))
        else:
            rows.append((title, ledger.decimal(id_, fit.effect.value),
                         ledger.put(f"{id_}.interval", None, _interval(fit.effect.low, fit.effect.high))))  # fmt: skip
    how = "Two-stage least squares with the group as instrument, baseline and site, robust standard errors."
    if ledger.gate is not None:
        how = "The difference in all families over the share that took part, from the counts as this report shows them."
    note = (f"Post hoc: the registered plan does not ask for it. {how} It holds if being offered the programme makes a "
            "difference through taking part alone.")  # fmt: skip
    columns = (Column("Took part: had", False), Column("Difference in those who took part"), Column("95% interval"))
    return (Table("compliers-table", "The effect in families that took part (post hoc)", columns, tuple(rows), (note,)),)


def _interval(low: float | None, high: float | None) -> str:
    return "none" if low is None or high is None else f"{printing.decimal(low)} to {printing.decimal(high)}"
