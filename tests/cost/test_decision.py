"""What to adopt: held to the reference at 1e-8 relative, and to what must hold of any decision."""

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attunement import cost
from attunement.cost import CostError
from tests.cost.reference import ORACLE, imputed, joint, read

COLUMNS = ["threshold", "option", "inmb", "se", "low", "high", "probability", "best", "frontier", "evpi"]
DRAWS = read("cost_draws")
SETS = imputed()


@pytest.mark.parametrize("name", list(ORACLE["joint"]))
@pytest.mark.parametrize("kind", ["complete_case", "pooled"])
def test_closed_forms_from_the_joint_estimate(name: str, kind: str) -> None:
    found = cost.decision(joint(name, imputed=SETS if kind == "pooled" else None), ORACLE["thresholds"]).tidy()
    assert found.columns == COLUMNS
    second = found.filter(pl.col("option") == "1")
    for row, wanted in zip(second.iter_rows(named=True), ORACLE["joint"][name][kind]["decision"], strict=True):
        for key in ("threshold", "inmb", "se", "low", "high", "probability", "frontier", "evpi"):
            assert row[key] == pytest.approx(wanted[key], rel=1e-8, abs=1e-12), key
        assert int(row["best"]) == wanted["adopt"]


@pytest.mark.parametrize("wanted", ORACLE["draws_decision"], ids=lambda case: str(case["threshold"]))
def test_draws_of_three_options(wanted: dict[str, Any]) -> None:
    found = cost.decision(DRAWS, [wanted["threshold"]]).tidy()
    assert found["option"].to_list() == ["0", "1", "2"]
    assert found["probability"].to_list() == pytest.approx(wanted["probability"], abs=1e-12)
    assert found["inmb"].to_list() == pytest.approx(wanted["inmb_vs_first"], rel=1e-9, abs=1e-8)
    assert found["best"].to_list().index(True) == wanted["best"]
    assert set(found["frontier"]) == {wanted["frontier"]} and found["best"].sum() == 1
    assert found["evpi"].to_list() == pytest.approx([wanted["evpi"]] * 3, rel=1e-9)
    assert found["se"][0] is None, "the reference against itself has no error"


def test_the_frontier_is_of_the_best_mean_not_of_the_best_chance() -> None:
    at = cost.decision(DRAWS, [30_000]).tidy()
    assert at["frontier"][0] == 0.352 < max(at["probability"]) == 0.365
    assert "highest mean net benefit" in cost.decision(DRAWS, [0]).rule


@settings(deadline=None)
@given(st.integers(2, 4), st.integers(1, 30), st.integers(0, 2**31), st.floats(0, 1e5))
def test_what_holds_of_every_decision(options: int, rows: int, seed: int, threshold: float) -> None:
    chance = np.random.default_rng(seed)
    frame = pl.DataFrame({f"{side}_{name}": chance.integers(0, 4, rows) * size
                          for side, size in (("cost", 1000), ("effect", 0.1)) for name in range(options)})  # fmt: skip
    found = cost.decision(frame, [threshold]).tidy()
    assert found["probability"].sum() == pytest.approx(1)
    assert found["evpi"][0] >= 0
    assert found["inmb"][0] == 0 and found["best"].sum() == 1
    assert found.filter(pl.col("best"))["inmb"][0] >= max(found["inmb"]) - 1e-6


def test_a_tie_goes_to_the_first() -> None:
    same = pl.DataFrame({"cost_a": [1.0, 2.0], "cost_b": [1.0, 2.0], "effect_a": [0.0, 0.0], "effect_b": [0.0, 0.0]})
    found = cost.decision(same, [0]).tidy()
    assert found["probability"].to_list() == [1.0, 0.0] and found["best"].to_list() == [True, False]
    assert found["option"].to_list() == ["a", "b"]


def test_the_plane_has_each_draw_in_its_quadrant() -> None:
    frame = pl.DataFrame({"cost_0": [0.0] * 4, "cost_1": [1.0, -1.0, -1.0, 1.0], "effect_0": [0.0] * 4,
                          "effect_1": [1.0, 1.0, -1.0, -1.0]})  # fmt: skip
    assert cost.plane(frame)["quadrant"].to_list() == ["north-east", "south-east", "south-west", "north-west"]
    fitted = joint("plain")
    points = cost.plane(fitted)
    apart = points.select("cost", "effect").to_numpy() - [fitted.cost.value, fitted.effect.value]
    distance = np.einsum("ij,jk,ik->i", apart, np.linalg.inv(fitted.cov), apart)
    assert distance == pytest.approx(5.991464547107979), "the 95 % ellipse"


@pytest.mark.parametrize(("source", "thresholds", "sentence"), [
    (DRAWS, [], "at least one"),
    (DRAWS, [-1], "0 or more"),
    (DRAWS, [float("nan")], "0 or more"),
    (DRAWS, ["dear"], "a list of numbers"),
    (DRAWS, 20_000, "a list of numbers"),
    (DRAWS.drop("effect_2"), [0], "no column 'effect_2'"),
    (DRAWS.select("cost_0", "effect_0"), [0], "two options"),
    (DRAWS.head(0), [0], "a row each"),
    (DRAWS.with_columns(cost_1=pl.lit(None, dtype=pl.Float64)), [0], "have a gap"),
    ({"cost_0": [1]}, [0], "not from dict"),
])  # fmt: skip
def test_what_is_no_decision(source: Any, thresholds: Any, sentence: str) -> None:
    with pytest.raises(CostError, match=sentence):
        cost.decision(source, thresholds)
