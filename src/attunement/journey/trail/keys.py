"""Keys that the database does not hold: files in the data directory's `keys/` folder, made once, readable by the owner."""

from __future__ import annotations

import os
import secrets
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from attunement.journey.trail.errors import Refused


def at_first_use(name: str, *, first: bool) -> bytes:
    """The key, made now when nothing has been sealed with it yet (`first`). A lost key is never replaced in silence."""
    path = _path(name)
    if first and not path.exists():
        _make(path)
    return named(name)


@lru_cache(maxsize=8)
def named(name: str) -> bytes:
    """The 32 bytes of a key that is there."""
    path = _path(name)
    if not path.exists():
        raise Refused(f"The key file {name} is missing. Restore it from its backup; a new one would open nothing.")
    key = path.read_bytes()
    if len(key) != 32:
        raise Refused(f"The key file {name} is damaged. Restore it from its backup; do not make a new one.")
    return key


def put_back(name: str, key: bytes) -> bool:
    """Writes a lost key's file again from what its holders kept; True when it was missing. What is there stays."""
    path = _path(name)
    if path.exists():
        return False
    _make(path, key)
    named.cache_clear()
    return True


def _path(name: str) -> Path:
    folder: Path = settings.PLACE.folder("keys")
    return folder / name


def _make(path: Path, key: bytes | None = None) -> None:
    partial = path.with_name(f"{path.name}.{os.getpid()}.part")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(key or secrets.token_bytes(32))
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
