"""Power by simulation: the estimators are the real ones, both engines agree, and a seed means the same anywhere."""

import json
from math import sqrt
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from attunement.impact import Design, ImpactError, ancova, partially_nested, power
from attunement.impact.simulation import made, plain, quick
from attunement.impact.simulation.planned import ANALYSES

ALL = tuple(ANALYSES)
MODEL: dict[str, Any] = {"outcome": "outcome", "arm": "arm", "covariates": ["baseline"], "site": "site"}
FLOOR = 0.01


@pytest.mark.parametrize("design", [
    Design(252),
    Design(64, sites=2, practitioners=5, icc=0.3, scheme="big_stick:3", dropout=0.1),
    Design(90, sites=3, practitioners=2, icc=0.1, outcome="binary", effect=0.2),
])  # fmt: skip
def test_a_simulated_trial_is_analysed_as_a_real_one(design: Design) -> None:
    trials = made.make(design, 3, 0, 12)
    found = quick.analyse(design, trials)
    for trial, row in enumerate(found):
        data = made.frame(design, trials, trial)
        satterthwaite = partially_nested(data, practitioner="practitioner", **MODEL)
        one, other, ols = (
            satterthwaite.effect,
            partially_nested(data, practitioner="practitioner", df="kenward_roger", **MODEL).effect,
            ancova(data, **MODEL).effect,
        )
        expected = [one.value, one.se, one.df, ols.value, ols.se, ols.df, other.se, other.df]
        assert row[:8] == pytest.approx(expected, rel=1e-8, abs=1e-10)
        assert (row[8] == 0) == bool(satterthwaite.diagnostics["boundary"])


@settings(max_examples=12, deadline=None)
@given(
    families=st.integers(30, 120), sites=st.integers(1, 4), practitioners=st.integers(2, 12),
    icc=st.sampled_from([0.0, 0.05, 0.5]), scheme=st.sampled_from(["blocks:4", "complete", "big_stick:2"]),
    outcome=st.sampled_from(["continuous", "binary"]), seed=st.integers(0, 99),
)  # fmt: skip
def test_the_compiled_and_the_plain_engine_agree(seed: int, **asked: Any) -> None:
    design = Design(**asked)
    trials = made.make(design, seed, 0, 40)
    one, other = quick.analyse(design, trials), plain.analyse(design, trials)
    assert (np.isnan(one) == np.isnan(other)).all()
    off = np.abs(one - other) / np.maximum(np.abs(other), FLOOR)
    assert np.nanmax(off[:, :2], initial=0) < 1e-12
    assert np.nanmax(off, initial=0) < 1e-9


def test_the_first_trials_of_a_longer_run_are_those_of_a_shorter_one() -> None:
    few, many = made.make(Design(60), 1, 2, 5), made.make(Design(60), 1, 2, 50)
    assert (few.arm == many.arm[:5]).all()
    assert (few.rest == many.rest[: few.rest.size]).all()
    assert (few.baseline == many.baseline[: few.rest.size]).all()


def test_the_same_seed_gives_the_same_numbers_on_any_number_of_workers() -> None:
    design = Design(100, analyses=ALL)
    one = power(design, replicates=9_000, seed=5, workers=1)
    assert one == power(design, replicates=9_000, seed=5, workers=2) == power(design, replicates=9_000, seed=5, workers=8)
    assert one != power(design, replicates=9_000, seed=6, workers=2)


def test_power_without_practitioners_or_dropout_is_students() -> None:
    design = Design(200, icc=0.0, dropout=0.0, effect=0.4, baseline_correlation=0.5, analyses=("ancova",))
    found = power(design, replicates=40_000, seed=11)
    shift = 0.4 / (sqrt(1 - 0.5**2) * sqrt(4 / 200) * sqrt(1 + 1 / 194))
    critical = stats.t.ppf(0.975, 194)
    expected = 1 - stats.nct.cdf(critical, 194, shift) + stats.nct.cdf(-critical, 194, shift)
    assert found.rejection["ancova"] == pytest.approx(expected, abs=4 * found.error["ancova"])


@pytest.mark.parametrize(("icc", "nested", "plain_ancova"), [
    (0.0, 0.044, 0.05), (0.05, 0.048, 0.068), (0.1, 0.05, 0.086),
])  # fmt: skip
def test_type_one_error_is_as_calibrated(icc: float, nested: float, plain_ancova: float) -> None:
    found = power(Design(252, icc=icc, analyses=ALL), replicates=20_000, seed=17)
    assert found.rejection["partially_nested"] == pytest.approx(nested, abs=0.006)
    assert found.rejection["ancova"] == pytest.approx(plain_ancova, abs=0.007)
    assert 0.94 < found.coverage["partially_nested"] < 0.965
    assert abs(found.found["partially_nested"].bias) < 5 * found.found["partially_nested"].sd / sqrt(20_000)


