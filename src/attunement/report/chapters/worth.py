"""What it was worth: costs and consequences side by side first, then cost and effect together where the study asks."""

from __future__ import annotations

import polars as pl

from attunement.cost import Choice, Costing, Difference, Estimate, Joint, decision
from attunement.cost.labels import CHEAPER, DEARER, DOMINATED, DOMINATING, NEAR_ZERO
from attunement.report.chapters.consequences import ENDS, side_by_side
from attunement.report.chapters.costs import HIDDEN
from attunement.report.chapters.delivery import WITHHELD
from attunement.report.effects import Answer
from attunement.report.figures_cost import acceptability, plane
from attunement.report.ledger import Ledger
from attunement.report.material import Material
from attunement.report.model import Block, Column, Inline, Notice, Number, Paragraph, Section, Table
from attunement.report.notices import DUMMY
from attunement.report.trial_costs import Worth, family_costs, may_leave, worth

TITLE = "What it was worth"
UNITS = {"ancova": "point", "risk_difference": "better outcome"}
NO_THRESHOLD = Notice(
    "caution",
    "No accepted threshold",
    ("There is no accepted threshold for a point on a parenting scale: nobody has said what one is worth.",),
)
NOBODY = Paragraph(("No family has been offered the programme yet, so nothing can be said a family.",))
KEPT_BACK = Notice(
    "withheld",
    "Hidden",
    ("Costs by group stay back: so few families bear one, or the groups are made up, that they would tell how many.",),
)
BASIS = (
    "A family's cost is what it used itself (sessions, travel, preparation, materials), and an even share, among all "
    "families offered the programme, of what cannot be told by family: start-up, supervision, coordination. Together "
    "that is the programme's whole cost, as its provider bears it. A family of the other group bears only sessions "
    "that it had itself, as a rule none. Usual care itself is not costed, as the study has no costs of it, so each "
    "difference in cost is the programme's own. A session that nobody logged costs nothing here."
)
RULE = (
    "The frontier is the chance of the option with the highest mean net benefit (the rule of Fenwick, Claxton and "
    "Sculpher), which need not be the highest chance."
)
SAID = {
    DOMINATED: "{programme} cost more and did worse: it is dominated, and no ratio is given.",
    DOMINATING: "{programme} cost less and did better: it dominates, and no ratio is given.",
    NEAR_ZERO: "The interval of the effect holds zero: the denominator is near zero, and no ratio is given.",
    DEARER: "{programme} was more costly and more effective: {ratio} for each {unit} gained.",
    CHEAPER: "{programme} was less costly and less effective: {ratio} saved for each {unit} lost.",
}


def worth_chapter(
    material: Material,
    answers: tuple[Answer, ...],
    records: pl.DataFrame,
    true: Costing | None,
    shown: Costing | None,
    ledger: Ledger,
) -> Section:
    """`true`: the costing as it was counted; `shown`: that of the counts that may leave, None where they may not."""
    if true is None:
        return Section("worth", TITLE, (WITHHELD,))
    costs = None if shown is None else family_costs(material, true, shown)
    if costs is None:
        return Section("worth", TITLE, (HIDDEN if ledger.gate is not None else NOBODY,))
    blocks: list[Block] = [Paragraph((BASIS,)), side_by_side(material, answers, costs, ledger), NO_THRESHOLD]
    if not may_leave(material, costs, ledger):
        return Section("worth", TITLE, (*blocks, KEPT_BACK))
    found = worth(material, answers, records, costs, ledger)
    if found is not None:
        blocks += _together(material, found, ledger)
    return Section("worth", TITLE, tuple(blocks))


def _together(material: Material, found: Worth, ledger: Ledger) -> list[Block]:
    if found.main is None:
        return [Paragraph((f"Cost and effect together: {found.why_not}",))]
    unit = UNITS[found.answer.estimand.analysis]
    programme, control = (material.arm_name(code) for code in (material.arms.programme, material.arms.control))
    return [
        Paragraph(_headline(material, found, unit, ledger)),
        Paragraph(_ratio(found.main, programme, unit, ledger)),
        _both(found, unit, ledger),
        plane(found.main, programme, unit, ledger),
        *_chosen(material, found.main, (control, programme), unit, ledger),
        _besides(found, unit, ledger),
    ]


def _chosen(material: Material, main: Joint, options: tuple[str, str], unit: str, ledger: Ledger) -> list[Block]:
    """Which option at which threshold of the study file; nothing where it has none."""
    asked = material.study.cost_analysis
    if asked is None or not asked.thresholds:
        return []
    rule = (
        "Thresholds, of the study file: ",
        asked.source,
        ". They show how a choice would hang on one, and say of none that it is right.",
    )
    thresholds = sorted(map(float, set(asked.thresholds)))
    decided = _decisions(main, thresholds, options, unit, ledger)
    curve = [acceptability(main, thresholds, options, unit, RULE, ledger)] if thresholds[-1] else []
    return [Paragraph(rule, "note"), decided, *curve]


