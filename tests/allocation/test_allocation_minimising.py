"""Minimisation scores, prefers and draws as in the worked examples, and meets the ratio."""

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from attunement.allocation import AllocationError, Minimisation, Source, assess, rank_chances, rerandomise, simulate

REFERENCE = json.loads((Path(__file__).parents[1] / "data" / "allocation" / "minimisation.json").read_text())
TWO = {"help": ("little", "much"), "site": ("A", "B")}
EQUAL = {"help": 1, "site": 1}
THREE = {"site": tuple("ABCD"), "help": ("little", "much"), "age": tuple("123")}
SOURCE = Source(bytes(range(48)), "all")
NEWCOMER = {"help": "much", "site": "B"}


def fifty():
    """The fifty of Pocock and Simon: only the margins by arm are printed, and only they matter."""
    counts, so_far = REFERENCE["pocock_simon_50"]["counts_by_arm"], REFERENCE["pocock_simon_50"]["so_far"]
    before = []
    for arm, people in enumerate(so_far):
        columns = {
            factor: [level for level, by_arm in levels.items() for _ in range(by_arm[arm])]
            for factor, levels in counts.items()
        }
        before += [({factor: column[at] for factor, column in columns.items()}, arm) for at in range(people)]
    return {factor: tuple(levels) for factor, levels in counts.items()}, before


@pytest.mark.parametrize("weights", [(2, 1, 1), (1, 1, 1)])
def test_the_fifty_patients_of_pocock_and_simon(weights):
    wanted, (factors, before) = REFERENCE["pocock_simon_50"], fifty()
    scheme = Minimisation(factors, dict(zip(factors, weights, strict=True)), "range", Fraction(2, 3), (1, 1, 1))
    found = scheme.weigh(before, wanted["newcomer"])
    assert list(found.scores) == wanted["scores"][f"weights {','.join(map(str, weights))}"]
    assert found.preferred == (wanted["preferred"] - 1,)
    assert [str(chance) for chance in found.probabilities] == wanted["chances"]


def test_the_rank_rule_of_pocock_and_simon():
    example = REFERENCE["rank_rule"]["example"]
    found = rank_chances(example["N"], Fraction(example["q"]))
    assert [float(chance) for chance in found] == pytest.approx(example["chances"], rel=1e-12)
    for arms in (2, 3, 5):
        for q in (Fraction(1, arms), Fraction(2, arms - 1) if arms > 2 else 1):
            assert sum(rank_chances(arms, q)) == 1 and min(rank_chances(arms, q)) >= 0
    for arms, q in ((4, 0.2), (4, 0.7), (1, 0.5), (4, "x")):
        with pytest.raises(AllocationError):
            rank_chances(arms, q)


@pytest.mark.parametrize("arm", [0, 1, 2])
def test_the_chances_of_han_for_one_to_two_to_three(arm):
    wanted = REFERENCE["han_1_2_3"]
    scheme = Minimisation(TWO, EQUAL, p=wanted["p"], ratio=tuple(wanted["ratio"]))
    chances = [float(chance) for chance in scheme.chances((arm,))]
    assert chances == pytest.approx(wanted["chances_when_preferred"][f"arm {arm + 1}"], rel=1e-12)


def test_three_arms_and_two_factors():
    wanted = REFERENCE["three_arms_two_factors"]
    scheme = Minimisation({"a": ("F", "M"), "b": ("t1", "t2")}, {"a": 0.5, "b": 0.5}, "range", 0.8, (1, 1, 1))
    before = [(dict(zip("ab", one["levels"], strict=True)), one["arm"] - 1) for one in wanted["so_far"]]
    found = scheme.weigh(before, dict(zip("ab", wanted["newcomer"], strict=True)))
    assert list(found.scores) == wanted["scores"]
    assert found.preferred == (wanted["preferred"] - 1,)


@pytest.mark.parametrize("measure", ["range", "variance", "sd"])
def test_all_arms_tied_give_exactly_the_ratio(measure):
    found = Minimisation(TWO, EQUAL, measure, 0.7, (2, 2)).weigh([], NEWCOMER)
    assert found.preferred == (0, 1)
    assert found.probabilities == (Fraction(1, 2), Fraction(1, 2))
    unequal = Minimisation(TWO, EQUAL, measure, 0.7, (1, 2, 3))
    assert unequal.chances((0, 1, 2)) == (Fraction(1, 6), Fraction(2, 6), Fraction(3, 6))


