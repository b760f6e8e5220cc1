"""The entries of an allocation log: each bound to the one before it, so that none can be changed unseen.

A log is UTF-8 text, one JSON object a line; entry n stands on line n. Its members, in this order and with no spaces:

    digest   SHA-256, in hexadecimal, of the text of `entry` exactly as it stands
    entry    [before, number, at, who, verb, family, site, what, why, study version]; `before` is the digest of the entry
             before it (64 zeros for the first), `what` a text that is itself a JSON object, `why` the SHA-256 of a
             reason that somebody typed (empty without one): the words themselves never leave
    opened   only where something was kept secret until the end: an object whose text has the SHA-256 that stands in
             `what` as `fact`

Verbs that a verifier knows: `arms.locked` (what: version, commitment, public_key), `arms.allocated` (opened: arm, levels,
place, salt, stratum, version), `arms.opened` (opened: schemes), `trail.checkpoint` (what: head, marks, number, signature).
A log ends with `arms.opened` and a checkpoint. Entries with other verbs are held to the chain alone.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from attunement.allocation.errors import AllocationError
from attunement.places import check_place

START = "0" * 64
LOCKED, DRAWN, OPENED, CHECKPOINT = "arms.locked", "arms.allocated", "arms.opened", "trail.checkpoint"
MARK = 8
"""Hexadecimal figures of a digest that a checkpoint keeps for each entry since the checkpoint before."""


@dataclass(frozen=True)
class Entry:
    """One entry with its digest. `what` and `opened` are texts: JSON as it is hashed."""

    before: str
    number: int
    at: str
    who: str
    verb: str
    family: str
    site: str
    what: str
    why: str
    study_version: int
    opened: str = ""

    @property
    def text(self) -> str:
        return entry_text(self.before, self.row)

    @property
    def row(self) -> tuple[int, str, str, str, str, str, str, str, int]:
        return (self.number, self.at, self.who, self.verb, self.family, self.site, self.what, self.why, self.study_version)

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def line(self) -> str:
        opened = f',"opened":{self.opened}' if self.opened else ""
        return f'{{"digest":"{self.digest}","entry":{self.text}{opened}}}\n'


def entry_text(before: str, row: tuple[Any, ...]) -> str:
    """What is hashed of an entry."""
    return json.dumps([before, *row], ensure_ascii=False, separators=(",", ":"))


def plain_json(value: Mapping[str, Any]) -> str:
    """An object as it is hashed: names in order, no spaces."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def fact_of(opened: str) -> str:
    """The fingerprint of what is opened later. It gives nothing away as long as the text holds a secret salt."""
    return hashlib.sha256(opened.encode()).hexdigest()


def draw_text(*, version: int, stratum: str, place: int, levels: Mapping[str, str], arm: int, salt: str) -> str:
    """What an allocation keeps secret until the opening; its `fact_of` goes into the trail at once.

    version: of the locked scheme. place: counted from 1 within the stratum. arm: from 0. salt: 32 hexadecimal figures.
    """
    return plain_json({"version": version, "stratum": stratum, "place": place, "levels": dict(levels), "arm": arm,
                       "salt": salt})


class Chain:
    """Entries one after another, as the trail makes them; for examples, tests and exports."""

    def __init__(self, study_version: int = 1) -> None:
        self.study_version, self.before, self.number = study_version, START, 0
        self._marks: list[str] = []

    def add(self, verb: str, *, at: str, who: str, family: str = "", site: str = "", why: str = "", opened: str = "",
            **what: Any) -> Entry:
        """The next entry; for something to be opened later its fact goes into `what`."""
        if opened:
            what["fact"] = fact_of(opened)
        return self._put(Entry(self.before, self.number + 1, at, who, verb, family, site, plain_json(what), why,
                               self.study_version, opened))

    def checkpoint(self, key: Ed25519PrivateKey, *, at: str, who: str = "rule:checkpoint") -> Entry:
        """The next entry: signed marks of every entry since the checkpoint before."""
        made = signed(Entry(self.before, self.number + 1, at, who, CHECKPOINT, "", "", "", "", self.study_version),
                      "".join(self._marks), key)
        self._marks = []
        return self._put(made)

    def _put(self, entry: Entry) -> Entry:
        self.before, self.number = entry.digest, entry.number
        self._marks.append(self.before[:MARK])
        return entry


def signed(entry: Entry, marks: str, key: Ed25519PrivateKey) -> Entry:
    """The checkpoint with its signature: Ed25519 over `unsigned_text`."""
    what = {"head": entry.before, "marks": marks, "number": entry.number}
    signature = key.sign(unsigned_text(entry.row, what)).hex()
    return replace(entry, what=plain_json({**what, "signature": signature}))


def unsigned_text(row: tuple[Any, ...], what: Mapping[str, Any]) -> bytes:
    """What the signature of a checkpoint is over: the entry with neither signature, `before` nor number.

    `what` says what the last two were. So where a chain is numbered and hashed anew the signature still holds for the
    marks, which tell from which entry on it was.
    """
    told = plain_json({"head": what["head"], "marks": what["marks"], "number": what["number"], "signature": ""})
    return entry_text("", (0, *row[1:6], told, *row[7:])).encode()


def write_log(path: str | Path, entries: Iterable[Entry]) -> int:
    """Writes the entries as a log, whole or not at all, and returns how many they are. Raises AllocationError."""
    return write_whole(path, (entry.line for entry in entries))


def write_whole(path: str | Path, texts: Iterable[str]) -> int:
    """Writes the texts beside and renames, so that no half file is ever seen. Raises AllocationError."""
    path, count = Path(path), 0
    check_place(path, AllocationError)
    try:
        handle, partial = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
                for text in texts:
                    file.write(text)
                    count += 1
                file.flush()
                os.fsync(file.fileno())
            os.chmod(partial, 0o644)
            os.replace(partial, path)
        except BaseException:
            os.unlink(partial)
            raise
    except OSError as error:
        raise AllocationError(f"{path}: the file cannot be written: {error.strerror}") from None
    return count
