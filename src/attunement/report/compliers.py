"""The main effect in families that took part when offered: at least one session, or the planned number of them."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from attunement.impact import Fit, cace
from attunement.report.ledger import Ledger
from attunement.report.material import Deliveries, Material
from attunement.study.schema import Estimand

TOOK_PART = {"started": "started_of_offered", "planned": "planned_sessions_or_more"}
"""What counts as having taken part, and the indicator that says how many did."""


def compliers(material: Material, estimand: Estimand, rows: pl.DataFrame) -> dict[str, Fit]:
    """By a key of TOOK_PART the complier average causal effect on `rows` (family, site, treated, outcome, baseline).

    Two-stage least squares with baseline and site, HC2 (`impact.cace`); empty while the arm key or delivery is
    withheld, for other outcomes than a primary score, and where it cannot be had.
    """
    had = material.deliveries
    if had is None or material.dummy or estimand.role != "primary" or estimand.analysis != "ancova":
        return {}
    data = rows.join(sessions_held(had), on="family", how="left").with_columns(pl.col("sessions").fill_null(0))
    found = {}
    for name, least in (("started", 1), ("planned", len(material.study.delivery.sessions))):
        fit = cace(data, outcome="outcome", arm="treated", dose="sessions", at_least=least, covariates=["baseline"],
                   site="site", se="hc2")  # fmt: skip
        if not fit.failed:
            found[name] = fit
    return found


def sessions_held(had: Deliveries) -> pl.DataFrame:
    """`family`, `sessions`: how many each family had; a family without one has no row."""
    return had.sessions.filter(pl.col("state") == "held").group_by("family").agg(sessions=pl.len().cast(pl.Int64))


def as_may_leave(found: dict[str, Fit], plain: Fit | None, ledger: Ledger) -> dict[str, Fit]:
    """With a gate the ratio of two results that leave anyway: the effect in all families by `plain`, over the share that
    took part, of the counts shown (Bloom 1984, Evaluation Review 8:225). An exact estimate beside the effect in all
    families would tell exactly how many took part.
    """
    if ledger.gate is None:
        return found
    made = {}
    for name, fit in found.items():
        part, whole = (ledger.gate.shown.get(f"process.{TOOK_PART[name]}.{end}") for end in ("numerator", "denominator"))
        if plain is None or plain.effect.value is None or not part or not whole:
            continue
        value, low, high = (None if figure is None else round(figure, 2) * whole / part
                            for figure in (plain.effect.value, plain.effect.low, plain.effect.high))  # fmt: skip
        made[name] = replace(fit, effect=replace(plain.effect, value=value, low=low, high=high, se=None))
    return made
