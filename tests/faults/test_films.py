"""A small share of `python -m tests.faults.films`: forked senders are killed (-9) while their bytes are sealed."""

from __future__ import annotations

import contextlib
import hashlib
import os
import random
import signal
import time
import uuid

import pytest

from attunement.journey.films import incoming

KILLS, CHUNK = 25, 100_000
FILM = random.Random(3).randbytes(40 * CHUNK)


@pytest.fixture
def upload():
    name = uuid.uuid4()
    incoming.begin(name)
    yield name
    incoming.forget(name)


def sender(upload: uuid.UUID, write: int) -> None:
    """Goes on where the film stopped, chunk by chunk, and says what is settled; every other chunk by its sum."""
    offset = incoming.arrived(upload)
    os.write(write, f"{offset}\n".encode())
    while offset < len(FILM):
        checked = offset % (2 * CHUNK) == 0
        with incoming.turn(upload) as mine:
            for first in range(offset, min(offset + CHUNK, len(FILM)), 16_384):
                mine.add(FILM[first : min(first + 16_384, offset + CHUNK, len(FILM))], provisional=checked)
            offset = mine.settle(confirmed=checked)
        os.write(write, f"{offset}\n".encode())


def forked(upload: uuid.UUID, delay: float) -> list[int]:
    """What a sender was told before it was killed."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            sender(upload, write)
        finally:
            os._exit(0)
    os.close(write)
    time.sleep(delay)
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with os.fdopen(read) as said:
        return [int(line) for line in said.read().split()]


def test_what_was_acknowledged_is_there_after_every_kill(upload):
    chance, acknowledged, kills = random.Random(4), 0, 0
    while acknowledged < len(FILM):
        kills += 1
        said = forked(upload, chance.uniform(0, 0.03) if kills <= KILLS else 2)
        with incoming.open_pieces(upload) as pieces:
            assert pieces.size >= max([acknowledged, *said])
            assert pieces.size <= max([acknowledged, *said]) + CHUNK
        acknowledged = max([acknowledged, *said])
    digest = hashlib.sha256()
    with incoming.open_pieces(upload) as pieces:
        for block in pieces.blocks():
            digest.update(block)
    assert kills > 3 and digest.digest() == hashlib.sha256(FILM).digest()
    held = incoming.pieces_path(upload).read_bytes()
    assert not any(FILM[place : place + 24] in held for place in range(0, len(FILM), 40_009))
