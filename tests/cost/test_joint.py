"""Cost and effect together, held to systemfit (one step) and Rubin's rules at 1e-8 relative."""

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attunement import cost
from attunement.cost import CostError
from tests.cost.known_truth import TRUTHS, held
from tests.cost.reference import NAMES, ORACLE, TRIAL, imputed, joint

MODELS = list(ORACLE["joint"])
SETS = imputed()


def close(value: Any) -> Any:
    return pytest.approx(value, rel=1e-8)


@pytest.mark.parametrize("name", MODELS)
def test_complete_cases_agree_with_the_reference(name: str) -> None:
    found, wanted = joint(name), ORACLE["joint"][name]["complete_case"]
    assert (found.n, found.m, found.each) == (wanted["n"], 1, ())
    assert found.missing == 252 - wanted["n"]
    assert [found.cost.value, found.effect.value] == close([wanted["cost"], wanted["effect"]])
    assert found.cov.ravel() == close([wanted["var_cost"], wanted["cov"], wanted["cov"], wanted["var_effect"]])
    assert found.residual_cov.ravel() == close(np.ravel(wanted["residual_cov"]))


@pytest.mark.parametrize("name", MODELS)
def test_five_imputed_sets_are_pooled_together(name: str) -> None:
    found, wanted = joint(name, imputed=iter(SETS)), ORACLE["joint"][name]["pooled"]
    assert (found.n, found.m) == (252, 5)
    for one, own in zip(found.each, ORACLE["joint"][name]["each"], strict=True):
        assert [one.cost.value, one.effect.value, *one.residual_cov.ravel()] == close(
            [own["cost"], own["effect"], *np.ravel(own["residual_cov"])])
        assert one.cov.ravel() == close([own["var_cost"], own["cov"], own["cov"], own["var_effect"]])
    for matrix, part in ((found.cov, "total"), (found.within, "within"), (found.between, "between")):
        assert np.ravel(matrix) == close(np.ravel(wanted[part]))
    for estimate, side in ((found.cost, "cost"), (found.effect, "effect")):
        assert [estimate.value, estimate.se, estimate.low, estimate.high] == close(
            [wanted[side], wanted[f"se_{side}"], wanted[f"low_{side}"], wanted[f"high_{side}"]])
    assert found.df_rubin == close((wanted["df_rubin_cost"], wanted["df_rubin_effect"]))
    assert (found.ratio.label, found.ratio.value) == (wanted["label"], close(wanted["ratio"]))


def test_the_same_covariates_on_both_sides_give_least_squares() -> None:
    """Zellner's own case: nothing is gained, and the estimate is each equation's own."""
    both = ["utility0", "site"]
    found = cost.joint(SETS[0], **NAMES, covariates_cost=both, covariates_effect=both)
    frame = SETS[0]
    dummies = [(frame["site"] == site).cast(pl.Float64).to_numpy() for site in sorted(set(frame["site"]))[1:]]
    x = np.column_stack([np.ones(252), frame["arm"], frame["utility0"], *dummies])
    for column, estimate in (("cost", found.cost), ("qaly", found.effect)):
        assert estimate.value == close(np.linalg.lstsq(x, frame[column].to_numpy(), rcond=None)[0][1])


@settings(max_examples=25, deadline=None)
@given(st.floats(1e-4, 1e4), st.floats(1e-4, 1e4), st.integers(0, 2**31))
def test_units_of_money_and_effect_change_nothing_else(pence: float, points: float, seed: int) -> None:
    """Pounds or pence, QALYs or days, rows in any order: the same t values and the same correlation."""
    first = joint("unequal")
    other = cost.joint(
        TRIAL.sample(fraction=1, shuffle=True, seed=seed).with_columns(pl.col("cost") * pence, pl.col("qaly") * points),
        **NAMES, covariates_cost=["first", "age_weeks", "site"], covariates_effect=["utility0", "site"])  # fmt: skip
    assert other.cost.value / other.cost.se == close(first.cost.value / first.cost.se)
    assert other.effect.value / other.effect.se == close(first.effect.value / first.effect.se)
    correlation = [found.cov[0, 1] / np.sqrt(found.cov[0, 0] * found.cov[1, 1]) for found in (first, other)]
    assert correlation[0] == pytest.approx(correlation[1], rel=1e-6)


def test_all_resamples_at_once_are_each_the_plain_fit() -> None:
    """Each batched resample is what `joint` says of the same rows drawn one by one."""
    from attunement.cost.resampling import counted
    from attunement.cost.trial import complete, strata

    more = {"covariates_cost": ["first", "site"], "covariates_effect": ["utility0"]}
    drawn = cost.resample(TRIAL, **NAMES, site="site", draws=6, seed=3, **more)
    whole = complete(TRIAL, ["cost", "qaly", "arm", "site", "first", "utility0"])
    layers = strata(whole["arm"].to_list(), whole["site"].to_list())
    counts = next(counted(layers, whole.height, 6, 3)).astype(int)
    for place, count in enumerate(counts):
        one = cost.joint(whole[np.repeat(np.arange(whole.height), count)], **NAMES, **more)
        assert drawn["cost_1"][place] == close(one.cost.value)
        assert drawn["effect_1"][place] == close(one.effect.value)


