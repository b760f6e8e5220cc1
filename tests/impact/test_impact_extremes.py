"""Data at their limits: every door answers with a flag and a reason, or with one sentence."""

from collections.abc import Callable
from math import inf
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from attunement.impact import (
    Fit,
    Flag,
    ImpactError,
    Survival,
    attrition,
    balance,
    cace,
    kaplan_meier,
    ordinal,
    rate,
    risk,
    subgroup,
    time_to_event,
)

TRIAL = pl.read_csv(Path(__file__).parents[1] / "data" / "impact" / "vigsim.csv", null_values="NA")
MODEL: dict[str, Any] = {"arm": "arm", "covariates": ["y0"], "site": "site"}
OUTCOMES = ("cpp", "level", "count", "event", "time", "y1", "dose")
DOORS: dict[str, Callable[[pl.DataFrame], Fit]] = {
    "risk": lambda data: risk(data, outcome="cpp", **MODEL),
    "ordinal": lambda data: ordinal(data, outcome="level", **MODEL),
    "poisson": lambda data: rate(data, outcome="count", exposure="months", **MODEL),
    "negative binomial": lambda data: rate(
        data, outcome="count", exposure="months", family="negative_binomial", **MODEL
    ),
    "time": lambda data: time_to_event(data, time="time", event="event", arm="arm", covariates=["y0"], strata="site"),
    "cace": lambda data: cace(data, outcome="y1", dose="dose", at_least=6, **MODEL),
    "subgroup": lambda data: subgroup(data, outcome="y1", moderator="first", **MODEL),
    "attrition": lambda data: attrition(data, outcome="y1", **MODEL),
}


def every(value: Any) -> pl.DataFrame:
    return TRIAL.with_columns(pl.lit(value).alias(name) for name in OUTCOMES)


@pytest.mark.parametrize("name", DOORS)
@pytest.mark.parametrize("families", [0, 1])
def test_nobody_and_one_family_are_no_result_with_a_reason(name: str, families: int) -> None:
    fit = DOORS[name](TRIAL.head(families))
    assert (fit.effect.value, fit.flags) == (None, (Flag.SMALL_CELL,))
    assert "no family" in str(fit.failed)


@pytest.mark.parametrize("name", DOORS)
@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (every(inf), "holds an infinite value"),
        (every("many"), "holds text, and numbers are needed"),
        (TRIAL.vstack(TRIAL.head(1)), "the same family in more than one row"),
        (TRIAL.with_columns(arm=pl.int_range(pl.len()) % 3), "other values than 0 and 1"),
        (TRIAL.with_columns(arm=pl.lit(None, dtype=pl.Int64)), "every family has an arm"),
        (TRIAL.drop("y0"), "no column 'y0'"),
    ],
)
def test_faulty_data_stop_at_the_door(name: str, data: pl.DataFrame, sentence: str) -> None:
    with pytest.raises(ImpactError, match=sentence):
        DOORS[name](data)


@pytest.mark.parametrize("name", DOORS)
def test_no_outcome_known_is_missing_and_no_difference_is_constant(name: str) -> None:
    nobody = DOORS[name](every(None).cast(dict.fromkeys(OUTCOMES, pl.Float64)))
    alike = DOORS[name](every(0))
    if name == "attrition":
        assert (nobody.effect.value, alike.effect.value) == (0, 0)
        return
    assert (nobody.effect.value, nobody.flags) == (None, (Flag.MISSING,))
    assert Flag.CONSTANT in alike.flags
    assert alike.effect.value == (0 if name == "risk" else None)


@pytest.mark.parametrize("name", DOORS)
def test_an_arm_that_is_missing_in_a_site_is_told_and_the_rest_answers(name: str) -> None:
    fit = DOORS[name](TRIAL.filter(~((pl.col("site") == "LA1") & (pl.col("arm") == 1))))
    assert fit.effect.value is not None
    assert Flag.SMALL_CELL in fit.flags


