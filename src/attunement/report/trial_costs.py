"""Cost and effect of each family allocated, and what the trial says of both together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from attunement.cost import CostError, Costing, Difference, Joint, by_family, difference, joint
from attunement.impact import ImpactError, impute
from attunement.report.effects import Answer, record_rows, scale_rows
from attunement.report.errors import ReportError
from attunement.report.gating import TOO_FEW
from attunement.report.ledger import Ledger
from attunement.report.material import Material

SETS, SEED = 20, 20211
COLUMNS = ("own", "share", "cost")
IN_FULL = (
    "In an open report no effect from the records is taken together with cost: that stands in the report with true counts."
)


@dataclass(frozen=True)
class Worth:
    """`main`: cost and effect together; `complete`: only families whose effect is known, where the main one imputes.

    `imputed` says whether it does. Effects are turned so that more is better. Without `main`, `why_not` says why.
    """

    answer: Answer
    main: Joint | None = None
    complete: Joint | None = None
    spread: Difference | None = None
    why_not: str = ""

    @property
    def imputed(self) -> bool:
        return self.main is not None and self.main.m > 1


def family_costs(material: Material, true: Costing, shown: Costing | None) -> pl.DataFrame | None:
    """`family`, `site`, `treated`, `own`, `share`, `cost` in pounds of every family allocated; None where nobody was
    offered the programme.
    """
    had = material.deliveries
    if had is None:
        return None
    try:
        found = by_family(
            true,
            had.sessions,
            families=material.placed["family"].to_list(),
            offered=had.programme["family"].to_list(),
            shown=shown,
        )
    except CostError:
        return None
    sums = {name: [float(getattr(one, name)) for one in found] for name in COLUMNS}
    return material.placed.select("family", "site", "treated").with_columns(
        pl.Series(name, values, dtype=pl.Float64) for name, values in sums.items()
    )


def may_leave(material: Material, costs: pl.DataFrame, ledger: Ledger) -> bool:
    """May mean costs by group be shown? With a gate not where a few families alone make a group's cost, nor under a
    made-up key: its groups mix families that cost nothing and families that bear a known share, and so tell how many.
    """
    if ledger.gate is None:
        return True
    groups = [costs.filter(pl.col("treated") == arm)["cost"] for arm in (0, 1)]
    spent = [int((group > 0).sum()) for group in groups]
    few = not all(ledger.enough(group.len()) for group in groups) or any(n and not ledger.enough(n) for n in spent)
    return not (material.dummy or few)


def worth(
    material: Material, answers: Sequence[Answer], records: pl.DataFrame, costs: pl.DataFrame, ledger: Ledger
) -> Worth | None:
    """Cost and the effect that the study names, taken together; None where it names none."""
    asked = material.study.cost_analysis
    if asked is None:
        return None
    answer = next(
        (
            one
            for one in answers
            if asked.effect in (None, one.estimand.code) and (asked.effect or one.estimand.role == "primary")
        ),
        None,
    )
    if answer is None:
        raise ReportError(f"The study file takes cost together with '{asked.effect}', which is none of its estimands.")
    scored = answer.estimand.analysis == "ancova"
    if answer.fit is None:
        return Worth(answer, why_not=answer.why_not)
    if not scored and ledger.gate is not None:
        return Worth(answer, why_not=IN_FULL)
    try:
        return _fitted(_rows(material, answer, records, costs), answer, scored)
    except CostError as fault:
        return Worth(answer, why_not=TOO_FEW if ledger.gate is not None else f"No estimate: {fault}")


def _rows(material: Material, answer: Answer, records: pl.DataFrame, costs: pl.DataFrame) -> pl.DataFrame:
    """With `effect`, turned so that more is better, and for scores `baseline`; a missing baseline is the mean one."""
    estimand = answer.estimand
    scored = estimand.analysis == "ancova"
    own = scale_rows(material, estimand) if scored else record_rows(material, estimand.outcome, records)
    sign = 1.0 if estimand.direction == "higher" else -1.0
    kept = ["family", (pl.col("outcome").cast(pl.Float64) * sign).alias("effect")]
    kept += [pl.col("baseline").cast(pl.Float64)] if scored else []
    rows = costs.join(own.select(kept), on="family", how="left", maintain_order="left")
    return rows.with_columns(pl.col("baseline").fill_null(pl.col("baseline").mean())) if scored else rows


def _fitted(rows: pl.DataFrame, answer: Answer, scored: bool) -> Worth:
    sites = ["site"] if rows["site"].n_unique() > 1 else []
    covariates = [*(["baseline"] if scored else []), *sites]
    names = {"cost": "cost", "effect": "effect", "arm": "treated"}

    def together(sets: Sequence[pl.DataFrame] | None) -> Joint:
        return joint(rows, **names, covariates_cost=sites, covariates_effect=covariates, imputed=sets)

    complete, sets = together(None), None
    if scored and rows["effect"].null_count():
        try:
            sets = impute(
                rows,
                outcome="effect",
                arm="treated",
                covariates=["baseline", "cost"],
                site=sites[0] if sites else None,
                m=SETS,
                seed=SEED,
                family="family",
            ).frames
        except ImpactError:
            sets = None
    main = together(sets) if sets is not None else complete
    try:
        spread = difference(rows, cost="cost", arm="treated", site="site")
    except CostError:
        spread = None
    return Worth(answer, main, complete, spread)
