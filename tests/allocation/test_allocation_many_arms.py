"""Three arms and more: exact figures are those of every path walked; simulated ones lie within their standard errors."""

from fractions import Fraction
from itertools import product

import pytest

from attunement.allocation import Complete, Minimisation, PermutedBlocks, Simulated, Source, assess, simulate
from attunement.allocation.comparing import others, picture

ANY = Source(bytes(48), "any")
EXACT = ["guess", "deterministic", "balance", "sd", "mean_abs"]


def by_walking(scheme, ratio, n):
    """Guess, forced, level, variance, mean |D| and largest |D| by every path, with the scheme's own chances."""
    arms, whole = len(ratio), sum(ratio)
    found, largest = [Fraction(0)] * 5, Fraction(0)
    for path in product(range(arms), repeat=n):
        weight, here = Fraction(1), [Fraction(0)] * 3
        for place, arm in enumerate(path):
            chances = scheme.chances(path[:place], ANY)
            off = [Fraction(place * part, whole) - path[:place].count(each) for each, part in enumerate(ratio)]
            named = [each for each in range(arms) if off[each] == max(off)]
            here[0] += sum(chances[each] for each in named) / len(named)
            here[1] += max(chances) == 1
            here[2] += all(path[: place + 1].count(each) * whole == (place + 1) * part for each, part in enumerate(ratio))
            weight *= chances[arm]
            if not weight:
                break
        if weight:
            off = [abs(path.count(each) - Fraction(n * part, whole)) for each, part in enumerate(ratio)]
            told = [*(each / n for each in here), sum(each**2 for each in off) / arms, sum(off) / arms]
            found, largest = [old + weight * new for old, new in zip(found, told, strict=True)], max(largest, *off)
    return [float(each) for each in (*found, largest)]


@pytest.mark.parametrize(("scheme", "n"), [
    (PermutedBlocks((3,), (1, 1, 1)), 5), (PermutedBlocks((6,), (1, 2, 3)), 6), (PermutedBlocks((6,), (2, 2, 2)), 5),
    (PermutedBlocks((8,), (1, 1, 2)), 5), (PermutedBlocks((4,), (1, 1, 1, 1)), 5), (Complete((1, 1, 1)), 4),
    (Complete((1, 2, 3)), 5), (Complete((3, 1, 1, 2)), 4)], ids=lambda each: getattr(each, "name", each))
def test_exact_figures_agree_with_every_path_walked(scheme, n):
    found = assess(scheme, n)
    told = [found.guess, found.deterministic, found.balance, found.sd**2, found.mean_abs, found.max_abs]
    assert told == pytest.approx(by_walking(scheme, scheme.ratio, n), rel=1e-12, abs=1e-14)


def test_a_block_of_three_is_guessed_eleven_times_in_eighteen():
    """By hand: one third, one half and certainty, in turn."""
    found = assess(PermutedBlocks((3,), (1, 1, 1)), 60)
    assert (found.guess, found.deterministic, found.sd) == (pytest.approx(11 / 18), pytest.approx(1 / 3), 0)
    assert "WARNING" in found.in_words and "furthest below its share is right 61 times" in found.in_words


@pytest.mark.parametrize(("scheme", "n"), [
    (PermutedBlocks((6, 12), (1, 2, 3)), 61), (PermutedBlocks((3, 6, 9), (1, 1, 1)), 50), (Complete((2, 1, 1)), 40)],
    ids=lambda each: getattr(each, "name", each))
def test_made_up_trials_agree_with_the_exact_figures_within_their_standard_errors(scheme, n):
    exact, tried = assess(scheme, n), simulate(scheme, n, 4_000, seed=5)
    for name in EXACT:
        error = getattr(tried, f"{name}_mc_error")
        assert abs(getattr(exact, name) - getattr(tried, name)) <= 5 * error + 1e-12, name
    assert tried.max_abs <= exact.max_abs and tried.worst_margin is None


def test_what_passes_through_too_many_states_is_simulated_and_says_so():
    for scheme in (Complete((1, 2, 3, 4, 5)), PermutedBlocks((60,), (1, 2, 3, 4, 5))):
        found = assess(scheme, 120, runs=300)
        assert isinstance(found, Simulated) and 0 < found.guess_mc_error < 0.01
        assert found.in_words.endswith("in 100.") and "From 300 made-up trials" in found.in_words


def test_minimisation_of_three_arms_has_its_figures_and_their_errors():
    found = assess(Minimisation({"site": ("A", "B"), "age": ("young", "old")}, {"site": 1, "age": 1}, ratio=(1, 2, 3)), 60,
                   runs=400)
    assert 0.5 < found.guess < 0.9 and found.deterministic == 0 and 0 < found.sd_mc_error < found.sd
    assert found.worst_margin > 0 < found.worst_margin_mc_error and "Whoever knows every family so far" in found.in_words


def test_schemes_of_three_arms_stand_beside_others_of_the_same_ratio():
    own = assess(PermutedBlocks((6,), (1, 1, 1)), 60)
    beside = others(PermutedBlocks((6,), (1, 1, 1)), 60)
    assert [each.scheme for each in beside] == ["complete 1:1:1", "blocks:6,9 1:1:1", "blocks:3 1:1:1"]
    assert b"Mean distance of an arm from its share" in picture(own, beside)
