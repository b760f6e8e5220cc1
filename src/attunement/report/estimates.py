"""Estimates as sentences, table cells and JSON: each from the same ledger entry."""

from __future__ import annotations

from typing import Any

from attunement.impact import Estimate
from attunement.report import printing
from attunement.report.effects import Answer
from attunement.report.gating import arm_numbers
from attunement.report.ledger import Ledger
from attunement.report.material import Material
from attunement.report.model import Inline, Number


def cells(answer: Answer, ledger: Ledger) -> tuple[Inline, ...]:
    """Difference, interval and p as three table cells; words where there is no estimate."""
    if answer.fit is None:
        return ("no estimate", "", "")
    value, low, high = limits(answer, ledger)
    id_, effect = f"effect.{answer.estimand.code}", answer.fit.effect
    interval = ledger.put(f"{id_}.interval", None, f"{ledger.results[low.id].text} to {ledger.results[high.id].text}")
    return value, interval, ledger.probability(f"{id_}.p", effect.p)


def limits(answer: Answer, ledger: Ledger) -> tuple[Number, Number, Number]:
    """The effect and its limits; a risk difference in percentage points."""
    assert answer.fit is not None
    id_, effect = f"effect.{answer.estimand.code}", answer.fit.effect
    shown = dict(zip(("value", "low", "high"), effect.span, strict=True))
    risk = answer.estimand.analysis == "risk_difference"
    return tuple(  # type: ignore[return-value]
        ledger.put(f"{id_}.{name}", value, printing.decimal(100 * value, 1) if risk else printing.decimal(value))
        for name, value in shown.items()
    )


def sentence(answer: Answer, material: Material, ledger: Ledger) -> tuple[Inline, ...]:
    """What was found, in plain English, with the interval and what it allows."""
    if answer.fit is None:
        return (f"{_subject(answer)}: {answer.why_not}",)
    id_, effect = f"effect.{answer.estimand.code}", answer.fit.effect
    value, low, high = limits(answer, ledger)
    found, lowest, highest = effect.span
    size = ledger.put(f"{id_}.size", abs(found), ledger.results[value.id].text.lstrip("\N{MINUS SIGN}"))
    risk = answer.estimand.analysis == "risk_difference"
    programme, control = (material.arm_name(code) for code in (material.arms.programme, material.arms.control))
    more = "higher" if found >= 0 else "lower"
    zero = (
        "inside the interval, so the data allow for none" if lowest <= 0 <= highest else "outside the interval"
    )
    return (
        f"{_subject(answer)}: the {'share' if risk else 'average'} of the {programme} group was ", size,
        f" {'percentage points' if risk else 'points'} {more} than that of the {control} group (95% confidence "
        "interval of the difference ", low, " to ", high, f"). {answer.estimand.direction.capitalize()} is better. "
        f"Zero, no difference, lies {zero}.",
    )  # fmt: skip


def _subject(answer: Answer) -> str:
    return f"{answer.estimand.variable} (post hoc)" if answer.post_hoc else answer.estimand.variable


def beside_json(answer: Answer) -> dict[str, Any]:
    """The analyses beside a model of scores, by name; nothing where the model itself is not shown."""
    if answer.fit is None:
        return {}
    fields = ("value", "se", "df", "low", "high", "p", "method")
    return {name: {field: getattr(fit.effect, field) for field in fields} for name, fit in answer.beside.items()}


def as_json(answer: Answer, material: Material, ledger: Ledger) -> dict[str, Any]:
    """One estimand's estimate as an object with value, se, df, low, high, p, n and what they mean."""
    effect, estimand = (answer.fit.effect if answer.fit else None), answer.estimand
    id_, risk = f"effect.{estimand.code}", estimand.analysis == "risk_difference"
    sides = ((material.arms.control, "control", answer.control), (material.arms.programme, "programme", answer.programme))
    return {
        "id": estimand.code,
        "role": estimand.role,
        "estimand": estimand.model_dump(mode="json"),
        **_numbers(effect, material, id_, ledger),
        "method": effect.method if effect else None,
        "missing": ledger.shown(f"{id_}.missing", answer.fit.missing) if answer.fit else None,
        "flags": [str(item) for item in answer.fit.flagged] if answer.fit else [],
        "note": answer.why_not or None,
        "post_hoc": answer.post_hoc,
        "beside": beside_json(answer),
        "standardised": None
        if answer.standardised is None
        else {**_numbers(answer.standardised, material, id_, ledger), "method": answer.standardised.method},
        "arms": {code: arm_numbers(f"{id_}.{side}", arm, risk, ledger) for code, side, arm in sides},
    }


def _numbers(estimate: Estimate | None, material: Material, id_: str, ledger: Ledger) -> dict[str, Any]:
    fields = ("term", "value", "se", "df", "low", "high", "p", "n")
    found: dict[str, Any] = {name: None if estimate is None else getattr(estimate, name) for name in fields}
    found["n_by_arm"] = None
    if estimate is not None:
        control, programme = estimate.n_by_arm
        found["n_by_arm"] = {material.arms.control: control, material.arms.programme: programme}
        if ledger.gate is not None:
            shown = ledger.gate.shown
            found["n"] = shown[f"{id_}.n"]
            found["n_by_arm"] = {material.arms.control: shown[f"{id_}.control.n"],
                                 material.arms.programme: shown[f"{id_}.programme.n"]}  # fmt: skip
    return found
