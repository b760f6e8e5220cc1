"""What must not matter does not, and what must be equal is, on trials made up by chance."""

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attunement.impact import (
    Flag,
    ImpactError,
    ancova,
    effect_size,
    icc,
    mixed,
    partially_nested,
    randomisation_test,
    stepdown,
)

NESTED: dict[str, Any] = {"outcome": "y", "arm": "arm", "practitioner": "who", "covariates": ["x"], "site": "site"}
PLAIN = {name: column for name, column in NESTED.items() if name != "practitioner"}


def trial(seed: int, families: int = 90, practitioners: int = 6, between: float = 1.0) -> pl.DataFrame:
    chance = np.random.default_rng(seed)
    arm = chance.permutation(np.arange(families) % 2)
    who = chance.integers(practitioners, size=families)
    x = chance.normal(50, 10, families)
    y = 0.5 * x + 2 * arm + arm * chance.normal(0, between**0.5, practitioners)[who] * 3 + chance.normal(0, 3, families)
    site = np.array(["North", "South", "West"])[chance.integers(3, size=families)]
    staff = [f"P{k}" if a else None for k, a in zip(who, arm, strict=True)]
    data = pl.DataFrame({"family": np.arange(families), "arm": arm, "who": staff, "x": x, "y": y, "site": site})
    return data.with_columns(y=pl.when(pl.Series(chance.random(families) < 0.2)).then(None).otherwise("y"))


def figures(fit: Any) -> list[float | None]:
    effect = fit.effect
    return [effect.value, effect.se, effect.df, effect.low, effect.high, effect.p]


FITS = {
    "nested": lambda data: partially_nested(data, **NESTED),
    "nested, Kenward-Roger": lambda data: partially_nested(data, df="kenward_roger", **NESTED),
    "nested, by arm": lambda data: partially_nested(data, residual="by_arm", **NESTED),
    "ancova": lambda data: ancova(data, **PLAIN),
    "lin": lambda data: ancova(data, adjust="lin", **PLAIN),
    "cr2": lambda data: ancova(data, se="cr2", cluster="who", **PLAIN),
}


@pytest.mark.parametrize("name", FITS)
@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_neither_the_rows_order_nor_a_sites_name_matters(name: str, seed: int) -> None:
    data = trial(seed)
    expected = pytest.approx(figures(FITS[name](data)), rel=1e-7)
    assert figures(FITS[name](data.sample(fraction=1, shuffle=True, seed=seed))) == expected
    renamed = data.with_columns(pl.col("site").replace({"North": "zz", "South": "a b", "West": "9"}))
    assert figures(FITS[name](renamed)) == expected


@pytest.mark.parametrize("name", ["ancova", "lin"])
def test_arms_swapped_turn_the_effect_round(name: str) -> None:
    data = trial(4)
    one, other = FITS[name](data).effect, FITS[name](data.with_columns(arm=1 - pl.col("arm"))).effect
    assert [other.value, other.se, other.low, other.high] == pytest.approx([-one.value, one.se, -one.high, -one.low])


@pytest.mark.parametrize("arm", [
    lambda arm: arm.cast(pl.Boolean),
    lambda arm: arm.cast(pl.Float64),
    lambda arm: arm.replace_strict({0: "usual", 1: "new"}).cast(pl.Enum(["usual", "new"])),
])  # fmt: skip
def test_an_arm_may_be_written_in_several_ways(arm: Any) -> None:
    data = trial(1)
    assert FITS["nested"](data.with_columns(arm=arm(data["arm"]))) == FITS["nested"](data)


def test_labels_name_the_arms_of_a_text_column() -> None:
    data = trial(1)
    words = data.with_columns(arm=data["arm"].replace_strict({0: "usual", 1: "new"}))
    assert ancova(words, labels=("usual", "new"), **PLAIN) == ancova(data, **PLAIN)
    with pytest.raises(ImpactError, match="say labels="):
        ancova(words, **PLAIN)
    with pytest.raises(ImpactError, match="holds 'new', which is neither 'usual' nor 'old'"):
        ancova(words, labels=("usual", "old"), **PLAIN)
    with pytest.raises(ImpactError, match="two different values"):
        ancova(words, labels=("usual", "usual"), **PLAIN)