@pytest.mark.parametrize(("families", "expected"), [(128, 0.381), (252, 0.625), (400, 0.789)])
def test_power_is_as_calibrated(families: int, expected: float) -> None:
    found = power(Design(families, effect=0.3), replicates=20_000, seed=23)
    assert found.rejection["partially_nested"] == pytest.approx(expected, abs=0.013)


def test_the_minimum_detectable_effect_and_the_families_needed_come_true() -> None:
    first = power(Design(252, effect=0.3), replicates=10_000, seed=1)
    least = first.minimum_detectable["partially_nested"]
    again = power(Design(252, effect=least), replicates=10_000, seed=2)
    assert again.rejection["partially_nested"] == pytest.approx(0.8, abs=0.03)
    needed = first.families_needed["partially_nested"]
    assert needed is not None
    enough = power(Design(needed, effect=0.3), replicates=10_000, seed=3)
    assert enough.rejection["partially_nested"] == pytest.approx(0.8, abs=0.03)
    assert power(Design(252, effect=0.02), replicates=500).families_needed["partially_nested"] is None


def test_a_binary_outcome_has_the_planned_risks() -> None:
    design = Design(4_000, icc=0.2, practitioners=400, outcome="binary", control_risk=0.2, effect=0.15, dropout=0.0)
    trials = made.make(design, 1, 0, 40)
    _, y = made.scored(design, trials, made.assigned(design, trials.arm))
    arm = trials.arm.ravel()
    assert y[arm == 0].mean() == pytest.approx(0.2, abs=0.01)
    assert y[arm == 1].mean() == pytest.approx(0.35, abs=0.01)


def test_the_table_and_the_plain_values_say_the_same() -> None:
    found = power(Design(60, analyses=("ancova", "partially_nested")), replicates=100)
    assert found.table()["analysis"].to_list() == ["ancova", "partially_nested"]
    assert found.to_dict()["analyses"][0]["rejection"] == found.rejection["ancova"]
    assert found.to_dict()["design"]["scheme"] == "blocks:4"


@pytest.mark.parametrize(("changed", "sentence"), [
    ({"families": 0}, "families is a whole number from 1 on, not 0."),
    ({"families": 8}, "8 families in 4 sites are too few to fit the model."),
    ({"practitioners": 1}, "plan two at least"),
    ({"icc": -0.1}, "icc is a number from 0 to below 100, not -0.1."),
    ({"icc": float("nan")}, "icc is a number"),
    ({"dropout": 1.0}, "dropout is a number from 0 to below 0.9, not 1.0."),
    ({"baseline_correlation": "high"}, "baseline_correlation is a number"),
    ({"outcome": "ordinal"}, "outcome is 'continuous' or 'binary', not 'ordinal'."),
    ({"outcome": "binary", "effect": 0.8}, "control_risk and control_risk"),
    ({"scheme": "dice"}, "'dice' is no allocation scheme"),
    ({"analyses": ("anova",)}, "not 'anova'"),
    ({"analyses": ()}, "not 'none'"),
])  # fmt: skip
def test_a_design_that_cannot_be_is_refused(changed: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ImpactError) as refused:
        Design(**({"families": 100} | changed))
    assert sentence in str(refused.value)


@pytest.mark.parametrize("asked", [
    {"replicates": 0}, {"seed": -1}, {"seed": 1.5}, {"engine": "slow"}, {"workers": -2}, {"scheduler": "tcp://127.0.0.1:1"},
])  # fmt: skip
def test_a_question_that_cannot_be_put_is_refused(asked: dict[str, Any]) -> None:
    with pytest.raises(ImpactError):
        power(Design(100), **({"replicates": 10} | asked))


def test_trials_are_the_same_all_at_once_and_a_few_at_a_time() -> None:
    design = Design(51, sites=3, practitioners=7)
    whole, parts = made.make(design, 3, 1, 41), list(made.pieces(design, 3, 1, 41, 10))
    assert [part.arm.shape[0] for part in parts] == [10, 10, 10, 10, 1]
    for name in ("arm", "kept", "baseline", "rest", "practitioner"):
        assert np.array_equal(getattr(whole, name), np.concatenate([getattr(part, name) for part in parts])), name


@pytest.mark.parametrize("engine", ["fast", "plain"])
def test_what_too_few_fitted_trials_cannot_say_is_none(engine: Any) -> None:
    found = power(Design(14, practitioners=2, dropout=0.89, effect=0.3), replicates=40, engine=engine)
    assert (found.coverage, found.minimum_detectable) == ({"partially_nested": None}, {"partially_nested": None})
    assert found.families_needed == {"partially_nested": None}
    assert "NaN" not in json.dumps(found.to_dict())
