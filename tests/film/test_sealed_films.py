"""A sealed film reads like its plain content at every place, and any change to it is noticed."""

import hashlib
import io
from itertools import pairwise

import av
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import example, given, settings
from hypothesis import strategies as st

from attunement.film.made_up import make_film
from attunement.film.sealed import CHUNK, SealedError, Sealer, new_key, open_sealed, seal, unwrap, wrap

KEY = bytes(range(32))
HEADER, STRIDE = 28, CHUNK + 16
PLAIN = hashlib.shake_128(b"film").digest(3 * CHUNK + 1234)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("sealed")


def sealed_bytes(plain=PLAIN, key=KEY):
    target = io.BytesIO()
    seal(io.BytesIO(plain), target, key=key)
    return target.getvalue()


SEALED = sealed_bytes()


def opened(folder, content, key=KEY):
    path = folder / "film.sealed"
    path.write_bytes(content)
    return open_sealed(path, key=key)


def read_all(folder, content, key=KEY):
    with opened(folder, content, key) as file:
        return file.read()


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK - 1])
def test_every_length_comes_back(folder, size):
    content = sealed_bytes(PLAIN[:size])
    with opened(folder, content) as file:
        assert file.size == size
        assert file.read() == PLAIN[:size]
    assert len(content) == HEADER + size + 16 * max(1, -(-size // CHUNK))


@given(st.lists(st.integers(0, len(PLAIN)), max_size=12))
@settings(max_examples=40, deadline=None)
def test_an_upload_in_pieces_of_any_size_gives_the_same_film(folder, cuts):
    target = io.BytesIO()
    with Sealer(target, KEY) as sealer:
        for start, end in pairwise([0, *sorted(cuts), len(PLAIN)]):
            sealer.write(memoryview(PLAIN)[start:end])
    result = sealer.close()
    assert (result.sha256, result.size) == (hashlib.sha256(PLAIN).hexdigest(), len(PLAIN))
    assert read_all(folder, target.getvalue()) == PLAIN


@given(st.lists(st.tuples(st.integers(0, len(PLAIN) + 10), st.integers(0, 2 * CHUNK + 3)), min_size=1, max_size=12))
@example([(CHUNK, CHUNK), (CHUNK - 1, 2), (0, CHUNK), (3 * CHUNK, 5000), (3 * CHUNK, 1), (len(PLAIN), 1)])
@settings(max_examples=60, deadline=None)
def test_reading_at_random_is_reading_the_plain_bytes(folder, reads):
    with opened(folder, SEALED) as file, io.BytesIO(PLAIN) as plain:
        for at, length in reads:
            assert file.seek(at) == plain.seek(at)
            buffer = bytearray(length)
            count = file.readinto(buffer)
            assert bytes(buffer[:count]) == plain.read(length)
            assert file.tell() == plain.tell()


def test_every_bit_of_a_small_film_counts(folder):
    content = sealed_bytes(b"a small film")
    for bit in range(len(content) * 8):
        changed = bytearray(content)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(SealedError):
            read_all(folder, changed)


@given(st.integers(0, len(SEALED) * 8 - 1))
@settings(max_examples=60, deadline=None)
def test_any_bit_of_a_long_film_counts(folder, bit):
    changed = bytearray(SEALED)
    changed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(SealedError):
        read_all(folder, changed)


@given(st.integers(0, len(SEALED) - 1))
@example(HEADER)
@example(HEADER + STRIDE)
@example(HEADER + 3 * STRIDE)
@example(HEADER + 3 * STRIDE + 16)
@settings(max_examples=80, deadline=None)
def test_a_film_cut_short_anywhere_does_not_even_open(folder, length):
    with pytest.raises(SealedError):
        opened(folder, SEALED[:length])


def test_nothing_can_be_added_moved_or_mixed(folder):
    head, chunks = SEALED[:HEADER], [SEALED[HEADER + i * STRIDE :][:STRIDE] for i in range(4)]
    other = sealed_bytes()
    forgeries = [
        SEALED + b"\0",
        SEALED + SEALED[-1000:],
        head + chunks[1] + chunks[0] + chunks[2] + chunks[3],
        head + chunks[0] + chunks[2] + chunks[3],
        head + chunks[3],
        other[:HEADER] + b"".join(chunks),
        head + other[HEADER : HEADER + STRIDE] + b"".join(chunks[1:]),
    ]
    for forgery in forgeries:
        with pytest.raises(SealedError):
            read_all(folder, forgery)


def test_a_chunk_that_fails_is_never_handed_out_later(folder):
    changed = bytearray(SEALED)
    changed[HEADER + STRIDE + 5] ^= 1
    with opened(folder, changed) as file:
        assert file.read(CHUNK) == PLAIN[:CHUNK]
        for _ in range(2):
            file.seek(CHUNK + 10)
            with pytest.raises(SealedError):
                file.read(10)
        file.seek(2 * CHUNK)
        assert file.read(10) == PLAIN[2 * CHUNK :][:10]


def test_wrong_keys_and_wrong_files_are_refused(folder):
    for key in (new_key(), KEY[:16], b""):
        with pytest.raises(SealedError):
            opened(folder, SEALED, key)
    for content in (b"", b"hello", PLAIN, SEALED[:8] + b"\0\0\0\1" + SEALED[12:]):
        with pytest.raises(SealedError):
            opened(folder, content)
    with pytest.raises(OSError):
        open_sealed(folder / "nowhere", key=KEY)


def test_a_broken_upload_never_opens(folder):
    target = io.BytesIO()
    with pytest.raises(ConnectionError), Sealer(target, KEY) as sealer:
        sealer.write(PLAIN)
        raise ConnectionError
    with pytest.raises(SealedError):
        opened(folder, target.getvalue())


def test_a_sealed_film_takes_no_more_and_no_impossible_place(folder):
    sealer = Sealer(io.BytesIO(), KEY)
    assert sealer.close() is sealer.close()
    with pytest.raises(SealedError):
        sealer.write(b"more")
    file = opened(folder, SEALED)
    with pytest.raises(SealedError):
        file.seek(-1)
    assert file.seek(-5, io.SEEK_END) == len(PLAIN) - 5
    file.close()
    with pytest.raises(ValueError):
        file.read(1)


def test_the_plain_film_is_nowhere_in_the_container():
    assert PLAIN[:16] not in SEALED
    assert sealed_bytes() != SEALED


def test_the_layout_is_the_stated_one_so_that_another_program_can_read_it():
    header = SEALED[:HEADER]
    assert header[:12] == b"ATNFILM\x01\x00\x01\x00\x00"
    derive = HKDF(algorithm=SHA256(), length=32, salt=header[12:], info=b"attunement sealed film 1")
    cipher = AESGCM(derive.derive(KEY))
    for index, last in ((0, 0), (3, 1)):
        chunk = SEALED[HEADER + index * STRIDE :][:STRIDE]
        nonce = index.to_bytes(11, "big") + bytes([last])
        assert cipher.decrypt(nonce, chunk, header) == PLAIN[index * CHUNK :][:CHUNK]


def test_keys_are_wrapped_and_only_the_master_key_unwraps_them():
    key, master = new_key(), new_key()
    wrapped = wrap(key, master)
    assert unwrap(wrapped, master) == key
    assert key not in wrapped
    for bad, by in ((wrapped, new_key()), (wrapped[:-1], master), (b"", master), (bytes(40), master)):
        with pytest.raises(SealedError):
            unwrap(bad, by)
    with pytest.raises(SealedError):
        wrap(key, master[:16])


def test_a_player_reads_pictures_through_the_container_and_hears_of_damage(folder):
    plain = io.BytesIO()
    frames = make_film(plain, seconds=2, seed=3)
    content = sealed_bytes(plain.getvalue())
    with opened(folder, content) as file, av.open(file) as container:
        assert sum(1 for _ in container.decode(video=0)) == frames
    content = bytearray(sealed_bytes(plain.getvalue() + bytes(CHUNK)))
    content[HEADER + 20_000] ^= 1
    with opened(folder, content) as file, pytest.raises(SealedError), av.open(file) as container:
        list(container.decode(video=0))
