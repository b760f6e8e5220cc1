"""The key book: films' keys, wrapped, in a small database of their own, so that destroying one can be shown.

Not in the study's database, whose backups live for years: a key that is destroyed here is in no file of this book. What
was deleted is overwritten (`secure_delete`), and there is no write-ahead log to keep a copy (measured on SQLite 3.40:
with both, the bytes are gone at once; with either missing they are not). A disk may still hold what the file system
freed, which is why the keys are wrapped under a master key that lies elsewhere.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from attunement.film.sealed import SealedError, new_key, unwrap, wrap
from attunement.places import check_place

_TABLE = "CREATE TABLE IF NOT EXISTS keys (film TEXT PRIMARY KEY, wrapped BLOB NOT NULL) STRICT, WITHOUT ROWID"
_WAIT = 30


@dataclass(frozen=True, slots=True)
class Destroyed:
    """What was shown when a key was destroyed: its name, and the files in which its bytes were looked for in vain."""

    film: str
    key_id: str
    searched: tuple[str, ...]


class KeyBook:
    """Keys by the name of their film, in the SQLite file `path`, under `master` (32 bytes). SealedError for faults."""

    def __init__(self, path: str | Path, *, master: bytes) -> None:
        self._path, self._master = Path(path), master
        if not self._path.exists():
            os.close(os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o600))
        with self._open() as book:
            book.execute(_TABLE)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """A connection that commits when the block ends well. What it needs is set on each, and checked."""
        try:
            with closing(sqlite3.connect(self._path, timeout=_WAIT, isolation_level=None)) as book:
                mode = book.execute("PRAGMA journal_mode = DELETE").fetchone()[0]
                secure = book.execute("PRAGMA secure_delete = ON").fetchone()[0]
                book.execute("PRAGMA synchronous = EXTRA")
                if (mode, secure) != ("delete", 1):
                    raise SealedError("The key book cannot be opened in the way that lets keys be destroyed.")
                book.execute("BEGIN IMMEDIATE")
                yield book
                book.execute("COMMIT")
        except sqlite3.DatabaseError as error:
            raise SealedError(f"The key book cannot be used: {error}.") from None

    def new(self, film: str) -> bytes:
        """A fresh key for `film`, kept before it is handed out. SealedError if the film has one."""
        key = new_key()
        self.put(film, key)
        return key

    def put(self, film: str, key: bytes) -> None:
        """Keep `key` for `film`; it is on the disk when this returns. SealedError if the film has one."""
        with self._open() as book:
            if book.execute("SELECT 1 FROM keys WHERE film = ?", [film]).fetchone():
                raise SealedError("This film has a key already.")
            book.execute("INSERT INTO keys VALUES (?, ?)", [film, wrap(key, self._master)])

    def key(self, film: str) -> bytes:
        """The film's key. SealedError when it has none, or has none any more."""
        return unwrap(self._wrapped(film), self._master)

    def key_id(self, film: str) -> str:
        """A name for the film's key that tells nothing of it: the first 16 hex digits of the wrapped key's SHA-256."""
        return _id(self._wrapped(film))

    def films(self) -> tuple[str, ...]:
        """The names of all films with a key, in order."""
        with self._open() as book:
            return tuple(row[0] for row in book.execute("SELECT film FROM keys ORDER BY film"))

    def destroy(self, film: str) -> Destroyed:
        """Destroy the film's key, then look for it: SealedError if it was not there, or if its bytes still are."""
        wrapped = self._wrapped(film)
        with self._open() as book:
            book.execute("DELETE FROM keys WHERE film = ?", [film])
        files = sorted(self._path.parent.glob(f"{self._path.name}*"))
        for file in files:
            if wrapped in file.read_bytes():
                raise SealedError(f"The key's bytes are still in {file.name}; tell the system owner.")
        return Destroyed(film, _id(wrapped), tuple(file.name for file in files))

    def back_up(self, target: str | Path) -> None:
        """Write a copy of the book. It must live shorter than the time in which deletion is promised."""
        check_place(Path(target), SealedError)
        partial = Path(f"{target}.part")
        partial.unlink(missing_ok=True)
        os.close(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        try:
            with closing(sqlite3.connect(self._path)) as book, closing(sqlite3.connect(partial)) as copy:
                book.backup(copy)
            os.replace(partial, target)
        finally:
            partial.unlink(missing_ok=True)

    def _wrapped(self, film: str) -> bytes:
        with self._open() as book:
            row = book.execute("SELECT wrapped FROM keys WHERE film = ?", [film]).fetchone()
        if row is None:
            raise SealedError("This film has no key: it was destroyed, or never was.")
        return bytes(row[0])


def _id(wrapped: bytes) -> str:
    return hashlib.sha256(wrapped).hexdigest()[:16]
