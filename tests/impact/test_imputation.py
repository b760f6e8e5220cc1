"""Multiple imputation: held to the expectation over all draws, to R's pooling, and to what must not change."""

import json
from math import sqrt
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from attunement.impact import (
    Estimate,
    Flag,
    ImpactError,
    ancova,
    delta,
    impute,
    pool,
    reference_based,
    tipping_point,
)

DATA = Path(__file__).parents[1] / "data" / "impact"
FITS = {name: fit["values"] for name, fit in json.loads((DATA / "r_fits.json").read_text())["fits"].items()}
TRIAL = pl.read_csv(DATA / "vigsim.csv", null_values="NA")
MODEL: dict[str, Any] = {"outcome": "y1", "arm": "arm", "covariates": ["y0"], "site": "site"}
MANY = 4000


def made(values: list[float], variances: list[float]) -> list[Estimate]:
    return [Estimate("arm", "mean", value, sqrt(variance)) for value, variance in zip(values, variances, strict=True)]


@pytest.mark.parametrize("outcome", ["y1", "y2", "y3", "y5"])
def test_pooling_is_rs(outcome: str) -> None:
    expected = FITS[f"mi_pool_{outcome}"]
    told = pool(made(expected["estimates"], expected["variances"]), complete_df=expected["complete_df"])
    for name in ("value", "se", "df", "p"):
        assert getattr(told, name) == pytest.approx(expected[name], rel=1e-9), name
    for name in ("within", "between", "total"):
        assert told.extras[name] == pytest.approx(expected[name], rel=1e-9), name


def test_the_share_of_missing_information_is_mices() -> None:
    expected = FITS["mi_pool_scalar"]
    told = pool(made([1.2, 0.8, 1.5, 1.1, 0.9], [0.3, 0.28, 0.35, 0.31, 0.29]), complete_df=186)
    assert (told.value, told.df, told.extras["riv"], told.extras["fmi"]) == pytest.approx(
        (expected["qbar"], expected["df"], expected["r"], expected["fmi"]), rel=1e-9)  # fmt: skip


def test_without_variation_between_sets_the_df_is_that_of_the_observed_data() -> None:
    told = pool(made([1.0, 1.0, 1.0], [0.2, 0.2, 0.2]), complete_df=20)
    assert told.df == pytest.approx(21 / 23 * 20)
    assert told.se == pytest.approx(sqrt(0.2))


@settings(max_examples=40, deadline=None)
@given(some.lists(some.tuples(some.floats(-9, 9), some.floats(0.01, 9)), min_size=2, max_size=9), some.floats(3, 999))
def test_the_pooled_df_never_exceeds_the_complete_one(sets: list[tuple[float, float]], complete: float) -> None:
    told = pool(made([value for value, _ in sets], [variance for _, variance in sets]), complete_df=complete)
    assert told.df is not None
    assert 0 < told.df <= complete
    assert told.se is not None
    assert told.se**2 >= told.extras["within"] * (1 - 1e-12)


@pytest.mark.parametrize(
    ("sets", "df", "sentence"),
    [
        ([], 9, "two completed sets or more, not 0"),
        (made([1.0], [1.0]), 9, "two completed sets or more, not 1"),
        ([*made([1.0], [1.0]), Estimate("arm", "mean", None)], 9, "a value and a standard error"),
        ([*made([1.0], [1.0]), Estimate("y0", "mean", 1.0, 1.0)], 9, "several"),
        (made([1.0, 2.0], [1.0, 1.0]), -1, "positive"),
    ],
)
def test_pool_refuses(sets: list[Estimate], df: float, sentence: str) -> None:
    with pytest.raises(ImpactError, match=sentence):
        pool(sets, complete_df=df)


