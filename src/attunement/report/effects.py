"""The study's estimands, each answered by the analysis it names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from attunement.impact import EffectSize, Estimate, Fit, Plan, plan_of, run
from attunement.impact.running import Answer as Found
from attunement.instruments import InstrumentError, Key
from attunement.instruments import load as load_key
from attunement.report.compliers import compliers
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
    """What an estimand's analysis gave, under a short `name`. Without a `fit`, `why_not` says why; with one it says
    why another analysis stands in for the planned one. `beside`: the same question by other analyses of the scores.
    `pooled_sd`: what `standardised` is divided by. `compliers`: the effect in families that took part.
    """

    estimand: Estimand
    fit: Fit | None
    standardised: Estimate | None
    control: Arm
    programme: Arm
    name: str
    why_not: str = ""
    beside: Mapping[str, Fit] = field(default_factory=dict)
    post_hoc: bool = False
    pooled_sd: float | None = None
    compliers: Mapping[str, Fit] = field(default_factory=dict)


def answers(material: Material, records: pl.DataFrame, plan: Plan | None = None) -> tuple[Answer, ...]:
    """One answer an estimand, those of the plan first. `records` has `family` and `state` of every allocated family.

    Without a `plan` the study file is the plan. What the plan lacks is answered too, and marked post hoc.
    """
    planned = plan or plan_of(material.study)
    if not any(estimand.role == "primary" for estimand in planned.estimands):
        raise ReportError("The study file names no primary estimand, so there is no primary analysis.")
    for estimand in (*planned.estimands, *material.study.estimands):
        _complete(material, estimand, records)
    if material.dummy:
        results = run(planned, material.snapshot, made_up=material.key.arm_of)
    else:
        results = run(planned, material.snapshot, arm=material.key.arm_of)
    return tuple(_answer(material, found, records) for found in results.answers)


def analysed(material: Material, estimand: Estimand, records: pl.DataFrame) -> set[str]:
    """The families that enter an estimand's analysis."""
    return set(_complete(material, estimand, records)["family"])


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


def _answer(material: Material, found: Found, records: pl.DataFrame) -> Answer:
    """The planned analysis; where that cannot be fitted to scores and the plain ANCOVA can, the ANCOVA, and it says so."""
    estimand, fit = found.estimand, found.fit
    complete = _complete(material, estimand, records)
    control, programme = _arm(complete, 0), _arm(complete, 1)
    name, why_not = _name(material, found), ""
    plain = found.beside.get("ancova")
    if (fit.failed or fit.effect.low is None) and plain is not None and not plain.failed:
        why_not = f"The planned model could not be fitted, so the analysis beside it stands here: {_fault(fit)}."
        fit = plain
    if fit.failed or fit.effect.low is None:
        why_not = _why_not(complete, f"{_fault(fit)}.")
        return Answer(estimand, None, None, control, programme, name, why_not, post_hoc=found.post_hoc)
    size = found.beside.get("effect_size")
    beside = {key: one for key, one in found.beside.items() if key not in ("effect_size", "crude") and one is not fit}
    standardised = size.adjusted if isinstance(size, EffectSize) and not size.failed else None
    beside = {key: one for key, one in beside.items() if not one.failed}
    sd = size.diagnostics["sd_pooled"] if size is not None and standardised is not None else None
    took_part = compliers(material, estimand, complete)
    return Answer(estimand, fit, standardised, control, programme, name, why_not, beside, found.post_hoc, sd, took_part)


def _name(material: Material, found: Found) -> str:
    estimand, title = found.estimand, found.estimand.code.replace("_", " ").capitalize()
    if estimand.analysis != "ancova":
        title = next((o.title for o in material.study.records.outcomes if o.code == estimand.outcome), estimand.code)
    return f"{title} (post hoc)" if found.post_hoc else title


def _complete(material: Material, estimand: Estimand, records: pl.DataFrame) -> pl.DataFrame:
    if estimand.analysis == "ancova":
        return scale_rows(material, estimand).drop_nulls(["outcome", "baseline"])
    return record_rows(material, estimand.outcome, records).drop_nulls("outcome")


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


def _fault(fit: Fit) -> str:
    return str(fit.failed or "it gives no interval")