def _headline(material: Material, found: Worth, unit: str, ledger: Ledger) -> tuple[Inline, ...]:
    assert found.main is not None
    programme, control = (material.arm_name(code) for code in (material.arms.programme, material.arms.control))
    cost, effect = found.main.cost.value, found.main.effect.value
    size = {
        "cost": ledger.money("worth.cost.size", abs(cost), whole=True),
        "effect": ledger.decimal("worth.effect.size", abs(effect)),
    }
    turned = "" if found.answer.estimand.direction == "higher" else ", turned so that more is better"
    text = (
        f"A family of the {programme} group cost {{cost}} {'more' if cost >= 0 else 'less'} than one of the {control} "
        f"group, and was {{effect}} {unit}s {'better' if effect >= 0 else 'worse'} off "
        f"({found.answer.name.lower()}{turned})."
    )
    how = (
        " Missing outcomes are imputed by group, from baseline, site and cost."
        if found.imputed
        else " Families whose outcome is missing are left out."
    )
    return *ledger.woven(text, **size), how, *((f" {DUMMY}.",) if material.dummy else ())


def _ratio(main: Joint, programme: str, unit: str, ledger: Ledger) -> tuple[Inline, ...]:
    number = _ratio_number(main, ledger)
    return ledger.woven(SAID[main.ratio.label], programme=programme, unit=unit, ratio=number)


def _ratio_number(main: Joint, ledger: Ledger) -> Number:
    if main.ratio.value is None:
        return ledger.put("worth.ratio", None, f"none: {main.ratio.label}")
    return ledger.money("worth.ratio", main.ratio.value, whole=True)


def _both(found: Worth, unit: str, ledger: Ledger) -> Table:
    assert found.main is not None
    rows = (
        ("Difference in cost", *_estimate("worth.cost", found.main.cost, ledger, money=True)),
        (f"Difference in effect ({unit}s)", *_estimate("worth.effect", found.main.effect, ledger)),
        (f"Cost of each {unit}", _ratio_number(found.main, ledger), "see the plane", ""),
    )
    columns = (Column("A family of the programme, against one of the other group", False), Column("Value"), *ENDS)
    note = (
        "Seemingly unrelated regressions of cost on group and site, and of effect on group, site and baseline, with "
        "families as independent of one another. What is shared evenly adds nothing to the limits of cost."
    )
    return Table("joint-table", "Cost and effect, estimated together", columns, rows, (note,))


def _estimate(id_: str, own: Estimate, ledger: Ledger, *, money: bool = False) -> tuple[Inline, ...]:
    ends = {"": own.value, ".low": own.low, ".high": own.high}
    return tuple(
        ledger.money(id_ + end, value, whole=True) if money else ledger.decimal(id_ + end, value)
        for end, value in ends.items()
    )


def _decisions(main: Joint, thresholds: list[float], options: tuple[str, str], unit: str, ledger: Ledger) -> Table:
    choices = [one for one in decision(main, thresholds).choices if one.option == "1"]
    rows = tuple(_decided(one, options, ledger) for one in choices)
    columns = (
        Column(f"One {unit} is worth", False),
        Column(f"Net benefit of {options[1]}"),
        *ENDS,
        Column("Highest", False),
        Column("Worth of certainty, a family"),
    )
    note = (
        f"Net benefit: what the effect is worth, less what it cost, against {options[0]}. Worth of certainty: the expected "
        "value of perfect information."
    )
    return Table("decision-table", "Net benefit of a family, by what its effect might be worth", columns, rows, (note,))


def _decided(one: Choice, options: tuple[str, str], ledger: Ledger) -> tuple[Inline, ...]:
    id_ = f"worth.at.{one.threshold:g}"
    ends = [
        ledger.money(f"{id_}.inmb{end}", value, whole=True)
        for end, value in (("", one.inmb), (".low", one.low), (".high", one.high))
    ]
    return (
        ledger.money(f"{id_}.threshold", one.threshold, whole=True),
        *ends,
        options[int(one.best)],
        ledger.money(f"{id_}.evpi", one.evpi),
    )


def _besides(found: Worth, unit: str, ledger: Ledger) -> Table:
    """The same differences by other roads: how much hangs on the choice."""
    rows: list[tuple[Inline, ...]] = []
    if found.imputed and found.complete is not None:
        rows.append(
            (
                "Only families whose outcome is known",
                *_estimate("worth.complete.cost", found.complete.cost, ledger, money=True),
                *_estimate("worth.complete.effect", found.complete.effect, ledger),
            )
        )
    if found.spread is not None:
        rows += _spread(found.spread, ledger)
    columns = (Column("Analysis", False), Column("Difference in cost"), *ENDS, Column(f"In effect ({unit}s)"), *ENDS)
    return Table("worth-beside-table", "The same differences by other analyses", columns, tuple(rows))


def _spread(spread: Difference, ledger: Ledger) -> list[tuple[Inline, ...]]:
    codes = {
        "bootstrap, bias-corrected and accelerated": "bca",
        "bootstrap, percentile": "percentile",
        "gamma model, log link": "gamma",
    }
    rows: list[tuple[Inline, ...]] = []
    for method, value, low, high in spread.tidy().select("method", "value", "low", "high").iter_rows():
        own = _estimate(f"worth.{codes[method]}", Estimate(value, 0, low, high), ledger, money=True)
        rows.append((f"Cost alone: {method}", *own, "not estimated", "", ""))
    if spread.gamma_difference is None:
        rows.append(
            (
                "Cost alone: gamma model, log link",
                "no place for families that cost nothing",
                "",
                "",
                "not estimated",
                "",
                "",
            )
        )
    return rows
