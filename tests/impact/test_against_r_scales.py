"""Reliability and factor models against lavaan and psych.

Chi-squares 1e-5 relative (lavaan stops at about 1e-7 in the parameters), closed forms 1e-9.
"""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from attunement.impact import Flag, ImpactError, Invariance, invariance, one_factor, reliability

DATA = Path(__file__).parents[1] / "data" / "impact"
FITS = {name: fit["values"] for name, fit in json.loads((DATA / "r_fits.json").read_text())["fits"].items()}
TRIAL = pl.read_csv(DATA / "vigsim.csv", null_values="NA")
ITEMS = [f"q{number}" for number in range(1, 11)]
LATER = [f"r{number}" for number in range(1, 6)]


def near(value: float, relative: float = 1e-5) -> object:
    return pytest.approx(value, rel=relative, abs=relative * 0.01)


def test_one_factor_is_lavaans() -> None:
    fit, expected = one_factor(TRIAL, items=ITEMS), FITS["factor"]
    assert fit.effect.term == "omega"
    assert fit.effect.value == near(expected["omega"])
    for item, loading, rest in zip(ITEMS, expected["loadings"], expected["residual_variances"], strict=True):
        assert (fit.term(item).value, fit.term(f"{item} residual").value) == (near(loading), near(rest))
        assert fit.term(item).se == near(FITS["sim_omega_cfa"]["se_loading"][item])
    for name, value in FITS["sim_omega_cfa"]["fit"].items():
        assert fit.diagnostics[name] == near(value), name


def test_alpha_is_exact_and_omega_stands_beside_it() -> None:
    fit, expected = reliability(TRIAL, items=ITEMS), FITS["sim_alpha"]
    assert fit.effect.value == near(expected["alpha"], 1e-9)
    assert fit.diagnostics["alpha_standardised"] == near(expected["std"], 1e-9)
    assert fit.term("omega").value == near(FITS["factor"]["omega"])
    for item, without in zip(ITEMS, expected["alpha_drop"], strict=True):
        assert fit.diagnostics[f"alpha_drop {item}"] == near(without, 1e-9)
        assert fit.diagnostics[f"r_drop {item}"] == near(expected["r_drop"][item], 1e-9)


@pytest.mark.parametrize(
    ("name", "asked"),
    [("invariance_arm", {"items": ITEMS, "group": "arm"}), ("invariance_time", {"items": ITEMS[:5], "later": LATER})],
)
def test_invariance_is_lavaans(name: str, asked: dict[str, list[str]]) -> None:
    fit = invariance(TRIAL, **asked)  # type: ignore[arg-type]
    assert isinstance(fit, Invariance)
    assert fit.flags == ()
    for step in ("configural", "metric", "scalar"):
        for index, value in FITS[name][step].items():
            assert fit.models[step][index] == near(value), (step, index)
            assert fit.diagnostics[f"{step}_{index}"] == fit.models[step][index]
    assert (fit.configural, fit.metric, fit.scalar) == tuple(fit.models.values())


def test_the_steps_of_invariance_are_compared() -> None:
    fit, expected = invariance(TRIAL, items=ITEMS, group="arm"), FITS["sim_invariance"]
    assert isinstance(fit, Invariance)
    for at, step in enumerate(("metric", "scalar")):
        assert fit.models[step]["chisq_difference"] == near(expected["dchisq"][at])
        assert fit.models[step]["df_difference"] == expected["ddf"][at]
        assert fit.models[step]["p_difference"] == near(expected["p"][at])
    assert fit.table["chisq_difference"].null_count() == 1


def test_more_than_two_groups_add_up() -> None:
    fit = invariance(TRIAL, items=ITEMS[:5], group="site")
    assert isinstance(fit, Invariance)
    each = [one_factor(part, items=ITEMS[:5]).diagnostics["chisq"] for part in TRIAL.partition_by("site")]
    assert fit.configural["chisq"] == near(sum(each))
    assert [estimate.term for estimate in fit.estimates] == [f"factor mean LA{number}" for number in (2, 3, 4)]


def test_scales_and_signs_of_items_change_nothing_that_should_not() -> None:
    told = one_factor(TRIAL, items=ITEMS).diagnostics["chisq"]
    stretched = TRIAL.with_columns(q1=100 * pl.col("q1") + 7, q2=-pl.col("q2"))
    fit = one_factor(stretched, items=ITEMS)
    assert fit.diagnostics["chisq"] == near(told, 1e-9)
    assert fit.term("q1").value == near(100 * one_factor(TRIAL, items=ITEMS).term("q1").value, 1e-6)  # type: ignore[operator]
    assert fit.term("q2").value < 0  # type: ignore[operator]
    assert invariance(stretched, items=ITEMS, group="arm").diagnostics["scalar_chisq"] == near(
        invariance(TRIAL, items=ITEMS, group="arm").diagnostics["scalar_chisq"], 1e-8)  # fmt: skip


def test_a_true_difference_between_groups_is_found_in_the_factor_mean() -> None:
    chance = np.random.default_rng(5)
    group = np.arange(4000) % 2
    factor = chance.normal(0, 1, 4000) + 0.5 * group
    made = {f"i{at}": 2 + (1 - 0.1 * at) * factor + chance.normal(0, 0.7, 4000) for at in range(5)}
    fit = invariance(pl.DataFrame({"group": group, **made}), items=list(made), group="group")
    assert fit.effect.value == pytest.approx(0.5, abs=0.1)
    assert fit.diagnostics["scalar_pvalue"] > 0.001


@pytest.mark.parametrize(
    ("data", "flag"),
    [
        (TRIAL.head(8), Flag.SMALL_CELL),
        (TRIAL.with_columns(q1=3), Flag.CONSTANT),
        (TRIAL.with_columns(q1="q2"), Flag.COLLINEAR),
        (TRIAL.with_columns(q1=pl.lit(None, dtype=pl.Float64)), Flag.MISSING),
    ],
)
def test_items_that_no_factor_can_be_had_from_say_so(data: pl.DataFrame, flag: Flag) -> None:
    fit = one_factor(data, items=ITEMS)
    assert (fit.effect.value, fit.flags) == (None, (flag,))
    assert invariance(data, items=ITEMS, group="arm").flags == (flag,)
    assert reliability(data.drop("q1"), items=ITEMS[1:]).effect.value is not None


def test_a_family_without_an_item_is_left_out_and_counted() -> None:
    holes = TRIAL.with_columns(q3=pl.when(pl.int_range(pl.len()) < 20).then(None).otherwise("q3"))
    fit = one_factor(holes, items=ITEMS)
    assert (fit.effect.n, fit.missing) == (232, 20)
    assert fit.effect == one_factor(TRIAL[20:], items=ITEMS).effect


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"items": ITEMS}, "say one of the two"),
        ({"items": ITEMS[:5], "later": LATER[:4]}, "same items in the same order"),
        ({"items": ITEMS[:2], "group": "arm"}, "At least 3 items"),
        ({"items": "q1", "group": "arm"}, "not one name"),
        ({"items": ["site", "q1", "q2"], "group": "arm"}, "holds text"),
        ({"items": ITEMS[:3], "group": "nowhere"}, "no column 'nowhere'"),
    ],
)
def test_invariance_refuses(asked: dict[str, str], sentence: str) -> None:
    with pytest.raises(ImpactError, match=sentence):
        invariance(TRIAL, **asked)  # type: ignore[arg-type]