@pytest.mark.parametrize("name", [name for name in DOORS if name != "attrition"])
def test_a_whole_site_without_outcomes_is_told_and_the_rest_answers(name: str) -> None:
    lost = TRIAL.with_columns(pl.when(pl.col("site") != "LA1").then(name_).alias(name_) for name_ in OUTCOMES)
    rest = TRIAL.filter(pl.col("site") != "LA1")
    fit = DOORS[name](lost)
    assert Flag.MISSING in fit.flags
    assert fit.effect.value == pytest.approx(DOORS[name](rest).effect.value, rel=1e-9)


@pytest.mark.parametrize("site", ["LA1", "LA3"])
def test_a_site_without_events_is_separated_and_the_arms_effect_stands(site: str) -> None:
    none = TRIAL.with_columns(
        pl.when(site=site).then(0).otherwise(name).alias(name) for name in ("cpp", "count", "event")
    )
    others = none.filter(pl.col("site") != site)
    for name in ("poisson", "negative binomial", "time"):
        assert DOORS[name](none).effect.value == pytest.approx(DOORS[name](others).effect.value, rel=1e-8), name
    adjusted = DOORS["risk"](none)
    assert Flag.SEPARATION in adjusted.flags
    assert Flag.SEPARATION in DOORS["poisson"](none).flags
    odds = "adjusted_log_odds_ratio"
    assert adjusted.term(odds).value == pytest.approx(DOORS["risk"](others).term(odds).value, rel=1e-8)
    assert adjusted.term(odds).se == pytest.approx(DOORS["risk"](others).term(odds).se, rel=1e-8)


def test_events_in_one_arm_only_leave_the_crude_difference() -> None:
    fit = DOORS["risk"](TRIAL.with_columns(cpp=pl.col("cpp") * pl.col("arm")))
    assert set(fit.flags) == {Flag.SMALL_CELL, Flag.SEPARATION}
    assert fit.effect is fit.term("risk_difference")
    assert fit.effect.low < fit.effect.value < fit.effect.high  # type: ignore[operator]
    assert fit.term("log_risk_ratio").value is None


@pytest.mark.parametrize("name", ["ordinal", "poisson", "negative binomial", "time"])
def test_an_outcome_that_is_the_arm_is_separated(name: str) -> None:
    fit = DOORS[name](TRIAL.with_columns(level="arm", count="arm", event="arm"))
    assert fit.effect.value is None
    assert Flag.SEPARATION in fit.flags
    if name == "time":
        assert isinstance(fit, Survival)
        assert fit.term("log_rank").p < 1e-9  # type: ignore[operator]
        assert fit.curves.height > 100


def test_a_covariate_that_decides_the_outcome_leaves_the_crude_difference() -> None:
    fit = DOORS["risk"](TRIAL.with_columns(cpp=(pl.col("y0") > 30).cast(pl.Int8)))
    assert Flag.SEPARATION in fit.flags
    assert fit.effect.method.startswith("crude")


def test_exposure_of_zero_is_left_out_without_events_and_refused_with_them() -> None:
    first = pl.int_range(pl.len()) < 3
    none = TRIAL.with_columns(months=pl.when(first).then(0.0).otherwise("months"))
    with pytest.raises(ImpactError, match="without any 'months'") as refused:
        DOORS["poisson"](none)
    assert refused.value.flag is Flag.EXPOSURE
    fit = DOORS["poisson"](none.with_columns(count=pl.when(first).then(0).otherwise("count")))
    assert Flag.EXPOSURE in fit.flags
    assert fit.effect.value == pytest.approx(DOORS["poisson"](TRIAL[3:]).effect.value, rel=1e-12)
    with pytest.raises(ImpactError, match="negative exposure"):
        DOORS["poisson"](TRIAL.with_columns(months=-pl.col("months")))
    with pytest.raises(ImpactError, match="no count"):
        DOORS["poisson"](TRIAL.with_columns(count=pl.col("count") + 0.5))


