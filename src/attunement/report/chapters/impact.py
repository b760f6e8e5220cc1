"""What difference the programme made: the primary outcome, the other scales, the authorities' records."""

from __future__ import annotations

import polars as pl

from attunement.report.chapters.beside import beside
from attunement.report.chapters.sizes import inputs, took_part
from attunement.report.effects import Answer, Arm, instrument_key, record_rows
from attunement.report.estimates import cells, limits, sentence
from attunement.report.figures import forest
from attunement.report.ledger import Ledger
from attunement.report.material import Material
from attunement.report.model import Block, Column, Inline, Notice, Paragraph, Section, Table


def primary_chapter(material: Material, answers: tuple[Answer, ...], ledger: Ledger) -> Section:
    blocks: list[Block] = []
    main = [answer for answer in answers if answer.estimand.role == "primary"]
    for answer in main:
        if answer.fit is not None:
            blocks.append(Paragraph(_headline(answer, ledger), "headline"))
        blocks += [Paragraph(sentence(answer, material, ledger)), _estimand(answer)]
    blocks.append(_table("primary-table", "Primary outcome by group", main, material, ledger))
    for answer in main[:1]:
        blocks.append(Paragraph(_method(answer, ledger), "note"))
        blocks += (*beside(answer, ledger), *took_part(answer, ledger))
    return Section("primary", "Main result", (*_scale_notice(material, main), *blocks))


def secondary_chapter(material: Material, answers: tuple[Answer, ...], ledger: Ledger) -> Section:
    """The scales besides the primary one, and the forest of all."""
    scales = [answer for answer in answers if answer.estimand.analysis == "ancova"]
    others = [answer for answer in scales if answer.estimand.role == "secondary"]
    if not others:
        return Section("secondary", "Other scales", (Paragraph(("The study plans no further scale.",)),))
    text = (
        "These were planned beside the main result. Each interval stands by itself: the more outcomes one looks at, "
        "the likelier that zero lies outside one of them by chance alone."
    )
    blocks: list[Block] = [
        Paragraph((text,)),
        _table("secondary-table", "Other scales by group", others, material, ledger),
    ]
    if any(answer.standardised for answer in scales):
        programme, control = material.arm_name(material.arms.programme), material.arm_name(material.arms.control)
        blocks += [forest(tuple(scales), programme, control, ledger), *inputs(tuple(scales), ledger)]
    return Section("secondary", "Other scales", (*_scale_notice(material, others), *blocks))


def records_chapter(material: Material, answers: tuple[Answer, ...], records: pl.DataFrame, ledger: Ledger) -> Section:
    """Child-protection outcomes: the planned risk differences, then every outcome as it is."""
    planned = [answer for answer in answers if answer.estimand.analysis == "risk_difference"]
    asked = material.study.records
    text = (
        "From the authorities' records of the {months} months after allocation, complete "
        "{days} days later. Only records that were found in time count; who has none, moved, was adopted "
        "or is not yet known stands in the flow above and is never counted as “no”."
    )
    months = ledger.figure("study.records_months_after", asked.months_after)
    days = ledger.figure("study.records_lag_days", asked.lag_days)
    blocks: list[Block] = [Paragraph(ledger.woven(text, months=months, days=days))]
    if planned:
        blocks.append(_table("records-table", "Planned comparisons", planned, material, ledger))
    blocks.append(_described(material, records, ledger))
    return Section("records", "Child-protection outcomes", tuple(blocks))


def _headline(answer: Answer, ledger: Ledger) -> tuple[Inline, ...]:
    value, low, high = limits(answer, ledger)
    unit = "percentage points" if answer.estimand.analysis == "risk_difference" else "points"
    return value, f" {unit} between the groups (95% interval ", low, " to ", high, ")"


def _estimand(answer: Answer) -> Table:
    asked = answer.estimand
    rows = (
        ("Families", asked.population),
        ("Compared", asked.treatment),
        ("Outcome", asked.variable),
        ("What happens on the way", asked.intercurrent),
        ("Summary", asked.summary),
    )
    columns = (Column("Part of the question", False), Column("As planned", False))
    return Table(f"estimand-{asked.code}", f"The question asked: {answer.name.lower()}", columns, rows)


