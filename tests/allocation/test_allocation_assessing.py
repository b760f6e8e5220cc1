"""The figures of a scheme are those of the reference, of every path walked, and of the closed forms."""

import json
from fractions import Fraction
from itertools import product
from math import comb
from pathlib import Path
from time import process_time

import numpy as np
import pytest

from attunement.allocation import AllocationError, Complete, MaximalProcedure, PermutedBlocks, Source, assess, parse
from attunement.allocation.leaning import block, leaning

REFERENCE = json.loads((Path(__file__).parents[1] / "data" / "allocation" / "two_arm.json").read_text())
SHARES = ("guess", "deterministic", "balance")
ANY = Source(bytes(48), "any")
SPECS = ["complete", "big_stick:3", "efron:2/3", "efron:1", "wei:0,1", "wei:2,3", "maximal:2", "maximal:30"]


def figures(found):
    return [found.guess, found.deterministic, found.balance, found.sd, found.mean_abs, found.max_abs]


@pytest.mark.parametrize("table", ["two_arm", "two_arm_tiny_as_fractions"])
def test_the_figures_are_those_of_the_reference(table):
    for row in REFERENCE[table]:
        found = assess(parse(row["scheme"], (1, 1), n=row["n"]), row["n"])
        exact = table != "two_arm"
        wanted = [float(Fraction(row[name])) for name in (*SHARES, "sd", "mean_abs", "max_abs")]
        # the larger table is printed to twelve places
        assert figures(found) == pytest.approx(wanted, rel=1e-12 if exact else 1e-9, abs=1e-12), row
        assert found.to_dict()["mean_abs"] == found.mean_abs


def by_walking(sizes, ratio, n):
    """Guess, forced, balance, variance, mean |D| and largest |D| by every path of every choice of block sizes."""
    share, sums, most = Fraction(ratio[0], sum(ratio)), [Fraction(0)] * 5, Fraction(0)
    for chosen in product(sizes, repeat=n):
        for path in product((0, 1), repeat=n):
            chance, right, forced, level, first, start, which = Fraction(1), Fraction(0), 0, 0, 0, 0, 0
            for place, arm in enumerate(path):
                if place - start == chosen[which]:
                    start, which = place, which + 1
                left = chosen[which] * share - path[start:place].count(0)
                chances = (left / (chosen[which] - place + start), 1 - left / (chosen[which] - place + start))
                chance *= chances[arm]
                if chance == 0:
                    break
                off = first - place * share
                right += Fraction(1, 2) if off == 0 else int(arm == (0 if off < 0 else 1))
                forced += chances[arm] == 1
                first += arm == 0
                level += first == (place + 1) * share
            if chance:
                d = (first - n * share) * (2 if ratio[0] == ratio[1] else 1)
                weight = chance / len(sizes) ** n
                for at, part in enumerate((right / n, Fraction(forced, n), Fraction(level, n), d * d, abs(d))):
                    sums[at] += weight * part
                most = max(most, abs(d))
    return [float(x) for x in (*sums[:3], sums[3], sums[4], most)]


@pytest.mark.parametrize(
    ("sizes", "ratio", "n"), [((3,), (2, 1), 5), ((3, 6), (1, 2), 4), ((4,), (2, 2), 7), ((2, 4), (1, 1), 5)]
)
def test_blocks_of_any_ratio_agree_with_every_path_walked(sizes, ratio, n):
    found = figures(assess(PermutedBlocks(sizes, ratio), n))
    found[3] **= 2
    assert found == pytest.approx(by_walking(sizes, ratio, n), rel=1e-12, abs=1e-14)


def test_complete_randomisation_two_to_one_agrees_with_the_binomial():
    found, n, p = assess(Complete((2, 1)), 12), 12, 2 / 3
    assert found.sd == pytest.approx((n * p * (1 - p)) ** 0.5)
    level = sum(comb(i, i * 2 // 3) * p ** (i * 2 // 3) * (1 - p) ** (i // 3) for i in range(3, 13, 3))
    assert found.balance == pytest.approx(level / n)
    assert found.max_abs == pytest.approx(8)
    assert found.deterministic == 0


@pytest.mark.parametrize("half", range(1, 8))
def test_blocks_agree_with_the_closed_form(half):
    """Blackwell and Hodges 1957: whole blocks of 2h."""
    found = assess(PermutedBlocks((2 * half,)), 6 * half)
    guess = (half + 2 ** (2 * half - 1) / comb(2 * half, half) - 0.5) / (2 * half)
    assert (found.guess, found.deterministic) == pytest.approx((guess, 1 / (half + 1)), rel=1e-12)


@pytest.mark.parametrize("spec", SPECS)
def test_the_array_form_of_a_scheme_is_the_scheme(spec):
    scheme = parse(spec, (1, 1), n=9)
    lean = leaning(scheme)
    for drawn in range(9):
        for first in range(drawn + 1):
            ahead, history = 2 * first - drawn, [0] * first + [1] * (drawn - first)
            try:
                wanted = scheme.chances(history, ANY)[0]
            except AllocationError:
                continue  # a state that the scheme cannot be in
            assert lean(drawn, np.array([ahead]))[0] == pytest.approx(float(wanted), rel=1e-13)


def test_the_array_form_of_a_block_is_the_block():
    scheme = PermutedBlocks((6,), (2, 1))
    for history in ([], [0], [1], [0, 1, 0], [0, 0, 0, 0], [1, 1, 0]):
        ahead = np.array([history.count(0) - history.count(1)])
        assert block(6, (2, 1))(len(history), ahead)[0] == float(scheme.chances(history, ANY)[0])


def test_what_can_happen_is_not_lost_when_its_chance_is_too_small_for_a_float():
    assert assess(parse("efron:0.999999"), 400).max_abs == 400
    # six hundred blocks of 2, then one of 2,400 that gives the first arm throughout
    assert assess(parse("blocks:2,2400"), 2400).max_abs == 1200


@pytest.mark.parametrize("spec", ["complete", "blocks:4,6,8", "big_stick:3", "efron:2/3", "wei:0,1", "maximal:20"])
def test_four_hundred_places_take_less_than_a_second(spec):
    begun = process_time()
    found = assess(parse(spec, (1, 1), n=400), 400)
    assert process_time() - begun < 1
    assert 0.5 <= found.guess < 1


def test_what_cannot_be_assessed_is_refused_in_a_sentence():
    with pytest.raises(AllocationError, match="1 to 5,000 places"):
        assess(Complete(), 5001)
    for n in (0, -1, 2.0, "60", None, True):
        with pytest.raises(AllocationError, match="places that a scheme is assessed over"):
            assess(Complete(), n)
    with pytest.raises(AllocationError, match="60 places in a stratum: 61"):
        assess(MaximalProcedure(3, 60), 61)
    with pytest.raises(AllocationError, match="no scheme that can be assessed"):
        assess("big_stick:3", 60)
