"""The study's estimands, each answered by the analysis it names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from attunement.impact import Estimate, Fit, ImpactError, ancova, effect_size, risk
from attunement.instruments import InstrumentError, Key
from attunement.instruments import load as load_key
from attunement.report.errors import ReportError
from attunement.report.material import Material
from attunement.study.schema import Estimand


@dataclass(frozen=True)
class Arm:
    """One arm's unadjusted figures: `families` with the outcome known, their mean (or share), SD, baseline mean."""

    families: int
    mean: float | None
    sd: float | None
    baseline: float | None


@dataclass(frozen=True)
class Answer:
    """What an estimand's analysis gave, under a short `name`. Without a `fit`, `why_not` says why."""

    estimand: Estimand
    fit: Fit | None
    standardised: Estimate | None
    control: Arm
    programme: Arm
    name: str
    why_not: str = ""


def answers(material: Material, records: pl.DataFrame) -> tuple[Answer, ...]:
    """One answer an estimand, in the study's order. `records` has `family` and `state` of every allocated family."""
    found = []
    for estimand in material.study.estimands:
        if estimand.analysis == "ancova":
            found.append(_scale(material, estimand))
        else:
            found.append(_record(material, estimand, records))
    if not any(answer.estimand.role == "primary" for answer in found):
        raise ReportError("The study file names no primary estimand, so there is no primary analysis.")
    return tuple(found)


def analysed(material: Material, estimand: Estimand, records: pl.DataFrame) -> set[str]:
    """The families that enter an estimand's analysis."""
    if estimand.analysis == "ancova":
        rows = scale_rows(material, estimand).drop_nulls(["outcome", "baseline"])
    else:
        rows = record_rows(material, estimand.outcome, records).drop_nulls("outcome")
    return set(rows["family"])


def scale_rows(material: Material, estimand: Estimand) -> pl.DataFrame:
    """`family`, `site`, `treated`, `outcome`, `baseline` of every allocated family; missing is null."""
    instrument, scale = scale_of(material, estimand.outcome)
    first = next((point.code for point in material.study.time_points if point.months_after is None), None)
    if estimand.time_point is None or first is None:
        raise ReportError(f"The estimand '{estimand.code}' needs a time point after a baseline.")
    rows = material.placed.select("family", "trial_number", "site", "treated")
    own = material.scores.filter((pl.col("instrument") == instrument) & (pl.col("scale") == scale))
    for name, point in (("outcome", estimand.time_point), ("baseline", first)):
        values = own.filter(pl.col("time_point") == point).select("trial_number", pl.col("value").alias(name))
        rows = rows.join(values, on="trial_number", how="left", maintain_order="left")
    return rows.with_columns(pl.col("outcome", "baseline").fill_nan(None))


def record_rows(material: Material, outcome: str, records: pl.DataFrame) -> pl.DataFrame:
    """`family`, `treated`, `outcome` of every allocated family; null unless its record was found in time."""
    if outcome not in material.outcomes.columns:
        raise ReportError(f"blind/outcomes lacks the outcome '{outcome}'.")
    values = material.outcomes.select("trial_number", outcome=pl.col(outcome))
    return (
        material.placed.select("family", "trial_number", "treated")
        .join(values, on="trial_number", how="left", maintain_order="left")
        .join(records, on="family", how="left", maintain_order="left")
        .with_columns(outcome=pl.when(pl.col("state") == "found").then("outcome"))
    )


def scale_of(material: Material, outcome: str) -> tuple[str, str]:
    """Instrument and scale of an estimand's `outcome`: `slug` of an instrument with one scale, or `slug.scale`."""
    instrument, _, scale = outcome.partition(".")
    if scale:
        return instrument, scale
    key = instrument_key(instrument)
    scales = set(material.scores.filter(pl.col("instrument") == instrument)["scale"])
    named = [scale.name for scale in key.scales] if key is not None else sorted(scales)
    if len(named) != 1:
        raise ReportError(f"The outcome '{outcome}' has {len(named)} scales: write it as instrument.scale.")
    return instrument, named[0]


def instrument_key(slug: str) -> Key | None:
    """The key file of an instrument that ships with Attunement; None for another."""
    try:
        return load_key(slug)
    except InstrumentError:
        return None


def _scale(material: Material, estimand: Estimand) -> Answer:
    rows = scale_rows(material, estimand)
    complete = rows.drop_nulls(["outcome", "baseline"])
    control, programme = _arms(complete)
    name = estimand.code.replace("_", " ").capitalize()
    try:
        wanted = {"outcome": "outcome", "arm": "treated", "covariates": ("baseline",), "site": "site"}
        fit = ancova(rows, **wanted)  # type: ignore[arg-type]
        size = effect_size(rows, **wanted)  # type: ignore[arg-type]
    except ImpactError as fault:
        return Answer(estimand, None, None, control, programme, name, _why_not(complete, str(fault)))
    if fit.failed:
        return Answer(estimand, None, None, control, programme, name, _why_not(complete, f"{fit.failed}."))
    return Answer(estimand, fit, None if size.failed else size.adjusted, control, programme, name)


def _record(material: Material, estimand: Estimand, records: pl.DataFrame) -> Answer:
    rows = record_rows(material, estimand.outcome, records)
    complete = rows.drop_nulls("outcome")
    control, programme = _arms(complete)
    name = next((o.title for o in material.study.records.outcomes if o.code == estimand.outcome), estimand.code)
    try:
        fit = risk(rows, outcome="outcome", arm="treated")
    except ImpactError as fault:
        return Answer(estimand, None, None, control, programme, name, _why_not(complete, str(fault)))
    if fit.failed:
        return Answer(estimand, None, None, control, programme, name, _why_not(complete, f"{fit.failed}."))
    return Answer(estimand, fit, None, control, programme, name)


def _arms(complete: pl.DataFrame) -> tuple[Arm, Arm]:
    return _arm(complete, 0), _arm(complete, 1)


def _arm(complete: pl.DataFrame, treated: int) -> Arm:
    own = complete.filter(pl.col("treated") == treated)
    outcome = own["outcome"].cast(pl.Float64)
    baseline = own["baseline"] if "baseline" in own.columns else pl.Series([], dtype=pl.Float64)
    return Arm(own.height, _mean(outcome), _sd(outcome), _mean(baseline))


def _mean(values: pl.Series) -> float | None:
    return sum(values) / values.len() if values.len() else None


def _sd(values: pl.Series) -> float | None:
    middle = _mean(values)
    if middle is None or values.len() < 2:
        return None
    return float((sum((value - middle) ** 2 for value in values) / (values.len() - 1)) ** 0.5)


def _why_not(complete: pl.DataFrame, fault: str) -> str:
    counts: Sequence[int] = [complete.filter(pl.col("treated") == arm).height for arm in (0, 1)]
    if min(counts) == 0:
        return "No estimate: the outcome is not yet known for any family of one arm."
    return f"No estimate: {fault}"
