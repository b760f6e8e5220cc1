"""A film on its way in: sealed piece by piece as it arrives, so that after any crash what was acknowledged is there.

Layout: header (magic, random id), then pieces: kind and length (4 bytes), a random nonce (12), AES-256-GCM of at most
64 KiB. The nonce is random and not counted, because after a crash other bytes may be sent again for the same place.
Header, place in the film, kind and length are bound to each piece. Pieces whose sum is still to be checked are
provisional: they count once a mark says so, and are dropped otherwise.
"""

from __future__ import annotations

import io
import os
import secrets
import struct
from bisect import bisect_right
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO, Self

from cryptography.exceptions import InvalidTag

from attunement.film.sealed import CHUNK, SealedError, cipher_of

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

PREFIX = b"ATNPART\x01"
HEADER = len(PREFIX) + 16
_NONCE, _TAG, _HEAD = 12, 16, 4
_OVERHEAD = _HEAD + _NONCE + _TAG
_SURE, _PROVISIONAL, _MARK = 0, 1, 2
_DAMAGED = "What has arrived of this film has been changed or cut short, or this is not its key."


class Pieces(io.RawIOBase):
    """What has arrived of a film, in the file `path`, under `key` (32 bytes): added to at its end, read at any place.

    Opening walks the pieces and, with `writing`, cuts off what a crash left unfinished; `size` is what counts. Nothing
    counts as arrived before `sync` has returned. SealedError for every fault, OSError when the disk fails.
    """

    def __init__(self, path: str | Path, key: bytes, *, writing: bool = False) -> None:
        super().__init__()
        self._file: BinaryIO = open(path, "r+b" if writing else "rb", buffering=0)  # noqa: SIM115 - closed by close()
        try:
            self._header = self._file.read(HEADER)
            if len(self._header) < HEADER or not self._header.startswith(PREFIX):
                raise SealedError("This is not a film that is arriving.")
            self._cipher = cipher_of(key, self._header)
            self._places: list[tuple[int, int, int, int]] = []  # first byte, length, kind, place in the file
            self._end = self._walk(os.fstat(self._file.fileno()).st_size)
            if writing:
                self._file.truncate(self._end)
        except BaseException:
            self.close()
            raise
        self._starts = [place[0] for place in self._places]
        self._at, self._held, self._plain = 0, -1, b""

    @classmethod
    def begin(cls, path: str | Path) -> None:
        """Make the file, empty and on the disk. FileExistsError if it is there."""
        with open(path, "xb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(PREFIX + secrets.token_bytes(16))
            file.flush()
            os.fsync(file.fileno())

    def _walk(self, length: int) -> int:
        """Note every piece that counts; the place in the file where they end."""
        at = end = HEADER
        size, sure, number = 0, 0, self._file.fileno()
        while at + _OVERHEAD <= length:
            kind, plain = _read_head(os.pread(number, _HEAD, at))
            if kind > _MARK or plain > CHUNK or at + _OVERHEAD + plain > length:
                break
            if kind == _MARK:
                try:
                    self._opened(size, plain, kind, at)
                except SealedError:
                    break
            else:
                self._places.append((size, plain, kind, at))
                size += plain
            at += _OVERHEAD + plain
            if kind != _PROVISIONAL:
                end, sure = at, len(self._places)
        del self._places[sure:]
        return self._without_torn_end(end)

    def _without_torn_end(self, end: int) -> int:
        """A power cut may leave the last pieces in their length but not in their bytes: they were not acknowledged."""
        while self._places:
            try:
                self._opened(*self._places[-1])
            except SealedError:
                end = self._places.pop()[3]
            else:
                break
        return end

    @property
    def size(self) -> int:
        """How many bytes of the film are here."""
        return self._places[-1][0] + self._places[-1][1] if self._places else 0

    def add(self, data: bytes, *, provisional: bool = False) -> None:
        """Seal `data` behind what is there. With `provisional` it counts only after `confirm`."""
        for start in range(0, len(data), CHUNK):
            piece, kind = data[start : start + CHUNK], _PROVISIONAL if provisional else _SURE
            place = (self.size, len(piece), kind, self._end)
            self._put(piece, *place)
            self._places.append(place)
            self._starts.append(place[0])

    def confirm(self) -> None:
        """The provisional pieces were as they should be: they count."""
        self._put(b"", self.size, 0, _MARK, self._end)

    def drop_from(self, size: int) -> None:
        """Forget all from byte `size` on, which must be where a piece begins."""
        while self._places and self._places[-1][0] >= size:
            self._end = self._places.pop()[3]
            self._starts.pop()
        self._file.truncate(self._end)
        self._held = -1

    def sync(self) -> None:
        """What was added is on the disk when this returns."""
        os.fsync(self._file.fileno())

    def _put(self, piece: bytes, first: int, length: int, kind: int, at: int) -> None:
        nonce = secrets.token_bytes(_NONCE)
        body = self._cipher.encrypt(nonce, piece, self._bound(first, length, kind))
        whole = _head(kind, length) + nonce + body
        self._file.seek(at)
        if self._file.write(whole) != len(whole):
            self._file.truncate(at)
            raise OSError(28, "No space left on device")
        self._end = at + len(whole)

    def _bound(self, first: int, length: int, kind: int) -> bytes:
        return self._header + struct.pack(">Q", first) + _head(kind, length)

    def _opened(self, first: int, length: int, kind: int, at: int) -> bytes:
        self._file.seek(at + _HEAD)
        read = self._file.read(_NONCE + length + _TAG)
        try:
            return self._cipher.decrypt(read[:_NONCE], read[_NONCE:], self._bound(first, length, kind))
        except (InvalidTag, ValueError):
            raise SealedError(_DAMAGED) from None

    def blocks(self) -> Iterator[bytes]:
        """The whole of what is here, in order, opened piece by piece."""
        for place in self._places:
            yield self._opened(*place)

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        done = 0
        with memoryview(buffer).cast("B") as into:
            wanted = min(into.nbytes, max(0, self.size - self._at))
            while done < wanted:
                index = bisect_right(self._starts, self._at + done) - 1
                if index != self._held:
                    self._plain, self._held = self._opened(*self._places[index]), index
                offset = self._at + done - self._starts[index]
                step = min(wanted - done, len(self._plain) - offset)
                into[done : done + step] = self._plain[offset : offset + step]
                done += step
        self._at += done
        return done

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        origin = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self.size}.get(whence)
        if origin is None or origin + offset < 0:
            raise SealedError("There is no such place in the film.")
        self._at = origin + offset
        return self._at

    def tell(self) -> int:
        return self._at

    def fileno(self) -> int:
        return self._file.fileno()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def close(self) -> None:
        if "_file" in self.__dict__:
            self._file.close()
        super().close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def _head(kind: int, length: int) -> bytes:
    return struct.pack(">I", kind << 24 | length)


def _read_head(read: bytes) -> tuple[int, int]:
    (both,) = struct.unpack(">I", read)
    return both >> 24, both & 0xFFFFFF