def test_the_resampled_spread_is_near_the_model_s() -> None:
    """5,000 draws; the model's error and the bootstrap's agree within a tenth on these data."""
    drawn = cost.resample(SETS[0], **NAMES, site="site")
    fitted = cost.joint(SETS[0], **NAMES)
    assert drawn["cost_1"].std() == pytest.approx(fitted.cost.se, rel=0.1)
    assert drawn["effect_1"].std() == pytest.approx(fitted.effect.se, rel=0.1)
    assert cost.decision(drawn, [0]).tidy()["probability"][1] < 0.01


@pytest.mark.parametrize("case", ORACLE["label_cases"], ids=str)
def test_a_ratio_is_given_where_the_quadrant_allows(case: dict[str, Any]) -> None:
    found = cost.ratio(case["cost"], case["effect"], case["se_effect"])
    assert (found.label, found.value) == (case["label"], case["ratio"])


@pytest.mark.parametrize(("change", "more", "sentence"), [
    (lambda t: t.drop("qaly"), {}, "no column 'qaly'"),
    (lambda t: t.with_columns(arm=pl.col("arm") + 1), {}, "0 .control. or 1"),
    (lambda t: t.filter(pl.col("arm") == 0), {}, "No row with these data is in arm 1"),
    (lambda t: t.with_columns(cost=pl.lit(5.0)), {}, "'cost' is the same in every row"),
    (lambda t: t.with_columns(cost=pl.lit("dear")), {}, "numbers are wanted"),
    (lambda t: t.with_columns(cost=pl.lit(None, dtype=pl.Float64)), {}, "No row is complete"),
    (lambda t: t.with_columns(cost=pl.col("cost") / 0), {}, "infinite"),
    (lambda t: t.head(6), {"covariates_cost": ["first", "age_weeks", "site"]}, "too few|say the same|arm"),
    (lambda t: t, {"covariates_cost": ["arm"]}, "the same thing twice"),
    (lambda t: t, {"covariates_cost": "site"}, "a list of columns"),
    (lambda t: t, {"imputed": []}, "there are none"),
    (lambda t: t, {"imputed": TRIAL}, "a list of completed frames"),
    (lambda t: t, {"imputed": 5}, "a list of completed frames"),
    (lambda t: t, {"imputed": SETS[:1]}, "there is one"),
    (lambda t: t, {"imputed": [TRIAL, TRIAL]}, "imputed set 1 still has 68 rows"),
    (lambda t: t, {"imputed": [SETS[0], SETS[1].head(200)]}, "imputed set 2 has 200 rows"),
    (lambda t: t.to_dicts(), {}, "a Polars frame"),
])  # fmt: skip
def test_data_that_cannot_be_fitted_are_refused_in_a_sentence(change: Any, more: Any, sentence: str) -> None:
    with pytest.raises(CostError, match=sentence):
        cost.joint(change(TRIAL), **NAMES, **more)


def test_costs_that_are_missing_may_be_higher_than_imputed() -> None:
    """Δc moves by the amount times the share imputed; the tipping point is where the net benefit changes sign."""
    table = cost.delta(TRIAL, SETS, [-500, 0, 500], **NAMES, in_arm=1, threshold=50_000)
    share = TRIAL.filter((pl.col("arm") == 1) & pl.col("cost").is_null()).height / TRIAL["arm"].sum()
    assert table["cost"].diff()[1:].to_list() == close([500 * share] * 2)
    assert table["cost"][1] == close(ORACLE["joint"]["plain"]["pooled"]["cost"])
    more = {**NAMES, "in_arm": 1, "threshold": 50_000.0}
    at = cost.tipping_point(TRIAL, SETS, **more, span=(0, 2000))
    assert at == pytest.approx(table["inmb"][1] / share, rel=1e-6)
    assert cost.tipping_point(TRIAL, SETS, **more, span=(-10, 0)) is None
    with pytest.raises(CostError, match="same order"):
        cost.delta(TRIAL, [SETS[0].reverse()], [0], **more)


@pytest.mark.parametrize("name", ["dearer and better", "dearer, no better"])
def test_limits_ratio_and_curve_hold_the_truth_about_as_often_as_they_say(name: str) -> None:
    """150 made-up trials: 95 % limits of cost, effect and of net benefit at the true ratio hold the truth in 89.6 to 100 of
    a hundred (three simulation errors), and so does the acceptability curve; where there is no effect a ratio is rare.
    """
    found = held(np.random.default_rng(5), *TRUTHS[name], 150)
    assert min(found[what] for what in ("cost", "effect", "net benefit")) >= 0.896
    if name == "dearer and better":
        assert found["curve within .025 and .975"] >= 0.896 and found["curve's mean"] == pytest.approx(0.5, abs=0.075)
    else:
        assert found["ratio printed"] <= 0.08, "half of the one in twenty, dearer and seemingly better"


def test_costs_and_consequences_stand_side_by_side() -> None:
    table = cost.consequences(TRIAL, costs=["cost"], outcomes=["qaly", "utility0"], arm="arm")
    assert table["item"].to_list() == ["cost", "qaly", "utility0"]
    row, wanted = table.row(0, named=True), ORACLE["difference"]
    assert [row["mean_0"], row["mean_1"], row["difference"]] == close(
        [wanted["mean_0"], wanted["mean_1"], wanted["difference"]])
    assert (row["high"] - row["low"]) / 2 == close(1.959963984540054 * wanted["se_welch"])
    assert table["missing"].to_list() == [39, 36, 8]
