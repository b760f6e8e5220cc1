"""What is computed again from the counts that may leave, so that it tells no more than they do."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from attunement.cost import Costing, costing
from attunement.impact import Fit, ImpactError, risk
from attunement.report.arms import Pair
from attunement.report.effects import Answer, Arm
from attunement.report.ledger import Ledger
from attunement.study import Study

TOO_FEW = "No estimate is shown: too few families stand behind it."
TOO_NEAR = "No estimate is shown: it rests on nearly the same families as one in an earlier report."
STANDS_IN = "The planned model could not be fitted, so the analysis beside it stands here."
KEPT = "those who run the trial know how many"


def learn(answers: tuple[Answer, ...], costs: Costing | None, arms: Pair, ledger: Ledger) -> None:
    """Tells the ledger of the counts behind the estimates and the costs, before it decides.

    A model's degrees of freedom give its number of families away: that number leaves as it is, and the gate reckons
    with it.
    """
    for answer in answers:
        id_ = f"effect.{answer.estimand.code}"
        if answer.fit is not None:
            effect = answer.fit.effect
            ledger.shown(f"{id_}.n", effect.n)
            ledger.shown(f"{id_}.missing", answer.fit.missing)
            ledger.adds_up(f"{id_}.n", f"{id_}.control.n", f"{id_}.programme.n")
            if effect.df is not None:
                ledger.given_away.add(f"{id_}.n")
        for side, arm, code in (("control", answer.control, arms.control), ("programme", answer.programme, arms.programme)):
            ledger.shown(f"{id_}.{side}.n", arm.families)
            ledger.adds_up(f"flow.{code}.allocated", f"{id_}.{side}.n")
            if answer.estimand.role == "primary" and answer.fit is not None:
                ledger.adds_up(f"flow.{code}.analysed", f"{id_}.{side}.n")
    if costs is not None:
        had = costs.delivered
        ledger.shown("cost.sessions", had.sessions)
        ledger.adds_up("cost.families_offered", "cost.families_started")
        ledger.adds_up("cost.families_started", "cost.families_completed")


def answered(answers: tuple[Answer, ...], ledger: Ledger) -> tuple[Answer, ...]:
    """The answers as they may leave: risk differences from the counts shown, means where enough families are there."""
    return answers if ledger.gate is None else tuple(_answer(answer, ledger) for answer in answers)


def costed(study: Study, costs: Costing | None, ledger: Ledger) -> Costing | None:
    """The costing of the quantities shown; None where a count that it rests on is hidden."""
    if costs is None or ledger.gate is None:
        return costs
    had = costs.delivered
    offered = ledger.shown("cost.families_offered", had.offered)
    started = ledger.shown("cost.families_started", had.started)
    completed = ledger.shown("cost.families_completed", had.completed)
    sessions = ledger.shown("cost.sessions", had.sessions)
    if offered is None or started is None or completed is None or sessions is None:
        return None
    return costing(study, replace(had, offered=offered, started=started, completed=completed, sessions=sessions))


def _answer(answer: Answer, ledger: Ledger) -> Answer:
    few = min(answer.control.families, answer.programme.families)
    if answer.fit is None:
        digits = any(character.isdigit() for character in answer.why_not)
        return replace(answer, why_not=TOO_FEW if digits else answer.why_not)
    if answer.estimand.analysis == "risk_difference":
        return _risks(answer, ledger)
    if not ledger.enough(few):
        return replace(answer, fit=None, standardised=None, why_not=TOO_FEW)
    if ledger.gate is not None and f"effect.{answer.estimand.code}.n" in ledger.gate.withheld:
        return replace(answer, fit=None, standardised=None, why_not=TOO_NEAR)
    return replace(answer, fit=_quiet(answer.fit), why_not=STANDS_IN if answer.why_not else "")


def _quiet(fit: Fit) -> Fit:
    """Without the reasons of flags that tell how many."""
    told = (replace(one, reason=KEPT) if any(map(str.isdigit, one.reason)) else one for one in fit.flagged)
    return replace(fit, flagged=tuple(told))


def _risks(answer: Answer, ledger: Ledger) -> Answer:
    assert ledger.gate is not None
    rows = []
    for side, treated in (("control", 0), ("programme", 1)):
        stem = f"effect.{answer.estimand.code}.{side}"
        yes, n = ledger.gate.shown.get(stem), ledger.gate.shown.get(f"{stem}.n")
        if yes is None or n is None:
            return replace(answer, fit=None, why_not=TOO_FEW)
        rows += [(treated, int(place < yes)) for place in range(max(n, yes))]
    data = pl.DataFrame(rows, schema=["treated", "outcome"], orient="row")
    try:
        fit = risk(data, outcome="outcome", arm="treated")
    except ImpactError:
        return replace(answer, fit=None, why_not=TOO_FEW)
    if fit.failed:
        return replace(answer, fit=None, why_not=TOO_FEW)
    assert answer.fit is not None
    return replace(answer, fit=replace(fit, diagnostics=dict(answer.fit.diagnostics)))


def arm_numbers(id_: str, arm: Arm, risk: bool, ledger: Ledger) -> dict[str, float | int | None]:
    """An arm's unadjusted figures for the results file, as far as they may leave."""
    n = ledger.shown(f"{id_}.n", arm.families)
    if ledger.gate is None:
        return {"n": n, "mean": arm.mean, "sd": arm.sd, "baseline_mean": arm.baseline}
    if risk:
        yes = ledger.gate.shown.get(id_)
        return {"n": n, "mean": ledger.ratio(yes, n, None), "sd": None, "baseline_mean": None}
    if not ledger.enough(arm.families):
        return {"n": n, "mean": None, "sd": None, "baseline_mean": None}
    means = {"mean": arm.mean, "sd": arm.sd, "baseline_mean": arm.baseline}
    return {"n": n, **{name: ledger.coarse(value) for name, value in means.items()}}
