"""The difference in mean cost: held to R, to a written-down stream of resamples, and to its own closed form."""

from typing import Any

import numpy as np
import polars as pl
import pytest

from attunement import cost
from attunement.cost import CostError
from tests.cost.reference import ORACLE, TRIAL

WANTED = ORACLE["difference"]


def stream(resamples: int) -> np.ndarray:
    """x ← 16807·x mod (2³¹ − 1) from 12345, a draw before each use, stratum by stratum."""
    rows = TRIAL.drop_nulls("cost").sort("arm", "site", "id")
    sizes = rows.group_by("arm", "site", maintain_order=True).len()["len"].to_list()
    x, modulus, made = 12345, 2**31 - 1, []
    for _resample in range(resamples):
        row, start = [], 0
        for size in sizes:
            for _draw in range(size):
                x = 16807 * x % modulus
                row.append(start + size * x // modulus)
            start += size
        made.append(row)
    return np.array(made)


def test_means_errors_and_the_gamma_model() -> None:
    """1e-12 where arithmetic is exact; 1e-7 for the gamma model, where R stops its iterations at 1e-8."""
    found = cost.difference(TRIAL, draws=1000)
    assert (found.n, found.n_by_arm, found.missing) == (213, (113, 100), 39)
    for name in ("mean_0", "mean_1", "difference", "se_welch", "df_welch", "se_stratified_bootstrap_exact"):
        assert getattr(found, name) == pytest.approx(WANTED[name], rel=1e-12), name
    for name in ("coefficient", "se", "dispersion", "difference", "difference_se"):
        assert getattr(found, f"gamma_{name}") == pytest.approx(WANTED[f"gamma_{name}"], rel=1e-7), name


def test_the_written_down_stream_gives_the_same_limits() -> None:
    found, wanted = cost.difference(TRIAL, indices=stream(199)), WANTED["stream"]
    assert found.resamples == 199
    assert found.draws[:5] == pytest.approx(wanted["first_five"], rel=1e-12)
    assert (found.draws.mean(), found.se_bootstrap) == pytest.approx((wanted["mean"], wanted["sd"]), rel=1e-12)
    assert found.percentile == pytest.approx(wanted["percentile"], rel=1e-12)
    assert (found.z0, found.acceleration) == pytest.approx((wanted["z0"], wanted["acceleration"]), rel=1e-12)
    assert found.bca == pytest.approx(wanted["bca"], rel=1e-12)


def test_indices_may_come_with_rows_in_any_order() -> None:
    """They count rows ordered by arm and site, so a frame sorted beforehand gives the same."""
    ordered = TRIAL.drop_nulls("cost").sort("arm", "site", "id")
    found = [cost.difference(frame, indices=stream(40)).draws for frame in (TRIAL, ordered)]
    assert (found[0] == found[1]).all()


def test_five_thousand_draws_come_within_four_per_cent_of_the_closed_form() -> None:
    found = cost.difference(TRIAL)
    assert found.resamples == 5000
    assert found.se_bootstrap == pytest.approx(WANTED["se_stratified_bootstrap_exact"], rel=0.04)
    assert (cost.difference(TRIAL).draws == found.draws).all(), "the same seed, the same draws"
    assert found.tidy()["method"].to_list()[-1] == "gamma model, log link"


def test_a_cost_of_nothing_leaves_out_the_gamma_model_only() -> None:
    found = cost.difference(TRIAL.with_columns(cost=pl.when(pl.col("id") == "F002").then(0.0).otherwise("cost")))
    assert found.gamma_difference is None and found.tidy().height == 2


@pytest.mark.parametrize(("frame", "more", "sentence"), [
    (TRIAL.drop("site"), {}, "no column 'site'"),
    (TRIAL.with_columns(cost=-pl.col("cost")), {}, "below zero"),
    (TRIAL.with_columns(arm=pl.lit("vig")), {}, "numbers are wanted"),
    (TRIAL.with_columns(cost=pl.lit(5.0)), {}, "the same in every row"),
    (TRIAL.head(3), {}, "arm 0|at least two"),
    (TRIAL, {"indices": [[0, 1]]}, "resamples × 213"),
    (TRIAL, {"indices": np.zeros((2, 213), dtype=int)}, "keep the strata"),
    (TRIAL, {"indices": np.full((2, 213), 213)}, "from 0 to 212"),
    (TRIAL, {"indices": np.zeros((2, 213))}, "whole numbers"),
    (TRIAL, {"draws": 1}, "at least two draws"),
])  # fmt: skip
def test_what_cannot_be_compared(frame: Any, more: Any, sentence: str) -> None:
    with pytest.raises(CostError, match=sentence):
        cost.difference(frame, **more)
