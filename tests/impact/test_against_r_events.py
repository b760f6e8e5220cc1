"""Risks, levels, rates, times, compliers, subgroups and attrition against R on the same families.

Tolerances are relative with a floor of .01 under the reference: 1e-9 for closed forms, 1e-8 for iterated likelihoods.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from attunement import impact
from attunement.impact import Estimate, Fit, Flag

DATA = Path(__file__).parents[1] / "data" / "impact"
FITS = {name: fit["values"] for name, fit in json.loads((DATA / "r_fits.json").read_text())["fits"].items()}
TRIAL = pl.read_csv(DATA / "vigsim.csv", null_values="NA")
INDO = pl.read_csv(DATA / "indo_rct.csv", null_values="NA")
MODEL: dict[str, Any] = {"arm": "arm", "covariates": ["y0"], "site": "site"}
Told = dict[str, float | None]


def figures(estimate: Estimate, **names: str) -> Told:
    """Values of an estimate under the reference's names; a name that is no field stands in the extras."""
    return {theirs: getattr(estimate, ours, None) if hasattr(estimate, ours) else estimate.extras[ours]
            for theirs, ours in names.items()}  # fmt: skip


def standardised(fit: Fit, error: str) -> Told:
    terms = ("risk_1", "risk_0", "risk_difference", "log_risk_ratio")
    risk1, risk0, rd, rr = (fit.term(f"adjusted_{name}") for name in terms)
    return {"risk1": risk1.value, "risk0": risk0.value, "p1": risk1.value, "p0": risk0.value, "rd": rd.value,
            "rd_se": rd.extras[f"se_{error}"], "log_rr": rr.value, "log_rr_se": rr.extras[f"se_{error}"]}  # fmt: skip


def risk() -> Told:
    fit = impact.risk(TRIAL, outcome="cpp", **MODEL)
    odds = fit.term("adjusted_log_odds_ratio")
    told = {"n": fit.effect.n, "risk1": fit.term("risk_1").value, "risk0": fit.term("risk_0").value,
            "rr": fit.term("log_risk_ratio").extras["ratio"], "or": fit.term("log_odds_ratio").extras["ratio"],
            "log_or_adjusted": odds.value, "log_or_adjusted_se": odds.se}  # fmt: skip
    told |= figures(fit.term("risk_difference"), rd="value", rd_newcombe_low="low", rd_newcombe_high="high")
    for name in ("model", "hc0"):
        reference = f"gcomp_{name.replace('hc', 'HC')}"
        told |= {f"{reference}.{key}": value for key, value in standardised(fit, name).items() if key[0] != "p"}
    return told


def logit() -> Told:
    fit = impact.risk(TRIAL, outcome="cpp", **MODEL)
    return {f"gcomp_{theirs}.{key}": value for theirs, ours in (("model", "model"), ("HC0", "hc0"), ("HC1", "hc1"))
            for key, value in standardised(fit, ours).items() if key not in ("risk1", "risk0")}  # fmt: skip


def separated() -> Told:
    fit = impact.risk(INDO, outcome="outcome", arm="arm", covariates=["risk"], site="site")
    assert fit.flags == (Flag.SEPARATION,)
    odds = fit.term("adjusted_log_odds_ratio")
    told: Told = {"risk1": fit.term("risk_1").value, "risk0": fit.term("risk_0").value, "n": fit.effect.n,
                  "coef.arm.Estimate": odds.value, "coef.arm.Std_Error": odds.se}  # fmt: skip
    for theirs, ours in (("gcomp", "model"), ("gcomp_HC0", "hc0")):
        told |= {f"{theirs}.{k}": v for k, v in standardised(fit, ours).items() if k not in ("risk1", "risk0")}
    return told


def ordinal() -> Told:
    fit = impact.ordinal(TRIAL, outcome="level", **MODEL)
    more = {f"thresholds.{k}": fit.diagnostics[f"threshold_{k + 1}"] for k in range(3)}
    more["loglik"] = fit.diagnostics["loglik"]
    return figures(fit.effect, value="value", se="se", p="p", low="low", high="high") | more


def poisson() -> Told:
    fit = impact.rate(TRIAL, outcome="count", exposure="months", **MODEL)
    return figures(fit.effect, value="value", se="se", se_HC0="se_hc0", n="n")


def negative_binomial() -> Told:
    fit = impact.rate(TRIAL, outcome="count", exposure="months", family="negative_binomial", **MODEL)
    same = ("se_theta_fixed", "se_observed_joint", "se_observed_theta_fixed", "theta", "alpha", "value", "n")
    return figures(fit.effect, **{name: name for name in same}) | {"loglik": fit.diagnostics["loglik"]}


def cox() -> Told:
    fit = impact.time_to_event(TRIAL, time="time", event="event", arm="arm", covariates=["y0"], strata="site")
    assert isinstance(fit, impact.Survival)
    told = figures(fit.effect, value="value", se="se", p="p", hr="ratio", n="n") | {
        "events": fit.diagnostics["events"], "loglik": fit.diagnostics["loglik"],
        "logrank": fit.term("log_rank").value, "logrank_stratified": fit.term("log_rank_stratified").value}  # fmt: skip
    for at, time in enumerate(FITS["time"]["km_times"]):
        for arm in (0, 1):
            row = fit.curves.filter((pl.col("arm") == arm) & (pl.col("time") <= time)).row(-1, named=True)
            told |= {f"km_survival_arm{arm}.{at}": row["survival"], f"km_se_arm{arm}.{at}": row["se"]}
    return told


