"""The pieces of an upload on disk: whose turn it is to add to them, and how much is sealed and on the disk.

One request at a time adds to a film. Its lock goes with its process; a connection that died unnoticed, a phone that
slept say, keeps it in vain, so after `PATIENCE` seconds without a byte the next request takes the turn over, and the
one before finds that it lost it before it can add anything.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from attunement.film.pieces import Pieces
from attunement.journey.films import store
from attunement.journey.films.objects import write_through

PIECES, TURN, FINISHING = ".pieces", ".turn", ".finishing"
PATIENCE = 15.0
# What was added is forced to the disk this often; a crash loses less than this of what the client has not been told.
SYNC_EVERY = 8 * 1024 * 1024


class Busy(Exception):
    """Another request is adding to this film."""


class LostTurn(Busy):
    """Another request has taken over since."""


def pieces_path(upload: uuid.UUID) -> Path:
    return settings.PLACE.folder("films") / f"{upload}{PIECES}"


def begin(upload: uuid.UUID) -> None:
    """Makes key and file. Both are on the disk before anybody is told of them."""
    Pieces.begin(pieces_path(upload))
    write_through(pieces_path(upload).parent)
    store.book().new(str(upload))


def forget(upload: uuid.UUID) -> None:
    """Key first: what may be left is noise."""
    store.destroy_key(upload)
    forget_pieces(upload)


def forget_pieces(upload: uuid.UUID) -> None:
    for ending in (PIECES, TURN, FINISHING):
        pieces_path(upload).with_suffix(ending).unlink(missing_ok=True)
    write_through(pieces_path(upload).parent)


def open_pieces(upload: uuid.UUID, *, writing: bool = False) -> Pieces:
    return Pieces(pieces_path(upload), store.book().key(str(upload)), writing=writing)


class Turn:
    """The right to add to an upload, and its pieces. See `turn`."""

    def __init__(self, upload: uuid.UUID) -> None:
        self._gate = pieces_path(upload).with_suffix(TURN)
        self._name = secrets.token_bytes(8)
        with self._closed_gate() as gate:
            os.pwrite(gate, self._name, 0)
            self.pieces = open_pieces(upload, writing=True)
        self._unsynced = 0

    @contextmanager
    def _closed_gate(self) -> Iterator[int]:
        gate = os.open(self._gate, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(gate, fcntl.LOCK_EX)
            yield gate
        finally:
            os.close(gate)

    def add(self, data: bytes, *, provisional: bool) -> None:
        with self._mine():
            self.pieces.add(data, provisional=provisional)
        self._unsynced += len(data)
        if self._unsynced >= SYNC_EVERY:
            self.pieces.sync()
            self._unsynced = 0

    def settle(self, *, confirmed: bool) -> int:
        """What was added is on the disk, and counts; how much of the film that makes."""
        with self._mine():
            if confirmed:
                self.pieces.confirm()
            self.pieces.sync()
            return self.pieces.size

    def drop_from(self, size: int) -> None:
        with contextlib.suppress(LostTurn), self._mine():
            self.pieces.drop_from(size)
            self.pieces.sync()

    @contextmanager
    def _mine(self) -> Iterator[None]:
        with self._closed_gate() as gate:
            if os.pread(gate, 8, 0) != self._name or not self._gate.with_suffix(PIECES).exists():
                raise LostTurn
            yield


@contextmanager
def turn(upload: uuid.UUID) -> Iterator[Turn]:
    """The one turn to add to an upload. Busy while another request has it and is alive."""
    path = pieces_path(upload)
    with open(path, "rb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.time() - os.fstat(lock.fileno()).st_mtime < PATIENCE:
                raise Busy from None
        mine = Turn(upload)
        try:
            yield mine
        finally:
            mine.pieces.close()


def arrived(upload: uuid.UUID) -> int:
    """How many bytes are sealed and on the disk. Busy while a request is adding to them."""
    with turn(upload) as mine:
        return mine.settle(confirmed=False)
