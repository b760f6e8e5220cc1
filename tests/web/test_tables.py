"""An empty database gets the same tables, checks and triggers at once as by all migrations one after the other."""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from attunement.web import place

MADE = """import django; django.setup()
from attunement.web import tables
{how}
tables.bring_up_to_date()"""


def made(folder: Path, how: str) -> tuple[dict[str, list[str]], list[tuple[str, str]]]:
    """Name → the parts of what made it, whatever the columns' order; and the migrations that count as taken."""
    place.create(folder, demonstration=True, staff_totp=False)
    known = dict(os.environ, ATTUNEMENT_DATA=str(folder), DJANGO_SETTINGS_MODULE="attunement.web.settings")
    subprocess.run([sys.executable, "-c", MADE.format(how=how)], env=known, check=True)
    with closing(sqlite3.connect(folder / "study.sqlite3")) as database:
        said = database.execute("SELECT name, sql FROM sqlite_master").fetchall()
        taken = database.execute("SELECT app, name FROM django_migrations ORDER BY app, name").fetchall()
    return {name: sorted(re.split(r", (?=\"|CONSTRAINT)", (sql or "").removesuffix(")"))) for name, sql in said}, taken


def test_at_once_or_step_by_step_gives_the_same_database(tmp_path):
    at_once, step_by_step = made(tmp_path / "a", ""), made(tmp_path / "b", "tables._build = lambda: None")
    assert at_once == step_by_step
    assert any("no_update" in name for name in at_once[0])
