"""Re-allocation follows the scheme's own rule, place by place, and each stratum stands alone."""

from collections import Counter
from itertools import product
from math import comb
from time import process_time

import numpy as np
import pytest
from scipy.stats import chi2

from attunement.allocation import (
    AllocationError,
    BigStick,
    Complete,
    FromList,
    MaximalProcedure,
    PermutedBlocks,
    assess,
    parse,
    rerandomise,
)

ALL = [
    "complete",
    "blocks:4",
    "blocks:2,4",
    "big_stick:1",
    "big_stick:3",
    "efron:2/3",
    "wei:0,1",
    "wei:2,1",
    "maximal:2",
]


def even(counts, kinds, runs):
    assert len(counts) == kinds
    assert sum((count - runs / kinds) ** 2 * kinds / runs for count in counts.values()) < chi2.isf(1e-6, kinds - 1)


@pytest.mark.parametrize("size", [4, 6, 8])
def test_each_arrangement_of_a_block_comes_equally_often(size):
    kinds = comb(size, size // 2)
    arms = rerandomise(PermutedBlocks((size,)), ["A"] * size, 100 * kinds, 5)
    even(Counter(map(tuple, arms.tolist())), kinds, 100 * kinds)


def test_each_sequence_of_the_maximal_procedure_comes_equally_often():
    arms = rerandomise(MaximalProcedure(3, 8), ["A"] * 8, 6800, 5)
    even(Counter(map(tuple, arms.tolist())), 68, 6800)


@pytest.mark.parametrize("spec", ALL)
def test_the_spread_and_the_level_places_are_those_of_the_exact_assessment(spec):
    runs, n = 20_000, 13
    scheme = parse(spec, (1, 1), n=n)
    ahead = np.cumsum(1 - 2 * rerandomise(scheme, ["A"] * n, runs, 11).astype(int), axis=1)
    exact, final = assess(scheme, n), ahead[:, -1]
    for found, wanted in (
        ((ahead == 0).mean(axis=1), exact.balance),
        (np.abs(final), exact.mean_abs),
        (final.astype(float) ** 2, exact.sd**2),
        (final, 0.0),
    ):
        assert abs(found.mean() - wanted) <= 5 * found.std() / runs**0.5 + 1e-12
    assert np.abs(final).max() <= exact.max_abs


@pytest.mark.parametrize("limit", [1, 2, 3, 130])
def test_the_big_stick_never_passes_its_limit_and_forces_nothing_else(limit):
    arms = rerandomise(BigStick(limit), ["A"] * 200, 4000, 2).astype(int)
    ahead = np.cumsum(1 - 2 * arms, axis=1)
    assert np.abs(ahead).max() <= limit
    free = arms[:, 1:][np.abs(ahead[:, :-1]) < limit]
    assert abs(free.mean() - 0.5) < 5 * (0.25 / free.size) ** 0.5 if free.size else limit == 1


@pytest.mark.parametrize(
    "scheme", [Complete((1, 2, 3)), *(PermutedBlocks(sizes, (1, 2, 3)) for sizes in ((6,), (6, 12)))]
)
def test_unequal_ratios_of_many_arms_are_met_at_every_place(scheme):
    arms = rerandomise(scheme, ["A"] * 20, 20_000, 3)
    for arm, share in enumerate((1 / 6, 2 / 6, 3 / 6)):
        assert np.abs((arms == arm).mean(axis=0) - share).max() < 6 * (0.25 / 20_000) ** 0.5
    if scheme == PermutedBlocks((6,), (1, 2, 3)):
        assert {tuple(np.bincount(row[:12], minlength=3)) for row in arms} == {(2, 4, 6)}


@pytest.mark.parametrize("spec", ALL)
def test_strata_stand_alone_and_the_same_seed_gives_the_same_arms(spec):
    scheme, both = parse(spec, (1, 1), n=6), ["A", "B", "B", "A", "A", "B"]
    arms = rerandomise(scheme, both, 4000, 9)
    assert arms.shape == (4000, 6)
    assert (arms == rerandomise(scheme, both, 4000, 9)).all()
    assert (arms != rerandomise(scheme, both, 4000, 10)).any()
    # more families at B move none of A's arms, nor those B had
    assert (rerandomise(scheme, [*both, "B", "B"], 4000, 9)[:, [0, 3, 4]] == arms[:, [0, 3, 4]]).all()
    even(Counter(map(tuple, arms[:, :2].tolist())), 4, 4000)


def paths(places, sizes):
    """The chance of every sequence, by every size and arrangement of every block."""
    if places <= 0:
        return {(): 1.0}
    found = Counter()
    for size in sizes:
        ways = [way for way in product((0, 1), repeat=size) if sum(way) == size // 2]
        for way, (rest, chance) in product(ways, paths(places - size, sizes).items()):
            found[way[:places] + rest] += chance / len(sizes) / len(ways)
    return found


@pytest.mark.parametrize("sizes", [(2, 4), (4, 6)])
def test_each_sequence_of_random_blocks_comes_as_often_as_it_should(sizes):
    runs, exact = 60_000, paths(7, sizes)
    seen = Counter(map(tuple, rerandomise(PermutedBlocks(sizes), ["A"] * 7, runs, 8).tolist()))
    assert sum(exact.values()) == pytest.approx(1) and set(seen) <= set(exact)
    statistic = sum((seen[path] - runs * chance) ** 2 / (runs * chance) for path, chance in exact.items())
    assert statistic < chi2.isf(1e-6, len(exact) - 1)


@pytest.mark.parametrize("scheme", [BigStick(3), PermutedBlocks((4, 6, 8)), PermutedBlocks((4,)), Complete()])
def test_ten_thousand_of_252_families_by_site_are_quick(scheme):
    sites = [f"site {family % 4}" for family in range(252)]
    rerandomise(scheme, sites, 100, 1)
    took = []
    for seed in range(5):
        begun = process_time()
        rerandomise(scheme, sites, 10_000, seed)
        took.append(process_time() - begun)
    assert min(took) <= 0.02


def test_what_cannot_be_drawn_anew_is_refused_in_a_sentence():
    for replicates in (0, -1, 1.0, "9", None, True):
        with pytest.raises(AllocationError, match="replicates should be"):
            rerandomise(BigStick(3), ["A"], replicates, 1)
    for seed in (-1, 1.5, b"1", None):
        with pytest.raises(AllocationError, match="seed should be"):
            rerandomise(BigStick(3), ["A"], 5, seed)
    for stratum in (None, {"site": "A"}, ["A"]):
        with pytest.raises(AllocationError, match="family 2"):
            rerandomise(BigStick(3), ["A", stratum], 5, 1)
    for arrivals in (None, 3, "AB"):
        with pytest.raises(AllocationError, match="arrivals should be"):
            rerandomise(BigStick(3), arrivals, 5, 1)
    with pytest.raises(AllocationError, match="all 2 places"):
        rerandomise(MaximalProcedure(3, 2), ["A"] * 3, 5, 1)
    with pytest.raises(AllocationError, match="no scheme"):
        rerandomise("big_stick:3", ["A"], 5, 1)
    with pytest.raises(AllocationError, match="how a list was drawn"):
        rerandomise(FromList.of({"A": (0, 1)}, ("x", "y")), ["A"], 5, 1)
    assert rerandomise(BigStick(3), [], 5, 1).shape == (5, 0)
