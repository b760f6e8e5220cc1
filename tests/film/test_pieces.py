"""What has arrived of a film: there after any crash, unreadable without its key, and no bit of it changed unnoticed."""

from __future__ import annotations

import os
import secrets

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attunement.film.pieces import HEADER, Pieces
from attunement.film.sealed import CHUNK, SealedError

KEY = bytes(range(32))


@pytest.fixture
def path(tmp_path):
    Pieces.begin(tmp_path / "film")
    return tmp_path / "film"


def filled(path, *blocks: bytes, provisional: bool = False, confirmed: bool = True) -> bytes:
    with Pieces(path, KEY, writing=True) as pieces:
        for block in blocks:
            pieces.add(block, provisional=provisional)
        if provisional and confirmed:
            pieces.confirm()
        pieces.sync()
    return b"".join(blocks)


def read(path) -> bytes:
    with Pieces(path, KEY) as pieces:
        return b"".join(pieces.blocks())


def test_pieces_of_any_size_are_read_again_at_any_place(path):
    whole = filled(path, secrets.token_bytes(10), secrets.token_bytes(3 * CHUNK + 7), b"x")
    with Pieces(path, KEY) as pieces:
        assert pieces.size == len(whole)
        for first, length in ((0, 10), (5, 20), (CHUNK - 3, 2 * CHUNK), (len(whole) - 1, 9), (len(whole) + 5, 1)):
            pieces.seek(first)
            assert pieces.read(length) == whole[first : first + length]
    sealed = path.read_bytes()
    assert not any(whole[at : at + 16] in sealed for at in range(0, len(whole) - 16, 997))


def test_a_file_cut_anywhere_holds_what_was_whole_and_goes_on_from_there(path):
    blocks = [secrets.token_bytes(1000) for _ in range(5)]
    filled(path, *blocks)
    everything = path.read_bytes()
    for length in range(HEADER, len(everything), 97):
        path.write_bytes(everything[:length])
        there = (length - HEADER) // 1032
        assert read(path) == b"".join(blocks[:there])
        whole = filled(path, *blocks[there:])
        assert whole == b"".join(blocks[there:]) and read(path) == b"".join(blocks)


def test_bytes_that_a_power_cut_lost_at_the_end_are_cut_off(path):
    first = filled(path, b"a" * 500)
    kept = path.read_bytes()
    filled(path, b"b" * 500)
    with open(path, "r+b") as file:
        file.truncate(len(kept))
        file.seek(len(kept))
        file.write(bytes([0, 0, 1, 244]) + bytes(528))
    assert read(path) == first


def test_provisional_bytes_count_once_they_are_confirmed(path):
    first = filled(path, b"a" * 500)
    filled(path, b"b" * 500, provisional=True, confirmed=False)
    assert read(path) == first
    with Pieces(path, KEY, writing=True) as pieces:
        assert pieces.size == 500
    second = filled(path, b"c" * 70_000, provisional=True)
    assert read(path) == first + second


def test_what_is_dropped_is_gone_and_others_go_on(path):
    with Pieces(path, KEY, writing=True) as pieces:
        pieces.add(b"a" * 100)
        pieces.add(b"b" * 100, provisional=True)
        pieces.drop_from(100)
        pieces.add(b"c" * 50)
    assert read(path) == b"a" * 100 + b"c" * 50


@given(place=st.integers(0, 10_000), bit=st.integers(0, 7))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_a_changed_bit_is_never_read_as_the_film(path, place, bit):
    if path.stat().st_size == HEADER:
        filled(path, *[bytes([number]) * 900 for number in range(8)])
    good, whole = path.read_bytes(), b"".join(bytes([number]) * 900 for number in range(8))
    spoilt = bytearray(good)
    spoilt[place % len(good)] ^= 1 << bit
    path.write_bytes(spoilt)
    try:
        assert whole.startswith(read(path)) and read(path) != whole
    except SealedError:
        pass
    finally:
        path.write_bytes(good)


def test_another_key_and_another_file_are_said(path, tmp_path):
    filled(path, b"a" * 100)
    with Pieces(path, bytes(32)) as pieces:
        assert pieces.size == 0
    (tmp_path / "other").write_bytes(b"no film at all, whatever its name says")
    with pytest.raises(SealedError, match="not a film that is arriving"):
        Pieces(tmp_path / "other", KEY)


def test_a_full_disk_leaves_what_was_there(path, monkeypatch):
    whole = filled(path, b"a" * 100)
    with Pieces(path, KEY, writing=True) as pieces:
        monkeypatch.setattr(pieces, "_file", Full(pieces._file))
        with pytest.raises(OSError, match="No space"):
            pieces.add(b"b" * 100)
        assert pieces.size == 100
    assert read(path) == whole


class Full:
    def __init__(self, file):
        self._file = file

    def write(self, data):
        return self._file.write(data[: len(data) // 2])

    def __getattr__(self, name):
        return getattr(self._file, name)


def test_the_file_is_its_owners_only(path):
    assert os.stat(path).st_mode & 0o777 == 0o600
