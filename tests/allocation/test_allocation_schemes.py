"""Schemes hold what they promise, and their chances give the exact figures of the reference."""

import json
from collections import Counter
from fractions import Fraction
from itertools import product
from math import comb, sqrt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2

from attunement.allocation import AllocationError, BigStick, MaximalProcedure, PermutedBlocks, Source, parse
from attunement.allocation.schemes import endings

DATA = Path(__file__).parents[1] / "data" / "allocation"
REFERENCE = json.loads((DATA / "two_arm.json").read_text())
SEED = bytes(range(48))
ANY = Source(SEED, "any")
SPECS = ["complete", "blocks:4", "blocks:4,6,8", "big_stick:1", "big_stick:3", "efron:2/3", "wei:0,1", "maximal:3"]


def sequence(scheme, length, source=ANY):
    history = []
    for _ in range(length):
        history.append(scheme.draw(history, source))
    return history


def even(counts, kinds, runs):
    assert len(counts) <= kinds
    missing = (kinds - len(counts)) * runs / kinds
    statistic = missing + sum((count - runs / kinds) ** 2 * kinds / runs for count in counts.values())
    assert statistic < chi2.isf(1e-6, kinds - 1)


@pytest.mark.parametrize("size", [4, 6, 8])
def test_each_arrangement_of_a_block_comes_equally_often(size):
    kinds, scheme = REFERENCE["arrangements"]["blocks"][str(size)], PermutedBlocks((size,))
    runs = 30 * kinds
    drawn = Counter(tuple(sequence(scheme, size, Source(SEED, f"stratum {run}"))) for run in range(runs))
    assert all(sum(arrangement) == size // 2 for arrangement in drawn)
    even(drawn, kinds, runs)


@pytest.mark.parametrize(("limit", "n"), [(2, 6), (2, 8), (3, 8)])
def test_each_sequence_of_the_maximal_procedure_comes_equally_often(limit, n):
    kinds, scheme = REFERENCE["arrangements"]["maximal_set_size"][f"limit {limit}, n {n}"], MaximalProcedure(limit, n)
    drawn = Counter(tuple(sequence(scheme, n, Source(SEED, f"stratum {run}"))) for run in range(20 * kinds))
    even(drawn, kinds, 20 * kinds)


@pytest.mark.parametrize(("limit", "n"), [(3, 9), (3, 10)])
def test_the_maximal_procedure_counts_its_sequences(limit, n):
    assert endings(n, limit)[0] == REFERENCE["arrangements"]["maximal_set_size"][f"limit {limit}, n {n}"]


def test_block_sizes_are_drawn_each_by_itself():
    scheme = PermutedBlocks((4, 6, 8))
    pairs = Counter(
        (scheme.size(0, source), scheme.size(1, source)) for source in (Source(SEED, str(run)) for run in range(900))
    )
    even(pairs, 9, 900)


@given(st.sampled_from([1, 2, 3, 5]), st.text(max_size=8))
def test_the_big_stick_never_passes_its_limit(limit, label):
    history = sequence(BigStick(limit), 60, Source(SEED, label))
    ahead = [history[:n].count(0) - history[:n].count(1) for n in range(61)]
    assert max(map(abs, ahead)) <= limit


@given(st.sampled_from([(1, 1), (1, 2), (2, 1, 1)]), st.text(max_size=8))
def test_every_whole_block_is_in_the_ratio(ratio, label):
    size = 2 * sum(ratio)
    history = sequence(PermutedBlocks((size,), ratio), 3 * size, Source(SEED, label))
    for start in range(0, 3 * size, size):
        block = history[start : start + size]
        assert [block.count(arm) for arm in range(len(ratio))] == [2 * share for share in ratio]


@given(st.sampled_from(SPECS), st.integers(0, 40), st.binary(min_size=48, max_size=48))
def test_the_same_seed_and_history_give_the_same_arm(spec, length, seed):
    scheme, again = parse(spec, (1, 1), n=41), parse(spec, (1, 1), n=41)
    history = sequence(scheme, length, Source(seed, "A"))
    assert scheme.draw(history, Source(seed, "A")) == again.draw(tuple(history), Source(seed, "A"))


@pytest.mark.parametrize("spec", SPECS)
def test_strata_are_independent(spec):
    scheme = parse(spec, (1, 1), n=8)
    a, b = ([sequence(scheme, 8, Source(SEED, f"{site}{run}")) for run in range(100)] for site in "AB")
    even(Counter((one[0], other[0]) for one, other in zip(a, b, strict=True)), 4, 100)
    assert sequence(scheme, 8, Source(SEED, "A0")) == a[0]


def exact(scheme, n):
    """Guess, certainty, balance, mean |D| and variance of D by walking every state that a two-arm scheme can be in.

    The chances depend on the counts only, so one history stands for all with the same counts. D is arm 0 less arm 1.
    """
    states = {0: Fraction(1)}
    guess = certain = balance = Fraction(0)
    for step in range(n):
        after = Counter()
        for ahead, weight in states.items():
            first = (step + ahead) // 2
            level = min(first, step - first)
            chance = scheme.chances([0, 1] * level + [0] * (first - level) + [1] * (step - first - level), ANY)[0]
            guess += weight * (Fraction(1, 2) if ahead == 0 else chance if ahead < 0 else 1 - chance)
            certain += weight * (chance in (0, 1))
            for move, part in ((1, chance), (-1, 1 - chance)):
                if part:
                    after[ahead + move] += weight * part
        states = after
        balance += states.get(0, 0)
    spread = sum(weight * abs(ahead) for ahead, weight in states.items())
    variance = sum(weight * ahead * ahead for ahead, weight in states.items())
    return guess / n, certain / n, balance / n, spread, variance, max(map(abs, states))


def rows(table):
    """The reference rows whose chances depend on the counts only: not those of random block sizes."""
    return [row for row in REFERENCE[table] if not row["scheme"].startswith(("blocks:2,4", "blocks:4,6"))]


@pytest.mark.parametrize("row", rows("two_arm"), ids=lambda row: f"{row['scheme']}-{row['n']}")
def test_chances_give_the_reference_figures(row):
    guess, certain, balance, spread, variance, most = exact(parse(row["scheme"], (1, 1), n=row["n"]), row["n"])
    wanted = [row[name] for name in ("guess", "deterministic", "balance", "mean_abs", "sd")]
    assert [float(x) for x in (guess, certain, balance, spread)] + [sqrt(variance)] == pytest.approx(wanted, abs=1e-9)
    assert most == row["max_abs"]


@pytest.mark.parametrize("row", rows("two_arm_tiny_as_fractions"), ids=lambda row: f"{row['scheme']}-{row['n']}")
def test_chances_give_the_small_figures_to_the_fraction(row):
    found = exact(parse(row["scheme"], (1, 1), n=row["n"]), row["n"])
    assert [str(x) for x in found[:4]] == [row[name] for name in ("guess", "deterministic", "balance", "mean_abs")]


def test_the_chance_of_every_path_of_a_block_is_one_in_its_arrangements():
    scheme = PermutedBlocks((6,))
    for path in product((0, 1), repeat=6):
        if sum(path) == 3:
            chances = [scheme.chances(path[:place], ANY)[arm] for place, arm in enumerate(path)]
            whole = Fraction(1)
            for chance in chances:
                whole *= chance
            assert whole == Fraction(1, comb(6, 3))


def test_a_place_after_the_last_of_the_maximal_procedure_is_refused_with_the_reason():
    scheme = MaximalProcedure(3, 5)
    with pytest.raises(AllocationError, match="all 5 places"):
        scheme.draw(sequence(scheme, 5), ANY)


def test_a_history_that_the_scheme_cannot_have_drawn_is_refused():
    with pytest.raises(AllocationError, match="block 1"):
        PermutedBlocks((4,)).draw([0, 0, 0], ANY)
    with pytest.raises(AllocationError, match="cannot end level"):
        MaximalProcedure(2, 10).draw([0, 0, 0, 0], ANY)
    for arm in (2, -1, 0.0, "0", None, True):
        with pytest.raises(AllocationError, match="arms are 0 to 1"):
            BigStick(3).draw([0, arm], ANY)


def test_a_history_past_the_limit_goes_back_to_the_smaller_arm():
    assert BigStick(2).draw([0, 0, 0, 0, 1], ANY) == 1
