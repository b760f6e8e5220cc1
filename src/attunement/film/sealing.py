"""Sealing a film that is still being made: its index comes first but is known last, and no clear byte waits on a disk."""

from __future__ import annotations

import io
import os
import secrets
from typing import TYPE_CHECKING, BinaryIO

from attunement.film.sealed import CHUNK, HEADER, PREFIX, STRIDE, SealedError, cipher_of, nonce_of

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


class Sealing(io.RawIOBase):
    """A file to write a film into, which seals it into `target`, an open seekable binary file, under `key`.

    The room that `reserve` asks for at the start stays in memory and may be written again; what follows is sealed as
    it comes. `finish()` seals the rest and gives the size in bytes; without it the container never opens.
    """

    def __init__(self, target: BinaryIO, *, key: bytes) -> None:
        super().__init__()
        self._target, self._header = target, PREFIX + secrets.token_bytes(16)
        self._cipher = cipher_of(key, self._header)
        self._head, self._tail = bytearray(), bytearray()
        self._room = self._next = self._at = self._followed = 0
        self._finished = False
        self.reserve(CHUNK)
        target.write(self._header)

    def reserve(self, size: int) -> None:
        """Ask for `size` bytes at the start that can be written again. SealedError when there is more already."""
        if self._followed:
            raise SealedError("Room at a film's start must be asked for before the film.")
        self._next = max(self._next, -(-size // CHUNK))
        self._room = self._next * CHUNK

    def write(self, data: ReadableBuffer, /) -> int:
        if self._finished:
            raise SealedError("This film is sealed already; nothing can be added.")
        with memoryview(data).cast("B") as view:
            inside = max(0, min(view.nbytes, self._room - self._at))
            if inside:
                self._head.extend(bytes(max(0, self._at - len(self._head))))
                self._head[self._at : self._at + inside] = view[:inside]
            if inside < view.nbytes:
                self._follow(view[inside:], self._at + inside)
            self._at += view.nbytes
            return view.nbytes

    def _follow(self, data: memoryview, at: int) -> None:
        if at != self._room + self._followed:
            raise SealedError("A film that is sealed as it comes can be changed at its start only.")
        self._tail += data
        self._followed += data.nbytes
        # A full chunk waits for the next byte: only then is it known not to be the last.
        while len(self._tail) > CHUNK:
            self._put(self._next, self._tail[:CHUNK], last=False)
            del self._tail[:CHUNK]
            self._next += 1

    def _put(self, index: int, chunk: bytearray, *, last: bool) -> None:
        self._target.seek(HEADER + index * STRIDE)
        self._target.write(self._cipher.encrypt(nonce_of(index, last), bytes(chunk), self._header))

    def finish(self) -> int:
        """Seal what is held in memory. Each chunk has been or is sealed once: no nonce is used twice."""
        if not self._finished:
            self._finished = True
            if self._followed:
                self._head.extend(bytes(self._room - len(self._head)))
                self._put(self._next, self._tail, last=True)
            starts = range(0, max(1, len(self._head)), CHUNK)
            for start in starts:
                last = not self._followed and start == starts[-1]
                self._put(start // CHUNK, self._head[start : start + CHUNK], last=last)
        return len(self._head) + self._followed

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        origin = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: max(len(self._head), self._room + self._followed
                  if self._followed else 0)}[whence]
        self._at = max(0, origin + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True