def test_weights_that_add_up_alike_tie_whatever_floats_say():
    factors = {name: ("x", "y") for name in "abc"}
    scheme = Minimisation(factors, {"a": 0.1, "b": 0.2, "c": 0.3}, p=0.9)
    xxy, yyx = {"a": "x", "b": "x", "c": "y"}, {"a": "y", "b": "y", "c": "x"}
    found = scheme.weigh([(xxy, 0), (yyx, 1)], {"a": "x", "b": "x", "c": "x"})
    assert found.preferred == (0, 1)
    assert found.scores == (Fraction(9, 10) - Fraction(3, 10), Fraction(6, 10))


def test_an_unequal_ratio_divides_the_counts():
    scheme = Minimisation({"site": ("A",)}, {"site": 1}, p=0.8, ratio=(2, 1))
    found = scheme.weigh([({"site": "A"}, 0)], {"site": "A"})
    assert found.scores == (1, Fraction(1, 2))  # 2/2 against 0/1; 1/2 against 1/1
    assert found.preferred == (1,)


def test_rules_that_differ_have_names_that_differ():
    one, other = ({"site": ("A", "B")}, {"site": ("A,B",)})
    assert Minimisation(one, {"site": 1}).name != Minimisation(other, {"site": 1}).name
    assert len({Minimisation(one, {"site": 1}), Minimisation(one, {"site": 1.0}), Minimisation(one, {"site": 2})}) == 2


def test_the_draw_follows_the_chances_and_is_the_same_for_ever():
    scheme = Minimisation(TWO, EQUAL, p=0.8)
    before = [(NEWCOMER, 0)]
    drawn = [scheme.draw(before, NEWCOMER, Source(bytes(48), str(run))) for run in range(1000)]
    assert abs(np.mean(drawn) - 0.8) < 5 * (0.16 / 1000) ** 0.5
    assert scheme.draw(before, NEWCOMER, SOURCE) == Minimisation(TWO, EQUAL, p=0.8).draw(before, NEWCOMER, SOURCE)
    assert Minimisation(TWO, EQUAL, p=1).draw(before, NEWCOMER, SOURCE) == 1


@pytest.mark.parametrize(
    ("setting", "ratio", "p"), [("1:2:3, p 0.7", (1, 2, 3), 0.7), ("2:1:1, p 0.8", (2, 1, 1), 0.8)]
)
@pytest.mark.parametrize("measure", ["range", "variance", "sd"])
def test_the_ratio_is_met(setting, ratio, p, measure):
    people = np.random.default_rng(4)
    families = [{f: TWO[f][people.integers(2)] for f in TWO} for _ in range(120)]
    arms = rerandomise(Minimisation(TWO, EQUAL, measure, p, ratio), families, 1000, 7)
    shares = [(arms == arm).mean() for arm in range(3)]
    assert shares == pytest.approx([share / sum(ratio) for share in ratio], abs=0.004)
    printed = REFERENCE["share_reached_by_simulation"][setting]["divided counts and the chances above"]
    assert shares == pytest.approx(printed, abs=0.006)


@pytest.mark.parametrize("ratio", [(1, 2, 1), (1, 1), (2, 1), (2, 3)])
@pytest.mark.parametrize("measure", ["range", "variance", "sd"])
def test_the_fast_form_draws_by_the_same_chances(measure, ratio):
    scheme = Minimisation(TWO, {"help": 0.2, "site": 0.1}, measure, 0.75, ratio)
    families = [{"help": TWO["help"][at % 3 == 0], "site": TWO["site"][at % 2]} for at in range(5)]
    arms = rerandomise(scheme, families, 60_000, 3)
    for path in {tuple(row) for row in arms[:40, :4].tolist()}:
        after = arms[(arms[:, :4] == path).all(axis=1), 4]
        wanted = scheme.weigh(list(zip(families, path, strict=False)), families[4]).probabilities
        for arm, chance in enumerate(wanted):
            assert abs((after == arm).mean() - float(chance)) < 5 * (0.25 / len(after)) ** 0.5


@pytest.mark.parametrize("ratio", [(1, 1), (2, 1), (3, 5)])
@pytest.mark.parametrize("measure", ["range", "variance", "sd"])
@pytest.mark.parametrize("weights", [{"help": 1, "site": 2}, {"help": 0.1, "site": 1 / 3}])
def test_the_fast_form_of_two_arms_prefers_the_same_arms(measure, ratio, weights):
    """With a chance of 1 the preferred arm is certain, so every arm drawn must be one that `weigh` prefers."""
    scheme, people = Minimisation(TWO, weights, measure, 1, ratio), np.random.default_rng(2)
    families = [{f: TWO[f][people.integers(2)] for f in TWO} for _ in range(30)]
    for arms in rerandomise(scheme, families, 40, 3).tolist():
        before = list(zip(families, arms, strict=True))
        for place, arm in enumerate(arms):
            assert arm in scheme.weigh(before[:place], families[place]).preferred


