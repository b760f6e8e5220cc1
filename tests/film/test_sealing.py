"""A film that is being made is sealed as it comes, though its index is written last and lies first."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attunement.film import prepare
from attunement.film.sealed import CHUNK, SealedError, open_sealed
from attunement.film.sealing import Sealing
from tests.film import films

KEY = bytes(range(32))


@given(st.integers(0, 3 * CHUNK), st.lists(st.integers(1, 2 * CHUNK), max_size=6), st.data())
@settings(max_examples=40, deadline=None)
def test_what_is_written_is_what_is_read(tmp_path_factory, room, lengths, data):
    path = tmp_path_factory.mktemp("sealing") / "film"
    plain = io.BytesIO()
    with open(path, "wb") as target:
        film = Sealing(target, key=KEY)
        film.reserve(room)
        for number, length in enumerate(lengths):
            for file in (film, plain):
                file.write(bytes([number + 1]) * length)
        for _ in range(3):
            at = data.draw(st.integers(0, min(max(CHUNK, room), sum(lengths))))
            for file in (film, plain):
                file.seek(at)
                file.write(b"again"[: max(0, max(CHUNK, room) - at)])
                file.seek(0, 2)
        assert film.finish() == len(plain.getvalue())
    with open_sealed(path, key=KEY) as file:
        assert file.read() == plain.getvalue()


def test_a_working_copy_is_sealed_as_it_is_made(tmp_path):
    with open(tmp_path / "film", "w+b") as target:
        prepare(io.BytesIO(films.made("plain")), Sealing(target, key=KEY))
        target.seek(0)
        assert b"moov" not in target.read()
    with open_sealed(tmp_path / "film", key=KEY) as file:
        content = file.read()
    assert content.find(b"moov") < content.find(b"mdat")
    assert films.numbers(content) == list(range(90))


def test_only_the_start_can_be_changed_and_nothing_after_the_end(tmp_path):
    with open(tmp_path / "film", "wb") as target:
        film = Sealing(target, key=KEY)
        film.write(bytes(3 * CHUNK))
        film.seek(2 * CHUNK)
        with pytest.raises(SealedError, match="start only"):
            film.write(b"changed")
        with pytest.raises(SealedError, match="before"):
            film.reserve(10 * CHUNK)
        film.finish()
        assert film.finish() == 3 * CHUNK
        with pytest.raises(SealedError, match="already"):
            film.write(b"more")


def test_a_film_that_was_not_finished_never_opens(tmp_path):
    with open(tmp_path / "film", "wb") as target:
        Sealing(target, key=KEY).write(bytes(5 * CHUNK))
    with pytest.raises(SealedError):
        open_sealed(tmp_path / "film", key=KEY).read()