@pytest.mark.parametrize("outcome", ["y1", "y2", "y3", "y5"])
def test_draws_agree_with_their_expectation_in_closed_form(outcome: str) -> None:
    """Within four Monte Carlo errors; without parameter draws the variance between sets would be a quarter too small."""
    expected = FITS[f"mi_expect_{outcome}"]
    told = impute(TRIAL, **MODEL | {"outcome": outcome}, m=MANY, seed=11).pooled()
    error = sqrt(expected["expected_between_variance"] / MANY)
    assert told.value == pytest.approx(expected["expected_estimate"], abs=4 * error)
    assert told.extras["between"] == pytest.approx(expected["expected_between_variance"], rel=4 * sqrt(2 / MANY))
    assert told.n == expected["n"]
    jumped = reference_based(TRIAL, "j2r", **MODEL | {"outcome": outcome}, m=MANY, seed=12).pooled()
    assert jumped.value == pytest.approx(expected["expected_j2r"], abs=5 * error)


def test_adding_an_amount_moves_the_estimate_by_its_exact_share() -> None:
    expected = FITS["mi_expect_y1"]
    sets = impute(TRIAL, **MODEL, m=20, seed=1)
    moved = delta(sets, 3).pooled().value - sets.pooled().value  # type: ignore[operator]
    assert moved == pytest.approx(expected["expected_delta3"] - expected["expected_estimate"], abs=1e-9)
    assert delta(sets, 3, arm=0).pooled().value < sets.pooled().value  # type: ignore[operator]


def test_adding_nothing_is_missing_at_random_bit_for_bit() -> None:
    sets = impute(TRIAL, **MODEL, m=5, seed=1)
    assert all(one.equals(other) for one, other in zip(delta(sets, 0), sets, strict=True))
    assert delta(sets, 0.0, arm=0).pooled() == sets.pooled()


def test_all_sets_at_once_are_each_set_alone_pooled() -> None:
    sets = impute(TRIAL, **MODEL, m=12, seed=4)
    one_by_one = pool([ancova(frame, **MODEL).effect for frame in sets.frames], complete_df=252 - 6)
    at_once = sets.pooled()
    for name in ("value", "se", "df", "low", "high", "p"):
        assert getattr(at_once, name) == pytest.approx(getattr(one_by_one, name), rel=1e-11), name
    assert sets.complete_df == 246


def test_known_values_stay_and_every_missing_one_is_filled() -> None:
    known = TRIAL["y1"].is_not_null()
    for frame in impute(TRIAL, **MODEL, m=3, seed=4):
        assert frame.filter(known).equals(TRIAL.filter(known))
        assert frame["y1"].null_count() == 0
        assert frame.drop("y1").equals(TRIAL.drop("y1"))


def test_the_seed_decides_and_the_order_of_rows_does_not() -> None:
    told = impute(TRIAL, **MODEL, m=10, seed=4).pooled()
    assert impute(TRIAL, **MODEL, m=10, seed=4).pooled() == told
    assert impute(TRIAL, **MODEL, m=10, seed=5).pooled().value != told.value
    shuffled = TRIAL.sample(fraction=1, shuffle=True, seed=9)
    assert impute(shuffled, **MODEL, m=10, seed=4).pooled().value == pytest.approx(told.value, rel=1e-11)
    assert reference_based(shuffled, "j2r", **MODEL, m=10, seed=4).pooled().value == pytest.approx(
        reference_based(TRIAL, "j2r", **MODEL, m=10, seed=4).pooled().value, rel=1e-11)  # fmt: skip


def test_imputation_is_unbiased_where_who_is_missing_depends_on_the_baseline() -> None:
    """True effect 2; families with a low baseline are lost, more so in arm 1; the slope differs by arm."""
    chance = np.random.default_rng(3)
    n, found = 6000, []
    for seed in range(6):
        arm, base = np.arange(n) % 2, chance.normal(0, 1, n)
        y = 2 * arm + (0.4 + 0.6 * arm) * base + chance.normal(0, 1, n)
        lost = chance.random(n) < 1 / (1 + np.exp(1 + 1.5 * base * (0.5 + arm)))
        data = pl.DataFrame({"arm": arm, "base": base, "y": np.where(lost, np.nan, y)})
        found.append(impute(data, outcome="y", arm="arm", covariates=["base"], m=20, seed=seed).pooled().value)
    assert np.mean(found) == pytest.approx(2, abs=0.05)


