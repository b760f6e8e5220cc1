"""Every number is held to R on the same invented trial; relative tolerance 1e-9 (closed forms)."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from attunement.impact import ancova, balance, effect_size, risk

DATA = Path(__file__).parents[1] / "data" / "impact"
FITS = json.loads((DATA / "fits.json").read_text())["fits"]
MODEL: dict[str, Any] = {"arm": "arm", "covariates": ["y0"], "site": "site"}


@pytest.fixture(scope="module")
def trial() -> pl.DataFrame:
    return pl.read_csv(DATA / "vigsim.csv", null_values="NA")


def close(value: float, floor: float = 0.0, rel: float = 1e-9) -> object:
    return pytest.approx(value, rel=rel, abs=floor)


@pytest.mark.parametrize("outcome", ["y1", "y2", "y3", "y5"])
def test_ancova_is_lm_with_site_dummies(trial: pl.DataFrame, outcome: str) -> None:
    expected = FITS[f"ancova_{outcome}"]["values"]
    fit = ancova(trial, outcome=outcome, **MODEL)
    for field, value in expected["classical"].items():
        assert getattr(fit.effect, field) == close(value), field
    assert fit.effect.n == expected["n"] == sum(fit.effect.n_by_arm)
    assert fit.sigma == close(expected["sigma"])
    assert fit.missing == trial.height - expected["n"]
    assert fit.flags == ()


def test_every_term_of_the_model_is_there(trial: pl.DataFrame) -> None:
    expected = FITS["terms_y1"]["values"]
    terms = {estimate.term: estimate for estimate in ancova(trial, outcome="y1", **MODEL).estimates}
    names = {"(intercept)": "(Intercept)", "site LA2": "siteLA2", "site LA3": "siteLA3", "site LA4": "siteLA4"}
    assert set(terms) == {*names, "y0", "arm"}
    for term, estimate in terms.items():
        row = expected[names.get(term, term)]
        assert (estimate.value, estimate.se, estimate.p) == (
            close(row["Estimate"]), close(row["Std_Error"]), close(row["Pr_t_"]),
        )  # fmt: skip


@pytest.mark.parametrize("outcome", ["y1", "y2", "y3", "y5"])
def test_effect_size_is_hedges_g(trial: pl.DataFrame, outcome: str) -> None:
    expected = FITS[f"effect_size_{outcome}"]["values"]
    size = effect_size(trial, outcome=outcome, **MODEL)
    assert size.raw.value == close(expected["g"])
    assert (size.raw.low, size.raw.high) == (close(expected["low"], rel=1e-6), close(expected["high"], rel=1e-6))
    adjusted = size.adjusted
    assert adjusted.value == close(expected["g_adj"])
    assert (adjusted.low, adjusted.high) == (close(expected["g_adj_low"]), close(expected["g_adj_high"]))
    assert adjusted.n_by_arm == (expected["n0"], expected["n1"])


def test_risk_difference_has_newcombes_interval(trial: pl.DataFrame) -> None:
    expected = FITS["risk"]["values"]
    fit = risk(trial, outcome="cpp", arm="arm")
    effect, control, programme = fit.effect, *fit.estimates[:2]
    assert effect is fit.effect
    assert (effect.value, effect.low, effect.high) == (
        close(expected["rd"]), close(expected["rd_newcombe_low"]), close(expected["rd_newcombe_high"]),
    )  # fmt: skip
    assert (control.value, programme.value) == (close(expected["risk0"]), close(expected["risk1"]))


def test_balance_is_the_standardised_difference(trial: pl.DataFrame) -> None:
    expected = FITS["balance"]["values"]
    table = balance(trial, arm="arm", covariates=["y0", "first"])
    assert table["difference"].to_list() == [close(expected["y0"]), close(expected["first"])]
    assert table["n0"].to_list() == [126, 126]
    assert "p" not in table.columns
