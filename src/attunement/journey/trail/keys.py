"""Keys that the database does not hold: files in the data directory's `keys/` folder, made once, readable by the owner."""

from __future__ import annotations

import os
import secrets
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from attunement.journey.trail.errors import Refused


@lru_cache(maxsize=8)
def named(name: str) -> bytes:
    """The 32 bytes of a key, made at its first use."""
    path: Path = settings.PLACE.folder("keys") / name
    if not path.exists():
        partial = path.with_name(f"{name}.{os.getpid()}.part")
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(32))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(partial, path)
        except FileExistsError:
            pass
        finally:
            partial.unlink()
        folder = os.open(path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
    key = path.read_bytes()
    if len(key) != 32:
        raise Refused(f"The key file {name} is damaged. Restore it from its backup; do not make a new one.")
    return key