def test_jump_to_reference_pulls_towards_no_effect_and_its_siblings_are_the_same_here() -> None:
    rules = [reference_based(TRIAL, rule, **MODEL, m=50, seed=2) for rule in ("j2r", "cr", "cir")]  # type: ignore[arg-type]
    first, second, third = (sets.pooled() for sets in rules)
    assert first.value == second.value == third.value
    assert first.value < impute(TRIAL, **MODEL, m=50, seed=2).pooled().value  # type: ignore[operator]
    assert "copy increments" in third.method


def test_one_regression_for_both_arms_is_asked_for_by_name() -> None:
    together = impute(TRIAL, **MODEL, by=None, m=500, seed=2).pooled()
    complete = ancova(TRIAL, **MODEL).effect
    assert together.value == pytest.approx(complete.value, abs=0.15)


def test_nothing_missing_is_one_answer_with_the_observed_df() -> None:
    known = TRIAL.drop_nulls("y1")
    told, alone = impute(known, **MODEL, m=3).pooled(), ancova(known, **MODEL).effect
    assert (told.value, told.se) == (pytest.approx(alone.value, rel=1e-12), pytest.approx(alone.se, rel=1e-12))
    assert told.extras["between"] == pytest.approx(0, abs=1e-25)


def test_the_conclusion_tips_where_p_crosses() -> None:
    sets = impute(TRIAL, **MODEL, m=50, seed=2)
    told = tipping_point(sets, np.linspace(-12, 12, 13), control=[0.0, 3.0])
    assert told.table.height == 26
    (amount,) = told.amounts
    assert delta(sets, amount).pooled().p == pytest.approx(0.05, rel=1e-6)
    mar = told.table.filter((pl.col("amount") == 0) & (pl.col("control") == 0))
    assert mar["value"][0] == sets.pooled().value
    assert tipping_point(TRIAL, [0.0], **MODEL, m=50, seed=2).table["value"][0] == sets.pooled().value


@pytest.mark.parametrize(
    ("data", "asked", "sentence"),
    [
        (TRIAL, {"m": 1}, "from 2 on, not 1"),
        (TRIAL, {"m": 2.5}, "from 2 on, not 2.5"),
        (TRIAL, {"seed": -1}, "seed is a whole number"),
        (TRIAL, {"by": "site"}, "by is 'arm' or None"),
        (TRIAL.with_columns(y0=pl.lit(None, dtype=pl.Float64)), {}, "252 families lack a covariate|no family"),
        (TRIAL.with_columns(y1=1.0), {}, "the same for every family"),
        (TRIAL.with_columns(y1=pl.lit(None, dtype=pl.Float64)), {}, "0 known outcomes of arm 0 are too few"),
        (
            TRIAL.with_columns(y1=pl.when(site="LA2", arm=1).then(None).otherwise("y1")),
            {},
            "Site LA2 has no outcome known of arm 1",
        ),
        (TRIAL.head(4).with_columns(y1=pl.Series([None, 1.0, 2.0, 3.0])), {}, "too few|no outcome known"),
        (TRIAL.with_columns(y1=pl.lit(float("inf"))), {}, "infinite"),
        (TRIAL.vstack(TRIAL.head(1)), {}, "same family in more than one row"),
    ],
)  # fmt: skip
def test_impute_refuses(data: pl.DataFrame, asked: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ImpactError, match=sentence):
        impute(data, **MODEL, **asked).pooled()


@pytest.mark.parametrize("amount", [float("nan"), float("inf"), "3", None])
def test_an_amount_is_a_finite_number(amount: Any) -> None:
    with pytest.raises(ImpactError, match="finite"):
        delta(impute(TRIAL, **MODEL, m=2), amount)


def test_an_unknown_rule_or_arm_is_refused() -> None:
    with pytest.raises(ImpactError, match="j2r, cr, cir"):
        reference_based(TRIAL, "lmcf", **MODEL)  # type: ignore[arg-type]
    with pytest.raises(ImpactError, match="arm is 0 or 1"):
        delta(impute(TRIAL, **MODEL, m=2), 1, arm=2)
    with pytest.raises(ImpactError) as refused:
        impute(TRIAL.head(0), **MODEL)
    assert refused.value.flag is Flag.SMALL_CELL
