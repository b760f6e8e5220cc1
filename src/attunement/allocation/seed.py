"""The secret behind the draws: made once, committed to in public, sealed at rest."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from attunement.allocation.errors import AllocationError
from attunement.allocation.minimising import Minimisation
from attunement.allocation.schemes import Scheme
from attunement.allocation.source import SEED_BYTES

_MARK = b"attunement seed 1\n"
_NONCE_BYTES, _KEY_BYTES, _SALT_BYTES = 12, 32, 16


def new_seed() -> bytes:
    """48 secret bytes from the operating system: 256 bits of strength and a nonce (SP 800-90A, 10.1.2)."""
    return secrets.token_bytes(SEED_BYTES)


def new_salt() -> bytes:
    """16 bytes for a commitment, kept secret with the seed until both are opened."""
    return secrets.token_bytes(_SALT_BYTES)


def commitment(
    seed: bytes,
    salt: bytes,
    scheme: Scheme | Minimisation,
    strata: Sequence[str],
    version: str,
    arms: Sequence[str] = (),
) -> str:
    """64 hexadecimal figures that may be published: they give nothing away, and only the same inputs give them.

    strata: the names of the strata, each with its places. version: of the software. arms: their codes, in study-file
    order. Raises AllocationError.
    """
    if len(seed) < _KEY_BYTES or len(salt) < _SALT_BYTES:
        raise AllocationError("a commitment needs a seed of 32 bytes or more and a salt of 16 or more")
    if isinstance(strata, str):
        raise AllocationError("strata are a list of names, not one text")
    if isinstance(arms, str):
        raise AllocationError("arms are a list of codes, not one text")
    said = [_MARK.decode().strip(), seed.hex(), salt.hex(), scheme.name, list(strata), version]
    said += [list(arms)] if arms else []
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def seal(seed: bytes, key: bytes) -> bytes:
    """The seed encrypted and authenticated with AES-256-GCM; `key` is 32 bytes. Raises AllocationError."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return _MARK + nonce + _cipher(key).encrypt(nonce, seed, _MARK)


def unseal(sealed: bytes, key: bytes) -> bytes:
    """The seed out of `seal`. Raises AllocationError when the key is another, or a single bit was changed."""
    cipher = _cipher(key)
    mark, rest = sealed[: len(_MARK)], sealed[len(_MARK) :]
    if mark != _MARK or len(rest) <= _NONCE_BYTES:
        raise AllocationError("this is no sealed seed")
    try:
        return cipher.decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], _MARK)
    except InvalidTag:
        raise AllocationError("the sealed seed cannot be opened: another key, or it was changed") from None


def _cipher(key: bytes) -> AESGCM:
    if not isinstance(key, bytes) or len(key) != _KEY_BYTES:
        raise AllocationError("the key that seals a seed is 32 bytes")
    return AESGCM(key)
