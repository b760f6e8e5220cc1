"""Sealed films: the object, its key in the key book, never a clear byte, and nothing half-kept after a crash."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import uuid
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from attunement.film import sealed
from attunement.film.keys import KeyBook
from attunement.journey.films.objects import SEALED, objects, write_through
from attunement.journey.trail import keys
from attunement.journey.trail.errors import Refused

MASTER = "films.master"
BOOK = "films.sqlite3"
BACKUP = "films.backup.sqlite3"
ARRIVING = ".arriving"
WORKING, LOOK, MAP = "working", "look", "map"
NO_ROOM = "The film could not be stored: the server's disk may be full. Tell the system owner, then send it again."
CANNOT_BE_OPENED = ("This film cannot be opened: its file or its key is missing or damaged. Tell the system owner, "
                    "who can bring both back from the backup.")
log = logging.getLogger(__name__)


def object_name(film: uuid.UUID, part: str = "") -> str:
    return f"{film}.{part}{SEALED}" if part else f"{film}{SEALED}"


def film_path(film: uuid.UUID, part: str = "") -> Path:
    """Where the object lies when objects are files."""
    return settings.PLACE.folder("films") / object_name(film, part)


def book() -> KeyBook:
    """The films' keys. A lost master key is said, never replaced in silence."""
    path = settings.PLACE.folder("keys") / BOOK
    return _book(path, keys.at_first_use(MASTER, first=not path.exists()))


def back_up_keys() -> int:
    """A copy of the key book beside it, for a disk's fault. It lives ten minutes, and no deletion outlasts one."""
    book().back_up(settings.PLACE.folder("keys") / BACKUP)
    return 0


def destroy_for_good(film: uuid.UUID) -> None:
    """Destroys a kept film's key: first in the copy, which is made anew without it, then in the book."""
    backup = settings.PLACE.folder("keys") / BACKUP
    backup.unlink(missing_ok=True)
    write_through(backup.parent)
    book().destroy(str(film))
    back_up_keys()


def book_under(master: bytes) -> KeyBook:
    """The films' keys under a master key that is being tried."""
    return KeyBook(settings.PLACE.folder("keys") / BOOK, master=master)


@lru_cache(maxsize=4)
def _book(path: Path, master: bytes) -> KeyBook:
    return KeyBook(path, master=master)


def has_key(film: uuid.UUID) -> bool:
    return str(film) in book().films()


def not_stored(error: OSError) -> str:
    """The sentence for whoever sent the film; the system owner finds the reason in the log."""
    log.error("a film could not be stored: %s", error.strerror)
    return NO_ROOM


class Arriving:
    """A film on its way in: sealed as it arrives. `keep`, then the row's commit, then `settle`; else `drop`.

    Until it is settled its name ends with `.arriving` and the file is locked by this process. So `sweep` knows what a
    process that died has left, and never touches a film that was settled. A film that came in pieces has its name and
    its key already, and keeps both when it is dropped.
    """

    def __init__(self, film: uuid.UUID | None = None, key: bytes | None = None) -> None:
        self.id, self._has_key = film or uuid.uuid4(), key is not None
        self.key = key or sealed.new_key()
        self.path = settings.PLACE.folder("films") / f"{self.id}{ARRIVING}"
        if film is not None:
            _remove_what_died(self.path)
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
        if not self._has_key:
            book().put(str(self.id), self.key)
        write_through(self.path.parent)

    def settle(self) -> None:
        """Its row is committed: from now on it is a film. A store that does not answer now is asked by the next sweep."""
        self._done = True
        try:
            objects().put(object_name(self.id), self.path)
        except OSError as error:
            log.error("a film waits to be moved into the store: %s", error.strerror)
        self._file.close()

    def drop(self) -> None:
        """Leaves nothing behind. A film that was settled stays."""
        if self._done:
            return
        self._done = True
        if not self._has_key:
            destroy_key(self.id)
        self.path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            self._file.close()


def destroy_key(film: uuid.UUID) -> bool:
    """Destroys a key if it is there."""
    if not has_key(film):
        return False
    book().destroy(str(film))
    return True


def open_film(film: uuid.UUID, part: str = "") -> sealed.SealedFile:
    """A film's clear bytes, seekable, read from its sealed object."""
    try:
        return sealed.open_sealed(_raw(film, part), key=book().key(str(film)))
    except (OSError, sealed.SealedError):
        raise Refused(CANNOT_BE_OPENED) from None


def _raw(film: uuid.UUID, part: str) -> BinaryIO:
    """The sealed object; just after it came, what waits to be moved into the store."""
    try:
        return objects().open(object_name(film, part))
    except OSError:
        if part:
            raise
        return open(settings.PLACE.folder("films") / f"{film}{ARRIVING}", "rb", buffering=0)  # type: ignore[return-value]


def removed(film: uuid.UUID) -> int:
    """Unlinks every object of a film, and what was being made of it; how many there were."""
    found = [name for name in objects().names(str(film)) if name.endswith(SEALED)]
    for name in found:
        objects().remove(name)
    folder = settings.PLACE.folder("films")
    beside = sorted(folder.glob(f"{film}*"))
    for path in beside:
        path.unlink(missing_ok=True)
    write_through(folder)
    return len(found) + len(beside)


def sweep() -> int:
    """Puts right what a process that was killed has left: a film without a row goes, one with a row is settled.

    Returns how many were put right. Uploads that are running hold their lock and are left alone.
    """
    found = _take_over_key_files()
    for path in sorted(settings.PLACE.folder("films").glob(f"*{ARRIVING}")):
        with contextlib.suppress(FileNotFoundError, BlockingIOError), open(path, "rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _put_right(path)
            found += 1
    return found


def _take_over_key_files() -> int:
    """Keys lay in a file each before there was a key book."""
    found = sorted((settings.PLACE.root / "keys" / "films").glob("*-*"))
    for path in found:
        with contextlib.suppress(sealed.SealedError):
            if not has_key(uuid.UUID(path.name)):
                book().put(path.name, sealed.unwrap(path.read_bytes(), keys.named(MASTER)))
            path.unlink()
    return len(found)


def _put_right(path: Path) -> None:
    from attunement.journey.films.models import Film, Upload

    film = uuid.UUID(path.stem)
    if Film.objects.filter(pk=film, deleted_at=None).exists():
        with contextlib.suppress(OSError):
            objects().put(object_name(film), path)
        return
    if not Upload.objects.filter(pk=film, state="arriving").exists():
        destroy_key(film)
    path.unlink(missing_ok=True)
    write_through(path.parent)


def _remove_what_died(path: Path) -> None:
    """A film in pieces that was being finished when its process was killed: it is finished anew."""
    with contextlib.suppress(FileNotFoundError), open(path, "rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused("This film is being finished at this moment. Wait for a minute.") from None
        path.unlink()
