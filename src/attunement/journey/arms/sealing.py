"""The secrets of a scheme, kept under keys that the database does not hold: its seed, its salt, the rows of a list."""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping, Sequence
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from attunement import allocation
from attunement.allocation import OpenedScheme
from attunement.journey.arms.models import PlaceList, Scheme
from attunement.journey.trail import keys

SEALING_KEY, SIGNING_KEY = "allocation", "allocation-signing"
_SEED, _SALT = 48, 64
"""Where seed and salt end in what is sealed; the signing key follows, so that the sealing key restores that too."""


def sealing_key() -> bytes:
    """The key, made when nothing has been sealed with it yet."""
    used = Scheme.objects.exclude(locked_at=None).exists() or PlaceList.objects.exists()
    return keys.at_first_use(SEALING_KEY, first=not used)


def signer() -> Ed25519PrivateKey:
    """The key that signs checkpoints, made when nothing has been promised under it yet."""
    return allocation.signing_key(_signing_secret())


def _signing_secret() -> bytes:
    return keys.at_first_use(SIGNING_KEY, first=not Scheme.objects.exclude(certificate="").exists())


def seal_secrets(seed: bytes, salt: bytes) -> bytes:
    return allocation.seal(seed + salt + _signing_secret(), sealing_key())


def seal_rows(rows: Mapping[str, Sequence[int]]) -> tuple[bytes, str]:
    """The rows of a list sealed, and a mark by which the same list is known again."""
    text, key = json.dumps(rows, sort_keys=True).encode(), sealing_key()
    return allocation.seal(text, key), hmac.digest(key, b"list " + text, "sha256").hex()


def rows_of(listed: PlaceList | None) -> dict[str, tuple[int, ...]]:
    """Stratum -> arms from 0. Raises AllocationError when the key is another."""
    if listed is None:
        return {}
    found = json.loads(allocation.unseal(bytes(listed.sealed_rows), keys.named(SEALING_KEY)))
    return {stratum: tuple(arms) for stratum, arms in found.items()}


def closed(scheme: Scheme, **secrets: Any) -> OpenedScheme:
    """The scheme without its seed: its rules, and what it is called. Rows of a list are left out too."""
    facts = {"seed": "", "salt": "", "rows": {}} | secrets
    return OpenedScheme(scheme.version, scheme=scheme.text, ratio=tuple(scheme.ratio), arms=tuple(scheme.arms),
                        places=dict(scheme.places), software=scheme.software,
                        factors=tuple((code, tuple(levels), weight) for code, levels, weight in scheme.factors), **facts)


def unsealed(scheme: Scheme) -> OpenedScheme:
    """The locked scheme with its seed. Raises AllocationError when the key is another, Refused when it is missing."""
    secret = allocation.unseal(bytes(scheme.sealed_seed or b""), keys.named(SEALING_KEY))
    return closed(scheme, seed=secret[:_SEED].hex(), salt=secret[_SEED:_SALT].hex(), rows=rows_of(scheme.listed))


def opens(key: bytes) -> bytes | None:
    """The signing key that lies sealed under this sealing key; None when nothing that was locked opens with it."""
    scheme = Scheme.objects.exclude(locked_at=None).order_by("-version").first()
    if scheme is None:
        return None
    try:
        return allocation.unseal(bytes(scheme.sealed_seed or b""), key)[_SALT:]
    except allocation.AllocationError:
        return None
