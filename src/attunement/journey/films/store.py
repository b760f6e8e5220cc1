"""Sealed films on disk: the file beside its wrapped key, never a clear byte, and nothing half-kept after a crash."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import uuid
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from attunement.film import sealed
from attunement.journey.trail import keys
from attunement.journey.trail.errors import Refused

MASTER = "films.master"
ARRIVING = ".arriving"
NO_ROOM = "The film could not be stored: the server's disk may be full. Tell the system owner, then send it again."
log = logging.getLogger(__name__)


def film_path(film: uuid.UUID) -> Path:
    return settings.PLACE.folder("films") / f"{film}.sealed"


def key_path(film: uuid.UUID) -> Path:
    return settings.PLACE.folder("keys", "films") / str(film)


def not_stored(error: OSError) -> str:
    """The sentence for whoever sent the film; the system owner finds the reason in the log."""
    log.error("a film could not be stored: %s", error.strerror)
    return NO_ROOM


def write_through(folder: Path) -> None:
    """Makes what was created or renamed in a folder outlast a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class Arriving:
    """A film on its way in: sealed as it arrives. `keep`, then the row's commit, then `settle`; else `drop`.

    Until it is settled its name ends with `.arriving` and the file is locked by this process. So `sweep` knows what a
    process that died has left, and never touches a film that was settled.
    """

    def __init__(self) -> None:
        self.id = uuid.uuid4()
        self.key = sealed.new_key()
        self.kept_path, self.key_path = film_path(self.id), key_path(self.id)
        self.path = self.kept_path.with_suffix(ARRIVING)
        self._file: BinaryIO = os.fdopen(os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self._sealer = sealed.Sealer(self._file, self.key)
        self._done = False
        self.sha256, self.size = "", 0

    def write(self, data: bytes) -> None:
        self._sealer.write(data)

    def finish(self) -> None:
        done = self._sealer.close()
        self.sha256, self.size = done.sha256, done.size
        self._file.flush()
        os.fsync(self._file.fileno())

    def open(self) -> sealed.SealedFile:
        return sealed.open_sealed(self.path, key=self.key)

    def keep(self) -> None:
        """Writes the wrapped key; without it the sealed file is noise. File and key are on the disk when it returns."""
        master = keys.at_first_use(MASTER, first=not any(self.key_path.parent.iterdir()))
        partial = self.key_path.with_suffix(".part")
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(sealed.wrap(self.key, master))
            file.flush()
            os.fsync(file.fileno())
        partial.replace(self.key_path)
        for folder in (self.key_path.parent, self.path.parent):
            write_through(folder)

    def settle(self) -> None:
        """Its row is committed: from now on it is a film."""
        self._done = True
        self.path.replace(self.kept_path)
        write_through(self.path.parent)
        self._file.close()

    def drop(self) -> None:
        """Leaves nothing behind. A film that was settled stays."""
        if self._done:
            return
        self._done = True
        _remove(self.path, self.key_path)
        with contextlib.suppress(OSError):
            self._file.close()


def _remove(path: Path, key: Path) -> None:
    """The file last: as long as it is there, `sweep` finds its key."""
    for gone in (key.with_suffix(".part"), key, path):
        gone.unlink(missing_ok=True)


def open_film(film: uuid.UUID) -> sealed.SealedFile:
    """A film's clear bytes, seekable, read from its sealed file."""
    try:
        return sealed.open_sealed(film_path(film), key=sealed.unwrap(key_path(film).read_bytes(), keys.named(MASTER)))
    except (OSError, sealed.SealedError):
        raise Refused("This film cannot be opened: its file or its key is missing or damaged. Tell the system owner, "
                      "who can bring both back from the backup.") from None


def sweep() -> int:
    """Puts right what a process that was killed has left: a film without a row goes, one with a row is settled.

    Returns how many were put right. Uploads that are running hold their lock and are left alone.
    """
    found = 0
    for path in sorted(settings.PLACE.folder("films").glob(f"*{ARRIVING}")):
        with contextlib.suppress(FileNotFoundError, BlockingIOError), open(path, "rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _put_right(path)
            found += 1
    return found


def _put_right(path: Path) -> None:
    from attunement.journey.films.models import Film

    film = uuid.UUID(path.stem)
    if Film.objects.filter(pk=film).exists():
        path.replace(film_path(film))
    else:
        _remove(path, key_path(film))
    write_through(path.parent)
