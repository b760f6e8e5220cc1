"""Places of a list handed out by several processes at once: with a lock, and as "read the first free row, then save"."""

from __future__ import annotations

import multiprocessing
import sqlite3
import time
from pathlib import Path

PROCESSES, REQUESTS = 8, 100
_FREE = "SELECT id FROM places WHERE family IS NULL ORDER BY id LIMIT 1"


def lost(database: Path, *, locked: bool) -> tuple[int, float]:
    """How many of 800 families that were told a place do not stand in the table afterwards; and places a second."""
    with sqlite3.connect(database) as first:
        first.execute("PRAGMA journal_mode = WAL")
        first.execute("CREATE TABLE places (id INTEGER PRIMARY KEY, family TEXT)")
        first.executemany("INSERT INTO places (id) VALUES (?)", [(number,) for number in range(PROCESSES * REQUESTS)])
    first.close()
    context = multiprocessing.get_context("spawn")
    start = context.Barrier(PROCESSES + 1)
    clients = [context.Process(target=_ask, args=(str(database), client, locked, start)) for client in range(PROCESSES)]
    for client in clients:
        client.start()
    start.wait()
    began = time.perf_counter()
    for client in clients:
        client.join()
    took = time.perf_counter() - began
    with sqlite3.connect(database) as after:
        (kept,) = after.execute("SELECT COUNT(*) FROM places WHERE family IS NOT NULL").fetchone()
    after.close()
    return PROCESSES * REQUESTS - int(kept), PROCESSES * REQUESTS / took


def _ask(database: str, client: int, locked: bool, start: object) -> None:
    mine = sqlite3.connect(database, timeout=60, isolation_level=None)
    start.wait()  # type: ignore[attr-defined]
    for number in range(REQUESTS):
        if locked:
            mine.execute("BEGIN IMMEDIATE")
        (place,) = mine.execute(_FREE).fetchone()
        mine.execute("UPDATE places SET family = ? WHERE id = ?", (f"{client}-{number}", place))
        if locked:
            mine.execute("COMMIT")
    mine.close()
