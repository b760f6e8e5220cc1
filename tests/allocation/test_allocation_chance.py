"""Chance is that of NIST's generator, exact, and its own for every stratum and place."""

import hashlib
import json
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2

from attunement.allocation import AllocationError, Complete, Source
from attunement.allocation.drbg import HmacDrbg

DATA = Path(__file__).parents[1] / "data" / "allocation"
VECTORS = json.loads((DATA / "hmac_drbg.json").read_text())["vectors"]
SEED = bytes(range(48))


def plain_hmac(key, data):
    """RFC 2104 from the hash alone, so that the generator is checked without the library it uses."""
    key = key.ljust(64, b"\0")
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in key) + data).digest()
    return hashlib.sha256(bytes(byte ^ 0x5C for byte in key) + inner).digest()


def plain_drbg(material, sizes):
    key, value, outputs = b"\0" * 32, b"\1" * 32, []
    for mark in (b"\0", b"\1"):
        key = plain_hmac(key, value + mark + material)
        value = plain_hmac(key, value)
    for size in sizes:
        out = b""
        while len(out) < size:
            value = plain_hmac(key, value)
            out += value
        outputs.append(out[:size])
        key = plain_hmac(key, value + b"\0")
        value = plain_hmac(key, value)
    return outputs


@pytest.mark.parametrize("vector", VECTORS, ids=range(len(VECTORS)))
def test_the_generator_gives_the_published_bytes(vector):
    drbg = HmacDrbg(*(bytes.fromhex(vector[name]) for name in ("entropy", "nonce", "personalisation")))
    drbg.generate(128)
    assert drbg.generate(128).hex() == vector["returned"]


@given(st.binary(min_size=1, max_size=80), st.lists(st.integers(0, 100), min_size=1, max_size=4))
def test_the_generator_agrees_with_one_written_from_the_hash_alone(material, sizes):
    drbg = HmacDrbg(material)
    assert [drbg.generate(size) for size in sizes] == plain_drbg(material, sizes)


@given(st.integers(1, 2**70), st.integers(0, 1000))
def test_a_whole_number_lies_below_its_bound(bound, position):
    assert 0 <= Source(SEED, "A").stream("any", "place", position).below(bound) < bound


@pytest.mark.parametrize("bound", [3, 5, 6, 10, 100, 257])
def test_whole_numbers_are_equally_likely(bound):
    stream = Source(SEED, "A").stream("any", "even", bound)
    counts = [0] * bound
    for _ in range(40 * bound):
        counts[stream.below(bound)] += 1
    assert sum((count - 40) ** 2 / 40 for count in counts) < chi2.isf(1e-6, bound - 1)


def test_rejection_leaves_no_bias_that_modulo_would():
    stream = Source(SEED, "A").stream("any", "modulo", 0)
    low = sum(stream.below(171) < 85 for _ in range(20_000))
    assert abs(low - 20_000 * 85 / 171) < 5 * (20_000 * 0.25) ** 0.5


@given(st.lists(st.integers(0, 9), min_size=1, max_size=5).filter(any), st.integers(0, 500))
def test_a_pick_never_takes_what_has_no_chance(weights, position):
    chances = [Fraction(weight, sum(weights)) for weight in weights]
    assert weights[Source(SEED, "A").stream("any", "pick", position).pick(chances)] > 0


def test_picks_have_exactly_their_chances():
    stream, chances = Source(SEED, "A").stream("any", "thirds", 0), (Fraction(1, 6), Fraction(1, 3), Fraction(1, 2))
    counts = [0, 0, 0]
    for _ in range(6000):
        counts[stream.pick(chances)] += 1
    expected = (1000, 2000, 3000)
    assert sum((c - e) ** 2 / e for c, e in zip(counts, expected, strict=True)) < chi2.isf(1e-6, 2)


@pytest.mark.parametrize("chances", [[], [Fraction(1, 2)], [Fraction(3, 2), Fraction(-1, 2)]])
def test_chances_that_do_not_sum_to_one_are_refused(chances):
    with pytest.raises(AllocationError, match="sum to 1"):
        Source(SEED, "A").stream("any", "bad", 0).pick(chances)


def test_a_coin_does_not_move_between_versions_of_the_software():
    history = []
    for place in range(20):
        name = f'["attunement allocation 1", "complete 1:1", "1/A", "place", {place}]'
        expected = plain_drbg(SEED + name.encode(), [1])[0][0] >> 7
        assert Complete().draw(history, Source(SEED, "1/A")) == expected
        history.append(expected)


def test_every_name_of_a_stream_matters():
    base = ("big_stick:3", "place", 4)
    streams = [Source(SEED, "A").stream(*base), Source(SEED, "B").stream(*base), Source(bytes(48), "A").stream(*base)]
    others = [("big_stick:4", "place", 4), ("big_stick:3", "block size", 4), ("big_stick:3", "place", 5)]
    streams += [Source(SEED, "A").stream(*names) for names in others]
    assert len({stream.below(2**128) for stream in streams}) == len(streams)


@pytest.mark.parametrize("seed", [b"", b"short", bytes(31), "a" * 48, None])
def test_a_short_or_strange_seed_is_refused(seed):
    with pytest.raises(AllocationError, match="32 bytes"):
        Source(seed, "A")


def test_a_source_does_not_show_its_seed():
    assert "seed" not in repr(Source(SEED, "A"))
    with pytest.raises(AllocationError, match="whole number"):
        Source(SEED, "A").stream("any", "none", 0).below(0)
