"""SQLite's write-ahead log cut, zeroed or with a bit flipped. `python -m tests.faults.cut_logs 2000`.

A process allocates and is killed, and leaves its log behind, of which it said after each allocation how long it was. Each
damaged copy of the log must open as what had been acknowledged before the damage: all of it, nothing else, and at most the
one action besides that had been committed, but not yet acknowledged.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.faults.allocation_kills import allocate
from tests.faults.studies import Found, let_go, main, ready

DRAWN, GOES_ON = 60, 25
ENTRIES = "SELECT number, at, who, verb, family, site, what, why, study_version, before, digest FROM trail_entry ORDER BY 1"
ARMS = "SELECT f.code, s.name, a.place, a.arm, a.salt FROM arms_allocation a JOIN arms_stratum s ON s.id = a.stratum_id " \
       "JOIN referral_family f ON f.id = a.family_id ORDER BY a.id"
Rows = list[tuple[Any, ...]]


@dataclass(frozen=True)
class Left:
    """What the killed process left: the files, all that stood in them, and (length of the log, entries) as it went."""

    database: bytes
    log: bytes
    entries: Rows
    arms: Rows
    lengths: list[tuple[int, int]]

    def standing(self, damage: int) -> list[int]:
        """How many entries had been acknowledged when the log was no longer than up to the damage, and one action later."""
        before = max(number for number, (length, _entries) in enumerate(self.lengths) if length <= damage)
        return [entries for _length, entries in self.lengths[before:before + 2]]


def run(times: int, programme: Any) -> Found:
    from django.conf import settings

    families, root, began = ready(programme, DRAWN + times // GOES_ON + 4), Path(settings.PLACE.root), time.monotonic()
    left, found = _left_behind(programme, families[:DRAWN], root), Found()
    chance, kept, spare = random.Random(times), 0, families[DRAWN:]
    for number in range(times):
        said, damaged, damage = _damaged(left.log, chance)
        folder = root / f"damaged-{number}"
        folder.mkdir()
        _write(folder, left.database, damaged)
        entries, arms, sound = _opened(folder / "study.sqlite3")
        kept += len(entries)
        here = f"copy {number + 1}, {said} at byte {damage}"
        found.expect(sound == "ok", f"{here}: {sound}")
        found.expect(entries == left.entries[:len(entries)], f"{here}: the trail is no prefix of what was written")
        found.expect(arms == left.arms[:len(arms)], f"{here}: the allocations are no prefix of what was drawn")
        drawn = sum(entry[3] == "arms.allocated" for entry in entries)
        found.expect(drawn == len(arms), f"{here}: {drawn} entries and {len(arms)} allocations")
        wanted = left.standing(damage)
        found.expect(len(entries) in wanted, f"{here}: {len(entries)} entries stand, and {wanted[0]} lay before the damage")
        if number % GOES_ON == 0:
            found.wrong += [f"{here}: {fault}" for fault in _goes_on(programme, folder, spare.pop(), len(arms) + 1)]
        for path in folder.iterdir():
            path.unlink()
    found.said = (f"{times} damaged write-ahead logs in {time.monotonic() - began:.0f} s: every one opened as what was "
                  f"acknowledged before the damage ({kept // max(times, 1)} of {len(left.entries)} entries on "
                  f"average), chain whole; allocation went on in one of {GOES_ON}")
    return found


def _left_behind(programme: Any, families: list[str], root: Path) -> Left:
    """The families are allocated by a process that never writes its log back, and is killed when it has done."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    let_go()
    database, log = root / "study.sqlite3", root / "study.sqlite3-wal"
    reading, writing = os.pipe()
    process = os.fork()
    if not process:
        _allocates(programme, families, log, writing)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        lengths = [(0, 0), *(tuple(json.loads(line)) for line in pipe)]
    os.waitpid(process, 0)
    files = database.read_bytes(), log.read_bytes()
    folder = root / "whole"
    folder.mkdir()
    _write(folder, *files)
    entries, arms, _sound = _opened(folder / "study.sqlite3")
    assert len(arms) == len(families) and len(lengths) == len(families) + 2, (len(arms), lengths)
    lengths[0] = 0, lengths[1][1]
    return Left(*files, entries, arms, lengths)


def _allocates(programme: Any, families: list[str], log: Path, pipe: int) -> None:
    from django.db import connection

    from attunement.journey.trail.models import Entry

    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_autocheckpoint=0")
    for code in ["", *families]:
        if code:
            allocate(programme, code)
        length = log.stat().st_size if log.exists() else 0
        os.write(pipe, json.dumps([length, Entry.objects.count()]).encode() + b"\n")
    os.kill(os.getpid(), signal.SIGKILL)


def _damaged(log: bytes, chance: random.Random) -> tuple[str, bytes, int]:
    """How, the damaged log, and the first byte that is not as it was."""
    damage, kind = chance.randrange(len(log)), chance.choice(("cut", "zeroed", "flipped", "flipped"))
    if kind == "flipped":
        changed = bytearray(log)
        changed[damage] ^= 1 << chance.randrange(8)
        return kind, bytes(changed), damage
    rest = bytes(len(log) - damage) if kind == "zeroed" else b""
    return kind, log[:damage] + rest, damage


def _write(folder: Path, database: bytes, log: bytes) -> None:
    (folder / "study.sqlite3").write_bytes(database)
    (folder / "study.sqlite3-wal").write_bytes(log)


def _opened(path: Path) -> tuple[Rows, Rows, str]:
    database = sqlite3.connect(path)
    try:
        sound = str(database.execute("PRAGMA quick_check").fetchone()[0])
        return database.execute(ENTRIES).fetchall(), database.execute(ARMS).fetchall(), sound
    except sqlite3.DatabaseError as error:
        return [], [], str(error)
    finally:
        database.close()


def _goes_on(programme: Any, folder: Path, code: str, drawn: int) -> list[str]:
    """The study opened from the damaged copy: the chain is whole, and the next family gets the next place."""
    from django.db import connection

    from attunement.journey.arms.models import Allocation
    from attunement.journey.trail.queries import first_broken

    before, connection.settings_dict["NAME"] = connection.settings_dict["NAME"], folder / "study.sqlite3"
    connection.close()
    try:
        stratum, place, _arm = allocate(programme, code)
        rows = Allocation.objects.filter(stratum__name=stratum)
        wrong = [] if rows.count() == place and Allocation.objects.count() == drawn else [f"{code} took place {place}"]
        return wrong + ([] if first_broken() is None else ["the chain is broken"])
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before


if __name__ == "__main__":
    sys.exit(main(run, 2000, ("sqlite",)))
