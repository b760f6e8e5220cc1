"""The tables of an empty study, made by the migrations once in a run of the tests, and copied after that.

Where: the folder that ATTUNEMENT_TESTS names, which all processes of the run share; without it nothing is kept.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from tests.servers import postgres_programs


def _kept(database: str) -> Path | None:
    folder = os.environ.get("ATTUNEMENT_TESTS")
    return Path(folder) / ("migrated.sql" if database else "migrated.sqlite3") if folder else None


def put(folder: Path, database: str = "") -> None:
    """Into a new data directory, or the new PostgreSQL database of that URL, if the run has them by now."""
    kept = _kept(database)
    if kept is None or not kept.exists():
        return
    if not database:
        shutil.copyfile(kept, folder / "study.sqlite3")
        return
    programs = postgres_programs()
    if programs is not None:
        subprocess.run([str(programs / "psql"), "--quiet", "--set=ON_ERROR_STOP=1", "--single-transaction", "-f", str(kept),
                        database], check=True, stdout=subprocess.DEVNULL)


def keep(database: str = "") -> None:
    """Those that Django's connection has, just migrated and empty, for what comes later in the run."""
    from django.db import connection

    kept, programs = _kept(database), postgres_programs()
    if kept is None or kept.exists():
        return
    partial = kept.with_suffix(f".{os.getpid()}")
    if not database:
        connection.cursor().execute("VACUUM INTO %s", [str(partial)])
    elif programs is not None:
        subprocess.run([str(programs / "pg_dump"), "--no-owner", "-f", str(partial), database], check=True)
    os.replace(partial, kept)
