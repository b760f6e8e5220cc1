"""What waits on a phone, sealed to the server: the phone keeps it and cannot read it back.

The page gets the server's public key (P-256). The script makes a key pair for each thing that it keeps, agrees a secret
with the public key, seals with AES-GCM under HKDF-SHA256 of it, and forgets its private key. What is kept is
`ephemeral public key (65) | nonce (12) | sealed text`, in base64.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from attunement.journey.trail import keys
from attunement.journey.trail.errors import Refused

POINT, NONCE, LONGEST = 65, 12, 8000
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@dataclass(frozen=True)
class Box:
    """`name`: of the key file. `purpose`: what the script seals for, so that nothing sealed for another is taken."""

    name: str
    purpose: bytes

    def public_key(self, *, first: bool) -> str:
        """For the page, in base64; the private key is made now where nothing has been sealed yet (`first`)."""
        point = _private(keys.at_first_use(self.name, first=first), self.name).public_key()
        return base64.b64encode(point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)).decode()

    def opened(self, text: str, about: str) -> dict[str, Any]:
        """What was sealed; Refused when it was not sealed for this server and `about` this."""
        try:
            raw = base64.b64decode(text[:LONGEST], validate=True)
            theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw[:POINT])
            agreed = _private(keys.named(self.name), self.name).exchange(ec.ECDH(), theirs)
            secret = HKDF(SHA256(), 32, raw[:POINT], self.purpose).derive(agreed)
            said = json.loads(AESGCM(secret).decrypt(raw[POINT:POINT + NONCE], raw[POINT + NONCE:], about.encode()))
        except (binascii.Error, ValueError, InvalidTag, RecursionError):
            said = None
        if not isinstance(said, dict):
            raise Refused("What the phone kept cannot be read here. Record it again.")
        return said


@lru_cache(maxsize=4)
def _private(secret: bytes, name: str) -> ec.EllipticCurvePrivateKey:
    wide = HKDF(SHA256(), 48, None, f"attunement {name}, the private key".encode()).derive(secret)
    return ec.derive_private_key(int.from_bytes(wide) % (_ORDER - 1) + 1, ec.SECP256R1())
