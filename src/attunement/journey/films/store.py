"""Sealed films on disk: the file beside its wrapped key, never a clear byte."""

from __future__ import annotations

import os
import uuid
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from attunement.film import sealed
from attunement.journey.trail import keys

MASTER = "films"


class Arriving:
    """An upload on its way in: sealed as it arrives, kept only when `keep` is called, else gone with `drop`."""

    def __init__(self) -> None:
        self.id = uuid.uuid4()
        self.key = sealed.new_key()
        self.path: Path = settings.PLACE.folder("films") / f"{self.id}.sealed"
        self.key_path: Path = settings.PLACE.folder("keys", "films") / str(self.id)
        self._file: BinaryIO = open(self.path, "xb")
        os.chmod(self.path, 0o600)
        self._sealer = sealed.Sealer(self._file, self.key)
        self.sha256, self.size = "", 0

    def write(self, data: bytes) -> None:
        self._sealer.write(data)

    def finish(self) -> None:
        done = self._sealer.close()
        self.sha256, self.size = done.sha256, done.size
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()

    def open(self) -> sealed.SealedFile:
        return sealed.open_sealed(self.path, key=self.key)

    def keep(self) -> None:
        """Writes the wrapped key; without it the sealed file is noise."""
        partial = self.key_path.with_suffix(".part")
        partial.write_bytes(sealed.wrap(self.key, keys.named(MASTER)))
        partial.chmod(0o600)
        partial.replace(self.key_path)

    def drop(self) -> None:
        self._file.close()
        for path in (self.path, self.key_path):
            path.unlink(missing_ok=True)


def open_film(film_path: Path, key_path: Path) -> sealed.SealedFile:
    """A film's clear bytes, seekable, read from its sealed file."""
    return sealed.open_sealed(film_path, key=sealed.unwrap(key_path.read_bytes(), keys.named(MASTER)))