@pytest.mark.parametrize("word", [None, "none", "nobody at all"])
def test_what_the_control_arm_has_for_a_practitioner_is_not_read(word: str | None) -> None:
    data = trial(2)
    said = data.with_columns(who=pl.when(pl.col("arm") == 0).then(pl.lit(word)).otherwise("who"))
    assert FITS["nested"](said) == FITS["nested"](data)
    assert FITS["cr2"](said).effect == FITS["cr2"](data).effect


def balanced(seed: int) -> pl.DataFrame:
    chance = np.random.default_rng(seed)
    who = np.repeat(np.arange(8), 5)
    y = np.concatenate([chance.normal(0, 1, 40), chance.normal(0, 2, 8)[who] + chance.normal(0, 1, 40)])
    return pl.DataFrame({"arm": [0] * 40 + [1] * 40, "who": [None] * 40 + [f"P{k}" for k in who], "y": y})


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_kenward_roger_is_satterthwaite_on_balanced_groups(seed: int) -> None:
    data = balanced(seed)["y", "who"].tail(40).with_columns(half=pl.Series(np.tile([0.0, 1.0, 0.5, -0.5, -1.0], 8)))
    one, other = (
        mixed(data, outcome="y", fixed=["half"], group="who", df=df) for df in ("satterthwaite", "kenward_roger")
    )
    for term in ("(intercept)", "half"):
        if Flag.BOUNDARY not in one.flags:
            assert other.term(term).df == pytest.approx(one.term(term).df, rel=1e-6)
            assert other.term(term).se == pytest.approx(one.term(term).se, rel=1e-6)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), between=st.sampled_from([0.0, 0.1, 3.0]))
def test_no_variance_anywhere_has_a_higher_likelihood(seed: int, between: float) -> None:
    """Against the textbook form with n x n matrices, on a grid."""
    data = trial(seed, families=40, practitioners=4, between=between).drop_nulls("y").drop("site")
    model = {name: column for name, column in NESTED.items() if name != "site"}
    fit = partially_nested(data, **model)
    x = np.column_stack([np.ones(data.height), data["x"], data["arm"]])
    who, y = data["who"].to_numpy(), data["y"].to_numpy()
    shared = (who[:, None] == who[None, :]) & (data["arm"].to_numpy() == 1)[:, None] & (data["arm"].to_numpy() == 1)

    def criterion(between: float, residual: float) -> float:
        v = residual * np.eye(y.size) + between * shared
        inverse = np.linalg.inv(v)
        inner = x.T @ inverse @ x
        left = y - x @ np.linalg.solve(inner, x.T @ inverse @ y)
        logs = np.linalg.slogdet(v)[1] + np.linalg.slogdet(inner)[1]
        return float(logs + left @ inverse @ left + (y.size - 3) * np.log(2 * np.pi))

    tau, sigma = fit.variance_components.values()
    lowest = criterion(tau, sigma)
    assert fit.diagnostics["reml_criterion"] == pytest.approx(lowest, rel=1e-9)
    grid = [criterion(b * sigma, sigma * r) for b in np.geomspace(1e-3, 100, 25) for r in (0.3, 0.7, 0.95, 1.05, 1.5)]
    assert lowest <= min([*grid, criterion(0, sigma * 1.02), criterion(0, sigma * 0.98)]) + 1e-9


def test_one_practitioner_fails_with_its_reason_and_two_are_flagged() -> None:
    one = FITS["nested"](trial(3, practitioners=1))
    assert (one.effect.value, one.flags) == (None, (Flag.FEW_CLUSTERS,))
    assert "one practitioner only" in str(one.failed)
    two = FITS["nested"](trial(3, practitioners=2))
    assert Flag.FEW_CLUSTERS in two.flags
    assert two.effect.value is not None


def test_a_treated_family_without_a_practitioner_is_its_own_and_flagged() -> None:
    data = trial(5)
    gone = data.with_columns(who=pl.when(pl.col("family") % 11 == 0).then(None).otherwise("who"))
    fit = FITS["nested"](gone)
    assert Flag.MISSING in fit.flags
    assert fit.effect.n == FITS["nested"](data).effect.n


