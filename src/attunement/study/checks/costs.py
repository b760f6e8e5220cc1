"""Prices and their ranges; the effect that cost is held against, and what a unit of it might be worth."""

from __future__ import annotations

from collections.abc import Iterator

from attunement.study.english import listed
from attunement.study.findings import Place, Remark
from attunement.study.schema import CostCategory, Study


def remarks(study: Study) -> Iterator[Remark]:
    for index, category in enumerate(study.costs):
        yield from _range(index, category)
    yield from _worth(study)


def _range(index: int, category: CostCategory) -> Iterator[Remark]:
    low, high, place = category.low_pence, category.high_pence, ("costs", index)
    if (low is None) != (high is None):
        yield Remark(
            "problem", place, f"{category.code} has one end of a range: give low_pence and high_pence, or neither."
        )
    elif low is not None and high is not None and not low <= category.unit_cost_pence <= high:
        text = (
            f"The unit cost of {category.code}, {category.unit_cost_pence} pence, does not lie between its low_pence "
            f"and its high_pence, {low} and {high}."
        )
        yield Remark("problem", place, text)


def _worth(study: Study) -> Iterator[Remark]:
    asked = study.cost_analysis
    if asked is None:
        return
    place: Place = ("cost_analysis",)
    known = {estimand.code: estimand for estimand in study.estimands}
    primary = next((estimand for estimand in study.estimands if estimand.role == "primary"), None)
    effect = known.get(asked.effect) if asked.effect is not None else primary
    if asked.effect is not None and effect is None:
        yield Remark(
            "problem", (*place, "effect"), f"{asked.effect} is no estimand of this study; there are {listed(known)}."
        )
    if not study.costs:
        yield Remark("problem", place, "Cost and effect cannot be taken together: the study has no costs.")
    if not asked.thresholds:
        text = "Cost and effect are taken together, and no threshold is named: nothing can be said of a choice."
        yield Remark("problem", (*place, "thresholds"), text)
    if list(asked.thresholds) != sorted(set(asked.thresholds)):
        yield Remark("problem", (*place, "thresholds"), "The thresholds must rise, and each stand once.")
    if asked.thresholds and effect is not None and effect.analysis == "ancova":
        text = (
            f"No threshold is accepted for a point of {effect.outcome}: the thresholds show how a choice would hang on "
            "one, and say of none that it is right."
        )
        yield Remark("note", (*place, "thresholds"), text)
