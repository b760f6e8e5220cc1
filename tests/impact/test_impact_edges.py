"""What is wrong with the data is said in one sentence, before any algebra."""

from math import inf, nan
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy import stats

from attunement.impact import Flag, ImpactError, ancova, balance, effect_size, risk

ROWS = 40


def trial(**columns: Any) -> pl.DataFrame:
    chance = np.random.default_rng(7)
    arm = np.arange(ROWS) % 2
    base = chance.normal(20, 5, ROWS)
    made = {
        "arm": arm,
        "base": base,
        "site": [["A", "B"][i // 2 % 2] for i in range(ROWS)],
        "y": base / 2 + arm + chance.normal(0, 3, ROWS),
        "event": (np.arange(ROWS) % 3 == 0).astype(int),
    }
    return pl.DataFrame(made | columns, strict=False)


def fit(data: pl.DataFrame, **changed: Any) -> Any:
    return ancova(data, **({"outcome": "y", "arm": "arm", "covariates": ["base"], "site": "site"} | changed))


@pytest.mark.parametrize(
    ("data", "changed", "sentence"),
    [
        (trial(), {"outcome": "z"}, "There is no column 'z' in the data."),
        (trial(y=["high"] * ROWS), {}, "Column 'y' holds text, and numbers are needed."),
        (trial(base=[inf] + [1.0] * (ROWS - 1)), {}, "Column 'base' holds an infinite value."),
        (trial(arm=[1, 2] * (ROWS // 2)), {}, "Column 'arm' holds other values than 0 and 1."),
        (trial(arm=[None] + [1, 0] * 19 + [1]), {}, "Column 'arm' is empty in 1 rows: every family has an arm."),
        (trial(site=[None] + ["A"] * (ROWS - 1)), {}, "Column 'site' is empty in 1 rows: every family has a site."),
        (trial(), {"covariates": ["base", "y"]}, "Column 'y' is named twice in the analysis."),
        (trial(), {"covariates": "base"}, "covariates is a list of column names, not one name."),
    ],
)
def test_ancova_refuses(data: pl.DataFrame, changed: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ImpactError) as refused:
        fit(data, **changed)
    assert str(refused.value) == sentence


@pytest.mark.parametrize(
    ("data", "flag", "reason"),
    [
        (trial(arm=[0] * ROWS), Flag.SMALL_CELL, "Arm 1 has no family with 'y' and every covariate known"),
        (trial(y=[None] * ROWS), Flag.MISSING, "Arm 0 has no family with 'y' and every covariate known"),
        (trial().head(0), Flag.SMALL_CELL, "Arm 0 has no family with 'y' and every covariate known"),
        (trial(y=[3.0] * ROWS), Flag.CONSTANT, "'y' is the same for every family"),
        (trial().head(4), Flag.SMALL_CELL, "4 families with 'y' are too few for 4 coefficients"),
        (
            trial(site=["A", "B"] * (ROWS // 2)),
            Flag.COLLINEAR,
            "'arm' follows from the sites or covariates, so its effect cannot be told from theirs",
        ),
    ],
)
def test_an_ancova_that_cannot_be_had_is_a_result_with_its_reason(data: pl.DataFrame, flag: Flag, reason: str) -> None:
    none = fit(data)
    assert (none.failed, none.flags) == (reason, (flag,))
    assert (none.effect.value, none.effect.se, none.effect.p) == (None, None, None)
    assert none.tidy()["value"].to_list() == [None]
    assert none.to_dict()["flags"] == [{"flag": str(flag), "reason": reason}]


def test_null_and_nan_are_the_same_missing() -> None:
    y = trial()["y"].to_list()
    nulls, nans = fit(trial(y=[None, None, *y[2:]])), fit(trial(y=[nan, nan, *y[2:]]))
    assert nulls == nans
    assert (nulls.missing, nulls.effect.n, nulls.effect.n_by_arm) == (2, ROWS - 2, (19, 19))


def test_the_order_of_rows_does_not_matter() -> None:
    data = trial()
    shuffled = fit(data.sample(fraction=1, shuffle=True, seed=3))
    assert shuffled.effect.value == pytest.approx(fit(data).effect.value, rel=1e-12)


def test_true_and_false_are_arms() -> None:
    assert fit(trial(arm=[False, True] * (ROWS // 2))).effect == fit(trial()).effect


def test_a_column_that_follows_from_others_is_flagged() -> None:
    data = trial().with_columns(twice=pl.col("base") * 2 + 1)
    doubled = fit(data, covariates=["base", "twice"])
    assert [str(item) for item in doubled.flagged] == ["COLLINEAR: 'twice' follows from other columns and was left out"]
    assert doubled.effect.value == pytest.approx(fit(data).effect.value, rel=1e-12)


def test_a_site_with_one_arm_is_flagged() -> None:
    sites = ["C" if i in (0, 2) else "A" for i in range(ROWS)]
    assert [str(item) for item in fit(trial(site=sites)).flagged] == ["SMALL_CELL: site C has families of one arm only"]


def test_risk_difference_refuses_a_third_value() -> None:
    with pytest.raises(ImpactError, match="Column 'event' holds other values than 0 and 1"):
        risk(trial(event=[0, 1, 2, 1] * (ROWS // 4)), outcome="event", arm="arm")


def test_risk_difference_of_a_published_pair() -> None:
    data = pl.DataFrame({"arm": [1] * 70 + [0] * 80, "event": [1] * 56 + [0] * 14 + [1] * 48 + [0] * 32})
    effect = risk(data, outcome="event", arm="arm").effect
    assert (round(effect.low, 4), round(effect.high, 4)) == (0.0524, 0.3339)  # Newcombe 1998, table II, method 10
    chi = stats.chi2_contingency([[56, 14], [48, 32]], correction=False)
    assert effect.p == pytest.approx(chi.pvalue, rel=1e-12)


@pytest.mark.parametrize("value", [0, 1])
def test_nobody_or_everybody_has_an_interval_but_no_p(value: int) -> None:
    effect = risk(trial(event=[value] * ROWS), outcome="event", arm="arm").effect
    assert effect.value == 0
    assert effect.low < 0 < effect.high
    assert effect.p is None


def test_balance_of_a_constant_is_unknown() -> None:
    row = balance(trial(base=[1.0] * ROWS), arm="arm", covariates=["base"]).row(0, named=True)
    assert row["difference"] is None
    assert (row["mean0"], row["n1"]) == (1.0, ROWS // 2)


def test_effect_size_needs_variation_within_arms() -> None:
    size = effect_size(trial(y=[0.0, 1.0] * (ROWS // 2)), outcome="y", arm="arm")
    assert size.flags == (Flag.CONSTANT,)
    assert (size.raw.value, size.adjusted.value) == (None, None)