def cace() -> Told:
    fit = impact.cace(TRIAL, outcome="y1", dose="dose", at_least=6, **MODEL)
    return figures(fit.effect, value="value", df="df", n="n", se_classical="se", se_hc0="se_hc0", se_hc1="se_hc1",
                   se_hc2="se_hc2") | {"first_stage_f": fit.diagnostics["first_stage_f"], "itt": fit.term("itt").value,
                                       "first_stage": fit.term("first_stage").value}  # fmt: skip


def subgroup() -> Told:
    fit = impact.subgroup(TRIAL, outcome="y1", moderator="first", **MODEL)
    terms = {"interaction": "arm:first", "within0": "arm | first = 0", "within1": "arm | first = 1"}
    assert fit.effect is fit.term("arm:first")
    return {f"{theirs}.{name}": getattr(fit.term(term), name) for theirs, term in terms.items()
            for name in ("value", "se", "df", "low", "high", "p")} | {"n": fit.effect.n}  # fmt: skip


def attrition() -> Told:
    fit = impact.attrition(TRIAL, outcome="y1", **MODEL)
    return {"overall": fit.term("overall").value, "arm1": fit.term("arm_1").value, "arm0": fit.term("arm_0").value,
            "differential": fit.effect.value, "log_odds": fit.term("arm").value,
            "log_odds_se": fit.term("arm").se}  # fmt: skip


def balance() -> Told:
    table = impact.balance(TRIAL, arm="arm", covariates=["y0", "first"])
    return {
        "y0": table["difference"][0],
        "first": table["difference"][1],
        "first_binary": table["difference_binary"][1],
    }


CHECKED: dict[str, tuple[Callable[[], Told], float]] = {
    "risk": (risk, 1e-9),
    "sim_logit": (logit, 1e-9),
    "indo_rct_binary": (separated, 1e-9),
    "ordinal": (ordinal, 1e-8),
    "rate_poisson": (poisson, 1e-8),
    "rate_nb": (negative_binomial, 1e-8),
    "time": (cox, 1e-8),
    "cace": (cace, 1e-9),
    "subgroup": (subgroup, 1e-9),
    "attrition": (attrition, 1e-9),
    "balance": (balance, 1e-9),
}


@pytest.mark.parametrize("name", CHECKED)
def test_every_figure_is_rs(name: str) -> None:
    told, tolerance = CHECKED[name][0](), CHECKED[name][1]
    assert len(told) > 2
    for path, value in told.items():
        expected: Any = FITS[name]
        for key in path.split("."):
            expected = expected[int(key) if isinstance(expected, list) else key]
        assert value == pytest.approx(expected, rel=tolerance, abs=tolerance * 0.01), path


@pytest.mark.parametrize("name", ["negative binomial", "ordinal"])
def test_every_coefficient_is_rs_with_the_first_site_as_reference(name: str) -> None:
    if name == "ordinal":
        fit, expected = impact.ordinal(TRIAL, outcome="level", **MODEL), FITS["sim_ordinal"]
        terms = {}
    else:
        asked = {"exposure": "months", "family": "negative_binomial", "se": "theta_fixed"}
        fit, expected = impact.rate(TRIAL, outcome="count", **asked, **MODEL), FITS["sim_nb"]
        terms = {"(intercept)": "(Intercept)"}
    terms |= {f"site LA{number}": f"siteLA{number}" for number in (2, 3, 4)} | {"y0": "y0", "arm": "arm"}
    assert {estimate.term for estimate in fit.estimates} == set(terms)
    for ours, theirs in terms.items():
        row, estimate = expected[theirs], fit.term(ours)
        assert estimate.value == pytest.approx(row["Estimate"], rel=1e-8, abs=1e-10), ours
        assert (estimate.se, estimate.p) == pytest.approx((row["Std_Error"], row["Pr_z_"]), rel=1e-8), ours


def test_the_dose_itself_may_be_instrumented() -> None:
    fit = impact.cace(TRIAL, outcome="y1", dose="dose", **MODEL)
    assert fit.effect.value == pytest.approx(FITS["sim_cace"]["dose_est"], rel=1e-9)


def test_adjusted_p_values_are_rs_in_the_order_given() -> None:
    expected = FITS["multiplicity"]
    for order in ([0, 1, 2], [2, 0, 1]):
        p = [expected["p"][at] for at in order]
        for name in ("holm", "hochberg", "benjamini_hochberg"):
            assert getattr(impact, name)(p) == pytest.approx([expected[name][at] for at in order], rel=1e-9), name


@pytest.mark.parametrize("p", [[0.2, None], [1.2], [-0.1], ["much"], [[0.1]], [float("nan")]])
def test_p_values_are_numbers_from_0_to_1(p: Any) -> None:
    with pytest.raises(impact.ImpactError, match="from 0 to 1"):
        impact.holm(p)


def test_no_p_value_at_all_is_no_p_value() -> None:
    assert impact.holm([]).size == impact.hochberg([]).size == impact.benjamini_hochberg([]).size == 0


def test_ties_and_certainties_stay_monotone_and_at_most_one() -> None:
    p = [0.5, 0.5, 0.9, 1.0, 0.0]
    assert impact.holm(p).tolist() == [1, 1, 1, 1, 0]
    assert impact.hochberg(p).tolist() == [1, 1, 1, 1, 0]
    assert impact.holm([0.011, 0.012, 0.01]) == pytest.approx([0.03, 0.03, 0.03])
    assert impact.hochberg([0.01, 0.02, 0.0201]) == pytest.approx([0.0201] * 3)
    assert impact.benjamini_hochberg(p) == pytest.approx([2.5 / 3, 2.5 / 3, 1, 1, 0])
