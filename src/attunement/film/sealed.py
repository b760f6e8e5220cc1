"""The sealed container: a film on disk that is read at any place with its key and is noise without it.

Layout: header (magic, version, chunk size, random file id), then chunks of 64 KiB, each AES-256-GCM with its tag.
The file key is HKDF-SHA256(film key, file id); the nonce of chunk i is i and a flag that marks the last one; the
header is bound to every chunk (the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizar, 2015). So no bit can
change, no chunk move and no end be cut off unnoticed.
"""

from __future__ import annotations

import hashlib
import io
import os
import secrets
import struct
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, BinaryIO, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

CHUNK = 64 * 1024
KEY_BYTES = 32
_TAG = 16
STRIDE = CHUNK + _TAG
PREFIX = b"ATNFILM\x01" + struct.pack(">I", CHUNK)
HEADER = len(PREFIX) + 16
_DAMAGED = "The sealed film has been changed or cut short, or this is not its key."


class SealedError(ValueError):
    """A sealed film that cannot be trusted: changed, cut short, moved about, or opened with another key."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """What went into a container: SHA-256 (hex) and number of bytes of the plain content."""

    sha256: str
    size: int


def new_key() -> bytes:
    """A fresh random key of 32 bytes, for one film."""
    return secrets.token_bytes(KEY_BYTES)


def wrap(key: bytes, master: bytes) -> bytes:
    """`key` under `master`, 40 bytes (AES key wrap, RFC 3394). SealedError when either is not 32 bytes."""
    return aes_key_wrap(_checked(master), _checked(key))


def unwrap(wrapped: bytes, master: bytes) -> bytes:
    """The key that `wrap` took. SealedError when it was changed or wrapped under another master key."""
    try:
        return _checked(aes_key_unwrap(_checked(master), wrapped))
    except InvalidUnwrap:
        raise SealedError("The film's key cannot be unlocked with this master key.") from None


def _checked(key: bytes) -> bytes:
    if len(key) != KEY_BYTES:
        raise SealedError(f"A key must have {KEY_BYTES} bytes; this one has {len(key)}.")
    return bytes(key)


def cipher_of(key: bytes, header: bytes) -> AESGCM:
    derive = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=header[-16:], info=b"attunement sealed film 1")
    return AESGCM(derive.derive(_checked(key)))


def nonce_of(index: int, last: bool) -> bytes:
    return index.to_bytes(11, "big") + bytes([last])


class Sealer:
    """Seals what is written to it into `target`, an open binary file; the plain bytes are never written anywhere.

    `close()` writes the last chunk and returns `Sealed`; without it (a broken upload) the container never opens.
    As a context manager it closes when the block ends well and leaves the container unreadable when it does not.
    """

    def __init__(self, target: BinaryIO, key: bytes) -> None:
        self._target = target
        self._header = PREFIX + secrets.token_bytes(16)
        self._cipher = cipher_of(key, self._header)
        self._held = bytearray()
        self._hash = hashlib.sha256()
        self._index = self._size = 0
        self._result: Sealed | None = None
        target.write(self._header)

    def write(self, data: ReadableBuffer) -> int:
        """Take any number of bytes; full chunks are sealed at once, the rest is held in memory."""
        if self._result is not None:
            raise SealedError("This film is sealed already; nothing can be added.")
        with memoryview(data).cast("B") as view:
            self._hash.update(view)
            self._size += view.nbytes
            for start in range(0, view.nbytes, CHUNK):
                self._held += view[start : start + CHUNK]
                # A full chunk waits for the next byte: only then is it known not to be the last.
                while len(self._held) > CHUNK:
                    self._seal(last=False)
            return view.nbytes

    def close(self) -> Sealed:
        if self._result is None:
            self._seal(last=True)
            self._result = Sealed(self._hash.hexdigest(), self._size)
        return self._result

    def _seal(self, *, last: bool) -> None:
        chunk = bytes(self._held[:CHUNK])
        del self._held[:CHUNK]
        self._target.write(self._cipher.encrypt(nonce_of(self._index, last), chunk, self._header))
        self._index += 1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if kind is None:
            self.close()


def seal(source: BinaryIO, target: BinaryIO, *, key: bytes) -> Sealed:
    """Seal all of `source` into `target` under `key` (32 bytes); returns hash and size of the plain content."""
    sealer = Sealer(target, key)
    while data := source.read(16 * CHUNK):
        sealer.write(data)
    return sealer.close()


class SealedFile(io.RawIOBase):
    """The plain content of a sealed film: read only, seekable, checked chunk by chunk as it is read."""

    def __init__(self, path: str | Path | BinaryIO, key: bytes) -> None:
        super().__init__()
        self._file: Any = open(path, "rb", buffering=0) if isinstance(path, str | Path) else path  # noqa: SIM115
        try:
            self._open(key)
        except BaseException:
            self.close()
            raise

    def _open(self, key: bytes) -> None:
        length = self._file.seek(0, os.SEEK_END)
        self._file.seek(0)
        self._header = self._file.read(HEADER)
        if len(self._header) < HEADER or not self._header.startswith(PREFIX):
            raise SealedError("This is not a sealed film.")
        full, rest = divmod(length - HEADER, STRIDE)
        if full + rest == 0 or 0 < rest < _TAG + (full > 0):
            raise SealedError(_DAMAGED)
        self._last = full if rest else full - 1
        self.size = length - HEADER - (self._last + 1) * _TAG
        self._cipher = cipher_of(key, self._header)
        self._sealed = memoryview(bytearray(STRIDE))
        self._plain = memoryview(bytearray(CHUNK))
        self._held = -1
        self._position = 0
        self._hold(self._last)

    def _decrypt(self, index: int, into: memoryview) -> None:
        """Chunk `index` into `into`, which has exactly its plain length."""
        sealed = self._sealed[: len(into) + _TAG]
        self._file.seek(HEADER + index * STRIDE)
        try:
            if self._file.readinto(sealed) != len(sealed):
                raise SealedError(_DAMAGED)
            self._cipher.decrypt_into(nonce_of(index, index == self._last), sealed, self._header, into)
        except InvalidTag:
            raise SealedError(_DAMAGED) from None

    def _length(self, index: int) -> int:
        return self.size - index * CHUNK if index == self._last else CHUNK

    def _hold(self, index: int) -> memoryview:
        length = self._length(index)
        if self._held != index:
            self._held = -1
            self._decrypt(index, self._plain[:length])
            self._held = index
        return self._plain[:length]

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Fill `buffer` unless the end comes first. SealedError when a chunk is not what was sealed."""
        self._must_be_open()
        done = 0
        with memoryview(buffer).cast("B") as into:
            wanted = min(into.nbytes, max(0, self.size - self._position))
            while done < wanted:
                index, offset = divmod(self._position + done, CHUNK)
                step = min(wanted - done, self._length(index) - offset)
                if step == self._length(index) and index != self._held:
                    self._decrypt(index, into[done : done + step])
                else:
                    into[done : done + step] = self._hold(index)[offset : offset + step]
                done += step
        self._position += done
        return done

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        self._must_be_open()
        origin = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self.size}.get(whence)
        if origin is None or origin + offset < 0:
            raise SealedError("There is no such place in the film.")
        self._position = origin + offset
        return self._position

    def tell(self) -> int:
        self._must_be_open()
        return self._position

    def _must_be_open(self) -> None:
        if self.closed:
            raise ValueError("The film is closed.")

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def close(self) -> None:
        if "_file" in self.__dict__:  # not there when opening it failed
            self._file.close()
        super().close()


def open_sealed(path: str | Path | BinaryIO, *, key: bytes) -> SealedFile:
    """The plain content of the container at `path` as a seekable binary file with `.size` in bytes.

    `path` may be an open binary file instead, with `readinto`; it is closed with the film.
    The last chunk is checked on opening, each other one when it is read. SealedError for every fault, OSError when
    the file cannot be read at all.
    """
    return SealedFile(path, key)
