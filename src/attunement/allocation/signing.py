"""Checkpoints: signed entries of the log that others hold, and the public key that they are checked with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from attunement.allocation.chain import CHECKPOINT, MARK, Entry, entry_text, plain_json, unsigned_text
from attunement.allocation.errors import AllocationError

_LARGEST = 200_000_000


@dataclass(frozen=True)
class Checkpoint:
    """What a signed checkpoint vouches for. `marks`: the first figures of the digest of entry `first` and of each after
    it, up to the checkpoint's own."""

    number: int
    first: int
    before: str
    digest: str
    marks: bytes


def new_signing_key() -> bytes:
    """The 32 secret bytes of a new Ed25519 key."""
    return Ed25519PrivateKey.generate().private_bytes_raw()


def signing_key(secret: bytes) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(secret)


def public_hex(key: Ed25519PrivateKey) -> str:
    """The public half as 64 hexadecimal figures, for the lock entry and the certificate."""
    return key.public_key().public_bytes_raw().hex()


def checkpoint_of(text: bytes, key: str) -> Checkpoint | None:
    """What an entry's text vouches for; None when it is no checkpoint that `key` signed."""
    try:
        before, *row = json.loads(text)
        what = json.loads(row[6])
        head, marks, signature = what["head"], what["marks"], bytes.fromhex(what["signature"])
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(signature, unsigned_text(tuple(row), what))
        entry = Entry(head, what["number"], *row[1:])
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, InvalidSignature, RecursionError):
        return None
    if entry.verb != CHECKPOINT or not isinstance(entry.number, int):
        return None
    if len(marks) % MARK or len(marks) // MARK >= entry.number:
        return None
    if entry_text(before, (row[0], *entry.row[1:])).encode() != text or plain_json(what) != entry.what:
        return None
    covered = (marks + entry.digest[:MARK]).encode()
    return Checkpoint(entry.number, entry.number - len(marks) // MARK, head, entry.digest, covered)


def read_checkpoints(path: str | Path, key: str) -> list[Checkpoint]:
    """The checkpoints of a file: lines of a log, as they were mailed. Raises AllocationError."""
    lines = [line for line in _read(path, "checkpoint").splitlines() if line.strip()]
    found = []
    for number, line in enumerate(lines, start=1):
        made = checkpoint_of(_entry_of(line), key)
        if made is None:
            raise AllocationError(f"{path}, line {number}: this is no checkpoint signed with the key of this log")
        found.append(made)
    if not found:
        raise AllocationError(f"{path}: the file holds no checkpoint")
    return found


def _entry_of(line: bytes) -> bytes:
    try:
        before, *row = json.loads(line)["entry"]
        return entry_text(before, tuple(row)).encode()
    except (ValueError, TypeError, KeyError, RecursionError):
        return b""


@dataclass(frozen=True)
class TrustedKey:
    """A public key from outside the log, with version -> commitment of the certificate that it came in, if any."""

    key: str
    commitments: Mapping[int, str] = field(default_factory=dict)


def read_key(source: str | Path | bytes) -> TrustedKey:
    """A public key: 32 bytes, 64 hexadecimal figures, or a file of them, of a PEM key or of a lock certificate.

    Raises AllocationError.
    """
    if isinstance(source, bytes) and len(source) == 32:
        return TrustedKey(source.hex())
    if isinstance(source, str) and _is_key(source):
        return TrustedKey(source.lower())
    raw = source if isinstance(source, bytes) else _read(source, "key")
    said = "the bytes given" if isinstance(source, bytes) else str(source)
    try:
        text = raw.decode().strip()
        if _is_key(text):
            return TrustedKey(text.lower())
        if text.startswith("-----BEGIN"):
            made = load_pem_public_key(raw)
            if isinstance(made, Ed25519PublicKey):
                return TrustedKey(made.public_bytes_raw().hex())
        told: Any = json.loads(text)
        if _is_key(told["public_key"]):
            return TrustedKey(told["public_key"].lower(), {int(told.get("version", 1)): str(told["commitment"])})
    except (ValueError, TypeError, KeyError, AttributeError, UnsupportedAlgorithm, RecursionError):
        pass
    raise AllocationError(f"{said}: this is no Ed25519 public key and no lock certificate (JSON)")


def _is_key(text: str) -> bool:
    return len(text) == 64 and set(text.lower()) <= set("0123456789abcdef")


def _read(path: str | Path, what: str) -> bytes:
    try:
        raw = Path(path).read_bytes()
    except (OSError, ValueError) as error:
        raise AllocationError(f"{path}: the {what} cannot be opened: {getattr(error, 'strerror', error)}") from None
    if len(raw) > _LARGEST:
        raise AllocationError(f"{path}: the file is over 200 MB, which no {what} is")
    return raw