def test_no_practitioner_with_two_families_cannot_have_a_residual_by_arm() -> None:
    alone = trial(6).with_columns(who=pl.col("family").cast(pl.String))
    assert FITS["nested, by arm"](alone).flags == (Flag.FEW_CLUSTERS,)
    assert FITS["nested"](alone).effect.value is not None


@pytest.mark.parametrize("name", FITS)
@pytest.mark.parametrize(("data", "flag"), [
    (trial(7).with_columns(y=pl.lit(4.0)), Flag.CONSTANT),
    (trial(7).with_columns(y=pl.col("x") * 2 + 1), Flag.CONSTANT),
    (trial(7).head(0), Flag.SMALL_CELL),
    (trial(7).head(1), Flag.SMALL_CELL),
    (trial(7).with_columns(y=pl.lit(None, dtype=pl.Float64)), Flag.MISSING),
    (trial(7).with_columns(arm=pl.lit(1)), Flag.SMALL_CELL),
    (trial(7).with_columns(x=pl.col("arm") * 2.0), Flag.COLLINEAR),
])  # fmt: skip
def test_a_fit_that_cannot_be_had_says_why(name: str, data: pl.DataFrame, flag: Flag) -> None:
    fit = FITS[name](data)
    assert fit.effect.value is None or fit.effect.se is not None
    assert (fit.failed is not None and flag in fit.flags) or flag is Flag.COLLINEAR
    assert "nan" not in str(fit.to_dict())


@pytest.mark.parametrize("name", FITS)
@pytest.mark.parametrize(("change", "sentence"), [
    (lambda d: d.with_columns(y=pl.lit("high")), "holds text, and numbers are needed"),
    (lambda d: d.with_columns(y=pl.lit(float("inf"))), "holds an infinite value"),
    (lambda d: d.with_columns(arm=pl.lit(2)), "holds other values than 0 and 1"),
    (lambda d: pl.concat([d, d.head(1)]), "the same family in more than one row"),
    (lambda d: d.drop("x"), "There is no column 'x'"),
    (lambda d: d.lazy(), "should be a Polars DataFrame, not LazyFrame"),
    (lambda d: d.with_columns(y=pl.lit(1e300)), "too large to compute with"),
    (lambda d: d.with_columns(site=pl.lit(None, dtype=pl.String)), "every family has a site"),
])  # fmt: skip
def test_data_that_are_wrong_stop_at_the_edge(name: str, change: Any, sentence: str) -> None:
    with pytest.raises(ImpactError, match=sentence):
        FITS[name](change(trial(8)))


@pytest.mark.parametrize("name", FITS)
def test_sites_that_say_little_are_flagged_and_kept(name: str) -> None:
    data = trial(9)
    lost = data.with_columns(y=pl.when(pl.col("site") == "West").then(None).otherwise("y"))
    assert Flag.MISSING in FITS[name](lost).flags
    few = (pl.col("family") < 12) & (pl.col("arm") == 1)
    alone = data.with_columns(site=pl.when(few).then(pl.lit("Far")).otherwise("site"))
    assert Flag.SMALL_CELL in FITS[name](alone).flags
    assert FITS[name](alone).effect.n == FITS[name](data).effect.n


def test_the_level_widens_the_interval_and_is_named() -> None:
    data = trial(10)
    wide, usual = ancova(data, level=0.99, **PLAIN).effect, ancova(data, **PLAIN).effect
    assert wide.low < usual.low < usual.high < wide.high  # type: ignore[operator]
    assert "99 % limits" in wide.method
    for level in (95, 0, "x"):
        with pytest.raises(ImpactError, match="level is a share"):
            ancova(data, level=level, **PLAIN)  # type: ignore[arg-type]
    with pytest.raises(ImpactError, match="covariates is a list"):
        partially_nested(data, **(NESTED | {"covariates": None}))


