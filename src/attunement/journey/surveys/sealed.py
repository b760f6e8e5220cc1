"""Answers that waited on a phone, sealed to the server: the phone keeps them and cannot read them back.

The page gets the server's public key (P-256). For each answer the script makes a key pair of its own, agrees a secret with
the public key, seals with AES-GCM under HKDF-SHA256 of it, and forgets its private key. What is kept is
`ephemeral public key (65) | nonce (12) | sealed text`, in base64.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.utils.translation import gettext as _

from attunement.journey.surveys.models import Questionnaire
from attunement.journey.trail import keys
from attunement.journey.trail.errors import Refused

NAME = "late_answers"
PURPOSE = b"attunement late answer 1"
POINT, NONCE, LONGEST = 65, 12, 2000
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@dataclass(frozen=True)
class Late:
    """One answer as the phone sealed it; `at` in milliseconds of the server's clock."""

    item: str
    given: str
    key: str
    at: int
    took: int | None = None
    language: str = ""


def public_key() -> str:
    """The server's public key for the page; the private one is made when the first family agrees."""
    first = not Questionnaire.objects.filter(keeps=True, started_at__isnull=False).exists()
    return _public(keys.at_first_use(NAME, first=first))


@lru_cache(maxsize=2)
def _private(secret: bytes) -> ec.EllipticCurvePrivateKey:
    wide = HKDF(SHA256(), 48, None, b"attunement late answers, the private key").derive(secret)
    return ec.derive_private_key(int.from_bytes(wide) % (ORDER - 1) + 1, ec.SECP256R1())


def _public(secret: bytes) -> str:
    point = _private(secret).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return base64.b64encode(point).decode()


def opened(text: str, questionnaire: int) -> Late:
    """The answer; Refused when it was not sealed for this server, or not for this questionnaire."""
    private = _private(keys.named(NAME))
    try:
        raw = base64.b64decode(text[:LONGEST], validate=True)
        theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw[:POINT])
        secret = HKDF(SHA256(), 32, raw[:POINT], PURPOSE).derive(private.exchange(ec.ECDH(), theirs))
        plain = AESGCM(secret).decrypt(raw[POINT:POINT + NONCE], raw[POINT + NONCE:], str(questionnaire).encode())
        said = json.loads(plain)
        took = said.get("took")
        return Late(str(said["item"]), str(said["given"]), str(said["key"])[:36], int(said["at"]),
                    None if took is None else int(took), str(said.get("language", "")))
    except (binascii.Error, ValueError, InvalidTag, KeyError, TypeError, AttributeError):
        raise Refused(_("This answer could not be read. Please give it again.")) from None