def test_weights_beyond_whole_numbers_do_not_overflow():
    scheme = Minimisation(TWO, {"help": 1 / 999_983, "site": 1 / 999_979}, "variance", 0.8, (999_961, 999_953))
    arms = rerandomise(scheme, [NEWCOMER] * 40, 2000, 1)
    assert abs(arms.mean() - 0.5) < 0.02


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"factors": {}}, "one factor or more"),
        ({"weights": {"help": 1}}, "see site"),
        ({"weights": {"help": 1, "site": 0}}, "above 0"),
        ({"weights": {"help": 1, "site": float("nan")}}, "should be a number"),
        ({"measure": "mean"}, "range, variance, sd"),
        ({"p": 0.3}, "from 1/2 to 1"),
        ({"p": 1.1}, "from 1/2 to 1"),
        ({"p": "0.8"}, "should be a number"),
        ({"ratio": (1,)}, "two arms or more"),
        ({"ratio": (1.5, 1)}, "whole number"),
        ({"ratio": None}, "whole numbers"),
        ({"factors": ["help", "site"]}, "one factor or more"),
        ({"factors": {"help": 3, "site": ("A",)}}, "list of levels"),
        ({"factors": {"help": (), "site": ("A",)}}, "list of levels"),
        ({"factors": {"help": "much", "site": ("A",)}}, "list of levels"),
    ],
)
def test_a_rule_that_cannot_be_is_refused(change, said):
    with pytest.raises(AllocationError, match=said):
        Minimisation(**({"factors": TWO, "weights": EQUAL} | change))


@pytest.mark.parametrize(
    ("newcomer", "said"), [({"help": "much"}, "site, which is missing"), ({**NEWCOMER, "site": "C"}, "no level 'C'")]
)
def test_a_family_without_a_known_level_is_refused(newcomer, said):
    scheme = Minimisation(TWO, EQUAL)
    with pytest.raises(AllocationError, match="a mapping from factor"):
        scheme.weigh([], None)
    for before, now in (([], newcomer), ([(newcomer, 0)], NEWCOMER)):
        with pytest.raises(AllocationError, match=said):
            scheme.weigh(before, now)
    with pytest.raises(AllocationError, match=said):
        rerandomise(scheme, [NEWCOMER, newcomer], 10, 1)
    with pytest.raises(AllocationError, match="arms are 0 to 1"):
        scheme.weigh([(NEWCOMER, 2)], NEWCOMER)


@pytest.mark.parametrize("p", [0.7, 0.8, 1.0])
def test_guessing_is_that_of_the_reference(p):
    wanted = REFERENCE["guessability_by_simulation"][f"p {p}"]
    found = simulate(Minimisation(THREE, dict.fromkeys(THREE, 1), "range", p), 240, 1000)
    assert 0 < found.guess_mc_error < 0.002
    assert found.guess == pytest.approx(wanted["guess"], abs=0.0005 + 5 * found.guess_mc_error)
    if "mean_abs" in wanted:
        assert found.mean_abs == pytest.approx(wanted["mean_abs"], abs=0.05 + 5 * found.sd / 1000**0.5)
    if "worst_margin" in wanted:
        assert found.worst_margin == pytest.approx(wanted["worst_margin"], abs=0.2)
    assert found.to_dict()["runs"] == 1000
    assert (found.deterministic > 0) == (p == 1)
    assert ("can be foreseen with certainty" in found.in_words) == (p == 1)
    assert assess(Minimisation(THREE, dict.fromkeys(THREE, 1), "range", p), 240, runs=1000) == found


def test_simulated_figures_of_a_two_to_one_ratio_are_about_the_expected_count():
    found = simulate(Minimisation(TWO, EQUAL, p=0.8, ratio=(2, 1)), 61, 400)
    assert found.max_abs % 1 == pytest.approx(1 / 3) or found.max_abs % 1 == pytest.approx(2 / 3)
    assert found.mean_abs < 3


def test_what_cannot_be_simulated_is_refused():
    scheme = Minimisation(TWO, EQUAL)
    for n, runs, seed in ((0, 9, 1), (9, 1, 1), (9, 9, -1), (2.5, 9, 1), (9, True, 1)):
        with pytest.raises(AllocationError, match="should be a whole number"):
            simulate(scheme, n, runs, seed)
    with pytest.raises(AllocationError, match="simulated figures are for"):
        simulate("minimisation", 20)
    with pytest.raises(AllocationError, match="a mapping from factor to level"):
        rerandomise(scheme, ["A"], 5, 1)