@pytest.mark.parametrize("asked", [
    {"se": "hc9"}, {"se": "cr2"}, {"cluster": "who"}, {"adjust": "anova"}, {"se": "hc2", "cluster": "who"},
])  # fmt: skip
def test_an_ancova_that_is_not_offered_is_refused(asked: Any) -> None:
    with pytest.raises(ImpactError):
        ancova(trial(1), **PLAIN, **asked)


def test_mixed_and_icc_fail_with_a_reason() -> None:
    data = trial(11).filter(pl.col("arm") == 1)
    assert icc(data.with_columns(who=pl.lit("P")), outcome="y", group="who").flags == (Flag.FEW_CLUSTERS,)
    assert icc(data.with_columns(who="family"), outcome="y", group="who").flags == (Flag.SMALL_CELL,)
    assert icc(data.with_columns(y=pl.lit(1.0)), outcome="y", group="who").flags == (Flag.CONSTANT,)
    assert mixed(data, outcome="y", fixed=["x"], group="family").flags == (Flag.SMALL_CELL,)
    assert mixed(data.head(0), outcome="y", fixed=["x"], group="who").flags == (Flag.MISSING,)
    steady = mixed(data.with_columns(one=pl.lit(0.0)), outcome="y", fixed=["x"], group="who", slopes=["one"])
    assert steady.flags == (Flag.COLLINEAR,)
    assert effect_size(data.with_columns(y=pl.lit(1.0)), outcome="y", arm="arm").effect.value is None


def test_a_ready_array_gives_exactly_the_share_as_large() -> None:
    data = trial(12)
    lots = np.random.default_rng(1).integers(0, 2, (199, data.height))
    lots[0] = data["arm"].to_numpy()
    fit = randomisation_test(data, scheme=lots, **PLAIN)
    by_hand = []
    for row in lots:
        effect = ancova(data.with_columns(arm=pl.Series(row)), **PLAIN).effect
        by_hand.append(abs(effect.value / effect.se))  # type: ignore[operator]
    assert fit.statistics == pytest.approx(by_hand, rel=1e-9)  # type: ignore[attr-defined]
    assert fit.effect.p == (1 + sum(t >= by_hand[0] * (1 - 1e-9) for t in by_hand)) / 200


def test_the_schemes_own_lots_follow_arrival_and_stratum() -> None:
    data = trial(13).with_columns(came=pl.Series(np.random.default_rng(2).permutation(90)))
    asked = {"scheme": "blocks:4", "arrival": "came", "replicates": 500, "seed": 3, **PLAIN}
    first = randomisation_test(data, **asked)
    assert first.effect.p == randomisation_test(data.sort("came"), **asked).effect.p
    assert first.effect.p == randomisation_test(data, **asked).effect.p
    assert first.effect.p != randomisation_test(data, **(asked | {"seed": 4})).effect.p
    for wrong in ({"scheme": "dice"}, {"scheme": np.ones((3, 2))}, {"scheme": np.full((2, 90), 7)}, {"replicates": 0}):
        with pytest.raises(ImpactError):
            randomisation_test(data, **(asked | wrong))


def test_step_down_is_monotone_and_joint() -> None:
    data = trial(14).with_columns(z=pl.col("y") + pl.Series(np.random.default_rng(3).normal(0, 4, 90)), w=pl.col("x") * 0.1)
    lots = np.random.default_rng(4).integers(0, 2, (299, 90))
    model = {name: column for name, column in PLAIN.items() if name not in ("outcome", "covariates")}
    fit = stepdown(data, outcomes=["w", "y", "z"], scheme=lots, **model)
    adjusted = {estimate.term: estimate.p for estimate in fit.estimates}
    statistics = fit.statistics  # type: ignore[attr-defined]
    observed = np.array([estimate.extras["t"] for estimate in fit.estimates])
    order = np.argsort(-observed)
    largest, p = 0.0, []
    for at in range(3):
        share = (1 + (statistics[:, order[at:]].max(axis=1) >= observed[order[at]] * (1 - 1e-9)).sum()) / 300
        largest = max(largest, share)
        p.append(largest)
    assert [adjusted[["w", "y", "z"][at]] for at in order] == p
    assert all(e.extras["p_alone"] <= e.p for e in fit.estimates)  # type: ignore[operator]
