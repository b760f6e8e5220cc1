"""What must not change the answer does not: the order of rows, the sites' names, which arm is called 0."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from attunement.impact import Fit, ancova, attrition, cace, ordinal, rate, risk, subgroup, time_to_event

TRIAL = pl.read_csv(Path(__file__).parents[1] / "data" / "impact" / "vigsim.csv", null_values="NA")
MODEL: dict[str, Any] = {"arm": "arm", "covariates": ["y0"], "site": "site"}
FITS: dict[str, Callable[..., Fit]] = {
    "risk": lambda data, **more: risk(data, outcome="cpp", **MODEL, **more),
    "ordinal": lambda data, **more: ordinal(data, outcome="level", **MODEL, **more),
    "poisson": lambda data, **more: rate(data, outcome="count", exposure="months", **MODEL, **more),
    "negative binomial": lambda data, **more: rate(
        data, outcome="count", exposure="months", family="negative_binomial", **MODEL, **more),
    "time": lambda data, **more: time_to_event(
        data, time="time", event="event", arm="arm", covariates=["y0"], strata="site", **more),
    "cace": lambda data, **more: cace(data, outcome="y1", dose="dose", at_least=6, **MODEL, **more),
    "subgroup": lambda data, **more: subgroup(data, outcome="y1", moderator="first", **MODEL, **more),
    "attrition": lambda data, **more: attrition(data, outcome="y1", **MODEL, **more),
}  # fmt: skip
NAMES = list(FITS)


def same(one: Fit, other: Fit, sign: float = 1, relative: float = 1e-9) -> None:
    assert other.effect.value is not None
    assert other.effect.value == pytest.approx(sign * one.effect.value, rel=relative)  # type: ignore[operator]
    assert other.effect.se == pytest.approx(one.effect.se, rel=relative)


@pytest.mark.parametrize("name", NAMES)
def test_the_order_of_rows_does_not_matter(name: str) -> None:
    same(FITS[name](TRIAL), FITS[name](TRIAL.sample(fraction=1, shuffle=True, seed=4)))


@pytest.mark.parametrize("name", NAMES)
def test_the_names_of_the_sites_do_not_matter(name: str) -> None:
    renamed = TRIAL.with_columns(pl.col("site").replace({"LA1": "Z", "LA4": "A"}))
    same(FITS[name](TRIAL), FITS[name](renamed))


@pytest.mark.parametrize("name", NAMES)
def test_calling_the_other_arm_one_turns_the_sign(name: str) -> None:
    turned = TRIAL.with_columns(arm=1 - pl.col("arm"))
    # compliers are defined by arm 1: with the arms turned, taking part is refusing to
    sign = 1 if name == "cace" else -1
    same(FITS[name](TRIAL), FITS[name](turned), sign)


@pytest.mark.parametrize("name", NAMES)
def test_labels_and_an_enum_say_the_same_as_0_and_1(name: str) -> None:
    told = FITS[name](TRIAL)
    words = TRIAL.with_columns(arm=pl.col("arm").replace_strict({0: "usual", 1: "new"}, return_dtype=pl.String))
    assert FITS[name](words, labels=("usual", "new")).effect == told.effect
    assert FITS[name](words.cast({"arm": pl.Enum(["usual", "new"])})).effect == told.effect


@pytest.mark.parametrize("name", NAMES)
def test_every_answer_can_be_printed(name: str) -> None:
    fit = FITS[name](TRIAL)
    assert fit.tidy().height == len(fit.estimates)
    assert fit.glance().height == 1
    assert fit.to_dict()["effect"]["value"] == fit.effect.value


def test_a_covariates_unit_does_not_matter() -> None:
    same(FITS["risk"](TRIAL), FITS["risk"](TRIAL.with_columns(y0=pl.col("y0") * 1e6 + 1e7)), relative=1e-7)


@settings(max_examples=25, deadline=None)
@given(seed=some.integers(0, 10_000), at_least=some.integers(1, 8))
def test_the_effect_in_compliers_is_the_effect_of_the_offer_over_the_first_stage(seed: int, at_least: int) -> None:
    chance = np.random.default_rng(seed)
    arm = np.arange(60) % 2
    dose = np.where(arm == 1, chance.integers(0, 10, 60), chance.integers(0, 2, 60))
    dose[:2] = (0, 9)
    data = pl.DataFrame({"arm": arm, "site": ["A", "B", "B"] * 20, "base": chance.normal(0, 1, 60), "dose": dose,
                         "had": (dose >= at_least) * 1.0, "y": chance.normal(0, 1, 60) + dose / 4})  # fmt: skip
    asked: dict[str, Any] = {"arm": "arm", "covariates": ["base"], "site": "site"}
    fit = cace(data, outcome="y", dose="dose", at_least=at_least, **asked)
    offered, taken = (ancova(data, outcome=name, **asked).effect.value for name in ("y", "had"))
    if fit.effect.value is not None:
        assert fit.effect.value == pytest.approx(offered / taken, rel=1e-10)  # type: ignore[operator]
        assert fit.effect.value == fit.term("itt").value / fit.term("first_stage").value  # type: ignore[operator]


def test_two_levels_are_a_logistic_regression() -> None:
    ordered = ordinal(TRIAL, outcome="cpp", **MODEL).effect
    odds = risk(TRIAL, outcome="cpp", **MODEL).term("adjusted_log_odds_ratio")
    assert (ordered.value, ordered.se) == (pytest.approx(odds.value, rel=1e-10), pytest.approx(odds.se, rel=1e-10))


def test_levels_are_an_order_and_not_numbers() -> None:
    stretched = TRIAL.with_columns(level=pl.col("level") ** 3 - 40)
    named = TRIAL.with_columns(
        level=pl.col("level").replace_strict({1: "none", 2: "some", 3: "more", 4: "much"},
                                             return_dtype=pl.Enum(["none", "some", "more", "much"])))  # fmt: skip
    told = ordinal(TRIAL, outcome="level", **MODEL).effect
    assert ordinal(stretched, outcome="level", **MODEL).effect == told
    assert ordinal(named, outcome="level", **MODEL).effect == told


def test_a_stratum_a_family_leaves_nothing_and_one_stratum_is_none() -> None:
    alone = TRIAL.with_columns(site=pl.lit("all"))
    asked: dict[str, Any] = {"time": "time", "event": "event", "arm": "arm", "covariates": ["y0"]}
    one, none = time_to_event(alone, strata="site", **asked), time_to_event(TRIAL, **asked)
    assert one.effect.value == none.effect.value
    assert one.term("log_rank").value == one.term("log_rank_stratified").value


def test_the_unit_of_time_and_of_exposure_does_not_matter() -> None:
    weeks = TRIAL.with_columns(pl.col("time") / 7, months=pl.col("months") * 30.4)
    for name in ("time", "poisson", "negative binomial"):
        same(FITS[name](TRIAL), FITS[name](weeks))
