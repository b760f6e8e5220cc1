"""HMAC_DRBG with SHA-256: NIST SP 800-90A Rev. 1, section 10.1.2, without reseeding and additional input."""

from __future__ import annotations

import hmac


class HmacDrbg:
    """A stream of bytes fixed by its seed material. Not thread-safe; make one a purpose."""

    def __init__(self, entropy: bytes, nonce: bytes = b"", personalisation: bytes = b"") -> None:
        self._key = bytes(32)
        self._value = b"\x01" * 32
        self._drawn = False
        self._update(entropy + nonce + personalisation)

    def generate(self, size: int) -> bytes:
        """The next `size` bytes; the state moves on between calls (section 10.1.2.5)."""
        if self._drawn:
            self._update(b"")
        self._drawn, out = True, b""
        while len(out) < size:
            self._value = self._hmac(self._value)
            out += self._value
        return out[:size]

    def _update(self, data: bytes) -> None:
        self._key = self._hmac(self._value + b"\x00" + data)
        self._value = self._hmac(self._value)
        if data:
            self._key = self._hmac(self._value + b"\x01" + data)
            self._value = self._hmac(self._value)

    def _hmac(self, data: bytes) -> bytes:
        return hmac.digest(self._key, data, "sha256")
