"""From a locked plan and a snapshot to every number: a dry run on dummy arms, or the real run with the key."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from attunement.impact.asked import said
from attunement.impact.errors import ImpactError
from attunement.impact.estimate import Fit
from attunement.impact.flags import Flag
from attunement.impact.linear import ancova
from attunement.impact.nested import partially_nested
from attunement.impact.numbered import numbered
from attunement.impact.plan import Plan, attributes
from attunement.impact.reallocation import randomisation_test
from attunement.impact.risk import risk
from attunement.impact.standardised import effect_size
from attunement.impact.trial import Snapshot, Trial, read
from attunement.study.schema import Estimand

log = logging.getLogger(__name__)
_TABLE = {
    "id": pl.String,
    "estimand": pl.String,
    "post_hoc": pl.Boolean,
    "analysis": pl.String,
    "term": pl.String,
    "figure": pl.String,
    "value": pl.Float64,
}


@dataclass(frozen=True)
class Answer:
    """One estimand: its main analysis, and what is shown beside it by name. `post_hoc`: not in the locked plan."""

    estimand: Estimand
    fit: Fit
    beside: Mapping[str, Fit]
    post_hoc: bool


@dataclass(frozen=True)
class Results:
    """Every answer, the plan's hash, and whether the arms are real; `log` says what was done, and holds no arm."""

    plan_sha256: str
    dummy: bool
    answers: tuple[Answer, ...]
    log: tuple[str, ...]

    def table(self) -> pl.DataFrame:
        """One row a number: id, estimand, post_hoc, analysis, term, figure, value."""
        rows = [
            (f"{a.estimand.code}.{name}.{term}.{figure}", a.estimand.code, a.post_hoc, name, term, figure, value)
            for a in self.answers for name, fit in (("main", a.fit), *a.beside.items())
            for term, figure, value in numbered(fit)
        ]  # fmt: skip
        return pl.DataFrame(rows, schema=_TABLE, orient="row")

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values: answers with their estimand's five attributes, and `numbers`, each with an id."""
        return {
            "plan_sha256": self.plan_sha256,
            "arms": "dummy" if self.dummy else "real",
            "log": list(self.log),
            "answers": [_plain(answer) for answer in self.answers],
            "numbers": self.table().to_dicts(),
        }


def run(
    plan: Plan, snapshot: Snapshot, *, arm: Mapping[str, Any] | pl.DataFrame | None = None,
    made_up: Mapping[str, Any] | None = None, replicates: int = 10_000, seed: int = 1,
) -> Results:  # fmt: skip
    """Answers every estimand of the plan, and those of the snapshot's study that are not in it, marked post hoc.

    `arm` None is the dry run: practitioners are made up, and arms too unless `made_up` has some already. The real key,
    family -> arm code or a frame of the two, enters by this argument alone; that it did is logged with its hash, never
    an arm. A score's main analysis is the partially nested model with site and baseline (Satterthwaite; where BOUNDARY
    is flagged Kenward-Roger stands beside); a record's is the risk difference by g-computation within site, of families
    whose window was complete at the extract. ImpactError for a snapshot or a key that does not fit the study.
    """
    if not isinstance(plan, Plan):
        raise ImpactError(f"run takes a plan, such as plan_of(study) gives, not {said(plan)}.")
    if not hasattr(snapshot, "frame"):
        raise ImpactError(f"run takes an opened snapshot, not {said(snapshot)}.")
    trial = read(snapshot, arm, made_up)
    how = "a dry run on dummy arms" if trial.dummy else f"the arm key entered, SHA-256 {trial.key_sha256}"
    entry = f"plan {plan.sha256}: {how}"
    log.info(entry)
    further = [estimand for estimand in trial.study.estimands if not plan.holds(estimand)]
    answers = [_answer(trial, one, post_hoc, replicates, seed)
               for group, post_hoc in ((plan.estimands, False), (further, True)) for one in group]  # fmt: skip
    return Results(plan.sha256, trial.dummy, tuple(answers), (entry,))


def _answer(trial: Trial, estimand: Estimand, post_hoc: bool, replicates: int, seed: int) -> Answer:
    rows = trial.rows(estimand)
    if estimand.analysis != "ancova":
        fit = risk(rows, outcome="outcome", arm="arm", site="site")
        crude = risk(rows, outcome="outcome", arm="arm")
        return Answer(estimand, fit, {"crude": crude}, post_hoc)
    model: dict[str, Any] = {"outcome": "outcome", "arm": "arm", "covariates": ["baseline"], "site": "site"}
    fit = partially_nested(rows, practitioner="practitioner", **model)
    beside = {
        "ancova": ancova(rows, **model),
        "cr2": ancova(rows, se="cr2", cluster="practitioner", **model),
        "effect_size": effect_size(rows, **model),
        "randomisation": randomisation_test(
            rows, scheme=_scheme(trial), arrival="came", stratum=_stratum(trial), replicates=replicates, seed=seed, **model
        ),
    }
    if Flag.BOUNDARY in fit.flags:
        beside["kenward_roger"] = partially_nested(rows, practitioner="practitioner", df="kenward_roger", **model)
    return Answer(estimand, fit, beside, post_hoc)


def _scheme(trial: Trial) -> str:
    return trial.study.allocation.scheme


def _stratum(trial: Trial) -> str | None:
    return "site" if "site" in trial.study.allocation.strata else None


def _plain(answer: Answer) -> dict[str, Any]:
    one = answer.estimand
    return {
        "id": one.code, "role": one.role, "post_hoc": answer.post_hoc, "direction": one.direction,
        "estimand": dict(attributes(one)), "main": answer.fit.to_dict(),
        "beside": {name: fit.to_dict() for name, fit in answer.beside.items()},
    }  # fmt: skip