def _table(id_: str, caption: str, answers: list[Answer], material: Material, ledger: Ledger) -> Table:
    programme, control = (material.arm_name(code) for code in (material.arms.programme, material.arms.control))
    rows = tuple(
        (
            f"{answer.name} ({answer.estimand.direction} is better)",
            _arm(f"effect.{answer.estimand.code}.programme", answer.programme, answer, ledger),
            _arm(f"effect.{answer.estimand.code}.control", answer.control, answer, ledger),
            *cells(answer, ledger),
        )
        for answer in answers
    )
    columns = (Column("Outcome", False), Column(programme), Column(control), Column("Difference"),
               Column("95% interval"), Column("p"))  # fmt: skip
    flags = sorted({str(item) for answer in answers if answer.fit for item in answer.fit.flagged})
    kinds = {answer.estimand.analysis for answer in answers}
    note = []
    if "ancova" in kinds:
        note.append(
            "Groups: unadjusted mean (standard deviation), families. Difference: adjusted for baseline and site."
        )
        note += [answer.why_not for answer in answers if answer.fit is not None and answer.why_not]
    if "risk_difference" in kinds:
        note.append("Groups: families with the outcome of those with a record. Difference: percentage points.")
        if any(answer.fit is not None and answer.fit.effect.term.startswith("adjusted") for answer in answers):
            note.append("It is adjusted for site.")
    told = (part for place, flag in enumerate(flags) for part in (" ", ledger.put(f"{id_}.flag_{place}", None, flag), "."))
    return Table(id_, caption, columns, rows, (" ".join(note), *told))


def _arm(id_: str, arm: Arm, answer: Answer, ledger: Ledger) -> Inline:
    if arm.mean is None:
        return ledger.put(id_, None, "nobody yet")
    if answer.estimand.analysis == "risk_difference":
        yes = round(arm.mean * arm.families)
        return ledger.of(id_, yes, f"{id_}.n", arm.families, "{part} of {whole} ({share})")
    n = ledger.text(f"{id_}.n", arm.families)
    return ledger.mean(id_, arm.mean, arm.families, arm.sd, f"{{mean}} ({{sd}}), n = {n}")


def _method(answer: Answer, ledger: Ledger) -> tuple[Inline, ...]:
    if answer.fit is None:
        return (answer.why_not,)
    missing = ledger.count(f"effect.{answer.estimand.code}.missing", answer.fit.missing)
    return f"Method: {answer.fit.effect.method}. Families left out because a score is missing: ", missing, "."


def _scale_notice(material: Material, answers: list[Answer]) -> tuple[Notice, ...]:
    """Says which scales nobody has validated."""
    names = []
    for answer in answers:
        key = instrument_key(answer.estimand.outcome.partition(".")[0])
        if key is not None and not key.validated:
            names.append(key.name)
    if not names:
        return ()
    text = f"{'; '.join(names)}. No study has tested what this measures. A real study uses validated instruments."
    return (Notice("scale", "Demonstration scale, not validated", (text,)),)


def _described(material: Material, records: pl.DataFrame, ledger: Ledger) -> Table:
    rows = []
    for outcome in material.study.records.outcomes:
        known = record_rows(material, outcome.code, records).drop_nulls("outcome")
        cells_: list[Inline] = [outcome.title]
        for arm, code in ((1, material.arms.programme), (0, material.arms.control)):
            values = known.filter(pl.col("treated") == arm)["outcome"].to_list()
            cells_.append(_summary(f"records.{outcome.code}.{code}", values, outcome.kind, ledger))
        rows.append(tuple(cells_))
    names = (Column(material.arm_name(code)) for code in (material.arms.programme, material.arms.control))
    note = "Yes or no: families with it of those with a record. Counts, days and levels: mean, and families."
    caption = "Every outcome asked of the records"
    return Table("records-described", caption, (Column("Outcome", False), *names), tuple(rows), (note,))


def _summary(id_: str, values: list[int], kind: str, ledger: Ledger) -> Inline:
    if not values:
        return ledger.put(id_, None, "nobody yet")
    mean = sum(values) / len(values)
    if kind == "binary":
        return ledger.of(id_, sum(values), f"{id_}.n", len(values), "{part} of {whole} ({share})")
    n = ledger.text(f"{id_}.n", len(values))
    return ledger.mean(id_, mean, len(values), words=f"{{mean}}, n = {n}")
