"""Every reference fit of the linear and mixed models is met, at the tolerance written beside its kind.

Relative, with a floor of .01 under the reference: closed forms 1e-9, REML 1e-6, its df 1e-4, limits and p that hang on
such df 3e-5.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from attunement.impact import Estimate, Flag, ancova, effect_size, icc, mixed, partially_nested

DATA = Path(__file__).parents[1] / "data" / "impact"
FITS = json.loads((DATA / "r_fits.json").read_text())["fits"]
OUTCOMES = ("y1", "y2", "y3", "y5")
CLOSED, REML = dict.fromkeys(("value", "se", "df", "low", "high", "p"), 1e-9), {
    "value": 1e-6, "se": 1e-6, "df": 1e-4, "low": 3e-5, "high": 3e-5, "p": 3e-5,
}  # fmt: skip


def read(name: str) -> pl.DataFrame:
    return pl.read_csv(DATA / f"{name}.csv", null_values="NA")


TRIAL, LONG = read("vigsim"), read("viglong")
MODEL: dict[str, Any] = {"arm": "arm", "covariates": ["y0"], "site": "site"}


def same(found: float | None, expected: float, tolerance: float) -> bool:
    return found is not None and abs(found - expected) <= tolerance * max(abs(expected), 0.01)


def check(estimate: Estimate, expected: dict[str, float], tolerances: dict[str, float]) -> None:
    compared = [name for name in tolerances if name in expected]
    assert compared
    off = [(n, getattr(estimate, n), expected[n]) for n in compared
           if not same(getattr(estimate, n), expected[n], tolerances[n])]  # fmt: skip
    assert not off


def ancovas() -> Iterator[tuple[str, Estimate, dict[str, float]]]:
    for outcome in OUTCOMES:
        values = FITS[f"ancova_{outcome}"]["values"]
        for se in ("classical", "hc0", "hc1", "hc2", "hc3"):
            yield f"{outcome} {se}", ancova(TRIAL, outcome=outcome, se=se, **MODEL).effect, values[se]
        lin = ancova(TRIAL, outcome=outcome, adjust="lin", se="hc2", **MODEL).effect
        yield f"{outcome} lin", lin, FITS[f"lin_{outcome}"]["values"]
        values = FITS[f"cluster_{outcome}"]["values"]
        for column in ("cluster", "practitioner"):
            cr2 = ancova(TRIAL, outcome=outcome, se="cr2", cluster=column, **MODEL).effect
            yield f"{outcome} cr2 by {column}", cr2, values["cr2"]
            cr1 = ancova(TRIAL, outcome=outcome, se="cr1", cluster=column, **MODEL).effect
            df = values["clusters"] - 1
            yield f"{outcome} cr1 by {column}", cr1, {"value": values["value"], "se": values["cr1s"], "df": df}


@pytest.mark.parametrize(("estimate", "expected"), [pytest.param(*case[1:], id=case[0]) for case in ancovas()])
def test_ancova(estimate: Estimate, expected: dict[str, float]) -> None:
    check(estimate, expected, CLOSED)


@pytest.mark.parametrize("df", ["satterthwaite", "kenward_roger"])
@pytest.mark.parametrize("outcome", OUTCOMES)
def test_partially_nested(outcome: str, df: Any) -> None:
    expected = FITS[f"partially_nested_{outcome}"]["values"]
    fit = partially_nested(TRIAL, outcome=outcome, practitioner="practitioner", df=df, **MODEL)
    check(fit.effect, expected[df], REML)
    assert (Flag.BOUNDARY in fit.flags) == expected["boundary"]
    for found, component in zip(fit.variance_components.values(), expected["components"], strict=True):
        assert same(found, component, 1e-6)
    assert same(fit.diagnostics["reml_criterion"], expected["reml_criterion"], 1e-9)


@pytest.mark.parametrize("outcome", ["y3", "y5"])
def test_partially_nested_with_a_residual_by_arm(outcome: str) -> None:
    expected = FITS[f"partially_nested_by_arm_{outcome}"]["values"]
    fit = partially_nested(TRIAL, outcome=outcome, practitioner="cluster", residual="by_arm", **MODEL)
    check(fit.effect, expected, {"value": 1e-6, "se": 1e-6})
    for found, component in zip(fit.variance_components.values(), expected["components"], strict=True):
        assert same(found, component, 1e-6)
    assert same(fit.diagnostics["loglik"], expected["loglik"], 1e-9)


@pytest.mark.parametrize("df", ["satterthwaite", "kenward_roger"])
@pytest.mark.parametrize(("name", "term", "slopes"), [
    ("mixed_long", "month", ["month"]), ("mixed_long_arm", "arm", ["month"]), ("mixed_long_ri", "month", []),
])  # fmt: skip
def test_mixed(name: str, term: str, slopes: list[str], df: Any) -> None:
    expected = FITS[name]["values"]
    fit = mixed(LONG, outcome="score", fixed=["month", "arm"], group="id", slopes=slopes, df=df)
    check(fit.term(term), expected[df], REML)
    for found, component in zip(fit.variance_components.values(), expected["components"], strict=True):
        assert same(found, component, 1e-6)
    assert same(fit.diagnostics["reml_criterion"], expected["reml_criterion"], 1e-9)


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_hedges_g(outcome: str) -> None:
    expected = FITS[f"effect_size_{outcome}"]["values"]
    size = effect_size(TRIAL, outcome=outcome, **MODEL)
    check(size.raw, {"value": expected["g"], "low": expected["low"], "high": expected["high"]}, CLOSED)
    adjusted = {"value": expected["g_adj"], "low": expected["g_adj_low"], "high": expected["g_adj_high"]}
    check(size.adjusted, adjusted, CLOSED)
    assert same(size.diagnostics["sd_pooled"], expected["sd_pooled"], 1e-9)
    assert same(size.diagnostics["factor"], expected["J"], 1e-9)


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_icc(outcome: str) -> None:
    expected = FITS[f"icc_{outcome}"]["values"]
    fit = icc(TRIAL.filter(pl.col("arm") == 1), outcome=outcome, group="practitioner")
    assert same(fit.effect.value, expected["icc_anova"], 1e-9)
    assert same(fit.term("reml").value, expected["icc_reml"], 1e-6)
    for name in ("msb", "msw", "n0", "groups"):
        assert same(fit.diagnostics[name], expected[name], 1e-9)


def test_where_a_closed_form_exists_it_is_the_truth() -> None:
    """Balanced one-way groups: ML between is ((1 - 1/k) MSB - MSW) / m, REML (MSB - MSW) / m."""
    means, k, m = [0.0, 2.0, 5.0, 3.0, 7.0, 4.0], 6, 5
    rows = [{"group": g, "y": mean + d} for g, mean in enumerate(means) for d in (-1.5, -0.5, 0.0, 0.5, 1.5)]
    data = pl.DataFrame(rows)
    msb = m * sum((mean - sum(means) / k) ** 2 for mean in means) / (k - 1)
    msw = k * 5.0 / (k * (m - 1))
    reml, ml = (mixed(data, outcome="y", group="group", reml=one) for one in (True, False))
    assert list(reml.variance_components.values()) == pytest.approx([(msb - msw) / m, msw], rel=1e-12)
    assert list(ml.variance_components.values()) == pytest.approx([((1 - 1 / k) * msb - msw) / m, msw], rel=1e-12)
