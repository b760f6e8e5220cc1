"""The seed is secret, sealed, and bound by its commitment to what it was made for."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attunement.allocation import AllocationError, BigStick, commitment, new_salt, new_seed, parse, seal, unseal

SEED, SALT, KEY = bytes(range(48)), bytes(range(16)), bytes(range(32))
STRATA = ("A", "B")


def test_seeds_and_salts_are_new_each_time():
    assert len(new_seed()) == 48 and len({new_seed() for _ in range(100)}) == 100
    assert len(new_salt()) == 16 and new_salt() != new_salt()


def test_the_commitment_does_not_move_between_versions_of_the_software():
    said = f'["attunement seed 1", "{SEED.hex()}", "{SALT.hex()}", "big_stick:3 1:1", ["A", "B"], "1"]'
    assert commitment(SEED, SALT, BigStick(3), STRATA, "1") == sha256(said.encode()).hexdigest()


def test_every_input_of_the_commitment_matters():
    inputs = [(SEED, SALT, BigStick(3), STRATA, "1")]
    inputs += [(bytes(48), SALT, BigStick(3), STRATA, "1"), (SEED, bytes(16), BigStick(3), STRATA, "1")]
    inputs += [(SEED, SALT, BigStick(4), STRATA, "1"), (SEED, SALT, BigStick(3), ("A,B",), "1")]
    inputs += [(SEED, SALT, BigStick(3), ("B", "A"), "1"), (SEED, SALT, BigStick(3), STRATA, "2")]
    inputs += [(SEED, SALT, parse("maximal:3", n=n), STRATA, "1") for n in (62, 63)]
    assert len({commitment(*each) for each in inputs}) == len(inputs)


@pytest.mark.parametrize(("seed", "salt", "strata"), [(b"", SALT, STRATA), (SEED, b"", STRATA), (SEED, SALT, "AB")])
def test_a_commitment_to_too_little_is_refused(seed, salt, strata):
    with pytest.raises(AllocationError):
        commitment(seed, salt, BigStick(3), strata, "1")


@given(st.binary(max_size=64), st.binary(min_size=32, max_size=32))
def test_a_sealed_seed_opens_with_its_key(seed, key):
    assert unseal(seal(seed, key), key) == seed


def test_two_seals_of_a_seed_differ_and_neither_shows_it():
    first, second = seal(SEED, KEY), seal(SEED, KEY)
    assert first != second and SEED[:8] not in first


def test_a_changed_bit_or_another_key_does_not_open_it():
    sealed = seal(SEED, KEY)
    for place in range(len(sealed)):
        changed = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
        with pytest.raises(AllocationError):
            unseal(changed, KEY)
    with pytest.raises(AllocationError, match="another key"):
        unseal(sealed, bytes(32))


@pytest.mark.parametrize("sealed", [b"", b"x" * 200, seal(SEED, KEY)[:30], seal(SEED, KEY)[:-1]],
                         ids=["empty", "other", "begun", "one short"])
def test_what_was_cut_off_or_is_no_sealed_seed_is_refused(sealed):
    with pytest.raises(AllocationError):
        unseal(sealed, KEY)


@pytest.mark.parametrize("key", [b"", bytes(31), "k" * 32, None])
def test_a_key_of_another_length_is_refused(key):
    with pytest.raises(AllocationError, match="32 bytes"):
        seal(SEED, key)