def test_counts_no_more_spread_than_poisson_say_so() -> None:
    even = TRIAL.with_columns(count=pl.int_range(pl.len()) % 2 + 1, months=6.0)
    fit = DOORS["negative binomial"](even)
    assert Flag.BOUNDARY in fit.flags
    assert fit.effect.value == DOORS["poisson"](even).effect.value
    assert "Poisson" in fit.effect.method


def test_an_arm_that_moves_no_dose_is_no_instrument() -> None:
    assert DOORS["cace"](TRIAL.with_columns(dose=8)).flags == (Flag.WEAK_INSTRUMENT,)
    chance = np.random.default_rng(1).integers(0, 12, TRIAL.height)
    fit = DOORS["cace"](TRIAL.with_columns(dose=pl.Series(chance)))
    assert Flag.WEAK_INSTRUMENT in fit.flags
    assert fit.diagnostics["first_stage_f"] < 10


def test_a_control_family_without_a_dose_had_none() -> None:
    empty = TRIAL.with_columns(dose=pl.when(arm=0).then(None).otherwise("dose"))
    zero = TRIAL.with_columns(dose=pl.when(arm=0).then(0).otherwise("dose"))
    assert DOORS["cace"](empty).effect == DOORS["cace"](zero).effect


def test_a_subgroup_with_one_arm_has_no_effect_within() -> None:
    data = TRIAL.with_columns(
        kind=pl.when(site="LA1", arm=1).then(pl.lit("a")).otherwise(pl.lit("b") + pl.col("first").cast(pl.String))
    )
    fit = subgroup(data, outcome="y1", moderator="kind", **MODEL)
    assert [e.term for e in fit.estimates] == ["arm:kind = b1", "arm | kind = b0", "arm | kind = b1"]
    assert Flag.SMALL_CELL in fit.flags
    assert subgroup(data.with_columns(kind=pl.lit("x")), outcome="y1", moderator="kind", **MODEL).flags == (
        Flag.CONSTANT,
    )


def test_a_moderator_may_be_the_site_or_a_quantity() -> None:
    sites = subgroup(TRIAL, outcome="y1", moderator="site", **MODEL)
    assert len(sites.estimates) == 3 + 4
    assert sites.diagnostics["interaction_df"] == 3
    slope = subgroup(TRIAL, outcome="y1", moderator="y0", **MODEL)
    assert [e.term.split(" = ")[0] for e in slope.estimates] == ["arm:y0", *["arm | y0"] * 3]


def test_everybody_or_nobody_lost_has_shares_and_no_pattern() -> None:
    fit = DOORS["attrition"](TRIAL.with_columns(y1=1.0))
    assert (fit.effect.value, fit.term("overall").value) == (0, 0)
    assert Flag.CONSTANT in fit.flags
    assert fit.effect.low < 0 < fit.effect.high  # type: ignore[operator]


def test_balance_counts_labels_and_keeps_silent_where_nothing_varies() -> None:
    table = balance(TRIAL.with_columns(same=1), arm="arm", covariates=["site", "same"])
    assert table["covariate"].to_list() == ["site = LA1", "site = LA2", "site = LA3", "site = LA4", "same"]
    assert table["difference"].to_list()[-1] is None
    assert table["mean0"][:4].sum() == pytest.approx(1)
    assert "p" not in table.columns


def test_the_curve_steps_down_to_nobody() -> None:
    data = pl.DataFrame({"arm": [0, 0, 0, 1], "time": [1, 2, 3, 5], "event": [1, 0, 1, 0]})
    curve = kaplan_meier(data, time="time", event="event", arm="arm").filter(pl.col("arm") == 0)
    assert curve["survival"].to_list() == pytest.approx([1, 2 / 3, 2 / 3, 0])
    assert curve["at_risk"].to_list() == [3, 3, 2, 1]
    assert curve["low"][-1] is None
    with pytest.raises(ImpactError, match="negative time"):
        kaplan_meier(data.with_columns(time=-pl.col("time")), time="time", event="event", arm="arm")
