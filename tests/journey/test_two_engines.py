"""One rehearsal on SQLite and on PostgreSQL: the same answer; and where its names, numbers and birth dates stand."""

from __future__ import annotations

import io
import json
import os
import sqlite3
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import psycopg
import pytest

from attunement.web import place
from tests.servers import postgres

REHEARSE = """
import sys
from pathlib import Path
from attunement import study
from attunement.rehearsal import Truth
from attunement.web import opening
opening.set_up()
from attunement.journey.oversight import rehearsing
to = Path(sys.argv[1])
rehearsing.rehearse(study.read("vig").text, families=12, seed=4, effect=0.5, to=to, arms_seed=9,
                    truth=Truth(effect=0.5, films=1, withdrawals=0.2))
"""


def rehearsed(to: Path, database: str = "") -> subprocess.Popen[bytes]:
    """A rehearsal of twelve families in a process and a data directory of its own, under way."""
    place.create(to / "data", demonstration=True, staff_totp=False)
    environment = dict(os.environ, ATTUNEMENT_DATA=str(to / "data"), ATTUNEMENT_DATABASE=database, ATTUNEMENT_LOG="DEBUG")
    with (to / "log").open("wb") as log:
        return subprocess.Popen([sys.executable, "-c", REHEARSE, str(to)], env=environment, stdout=log, stderr=log)


@pytest.fixture(scope="module")
def begun(tmp_path_factory) -> tuple[Path, subprocess.Popen[bytes]]:
    to = tmp_path_factory.mktemp("sqlite")
    return to, rehearsed(to)


@pytest.fixture(scope="module")
def on_postgres(begun, tmp_path_factory) -> Path:
    """While the one on SQLite is under way."""
    to = tmp_path_factory.mktemp("postgres")
    with postgres() as database:
        assert rehearsed(to, database).wait() == 0, (to / "log").read_text()[-2000:]
        (to / "tried.json").write_text(json.dumps(tried(database)))
    return to


def tried(database: str) -> dict[str, str]:
    """What PostgreSQL says to a change and a deletion in each table of which it keeps one of the two away."""
    said = {}
    with psycopg.connect(database, autocommit=True) as connection:
        guarded = "SELECT DISTINCT event_object_table FROM information_schema.triggers ORDER BY 1"
        for (table,) in connection.execute(guarded).fetchall():
            key = "number" if table == "trail_entry" else "id"
            for verb in (f"UPDATE {table} SET {key} = {key}", f"DELETE FROM {table}"):
                try:
                    connection.execute(f"BEGIN; {verb}; ROLLBACK")
                except psycopg.errors.RaiseException as fault:
                    said[verb] = str(fault).partition("\n")[0]
                    connection.execute("ROLLBACK")
    return said


@pytest.fixture(scope="module")
def on_sqlite(begun) -> Path:
    to, running = begun
    assert running.wait() == 0, (to / "log").read_text()[-2000:]
    return to


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.mark.postgres
def test_both_engines_give_the_same_snapshot_and_the_same_results(on_postgres, on_sqlite):
    for cut in (".", "earlier/on_time"):
        are_the_same(on_sqlite, on_postgres, cut)
    refused = json.loads((on_postgres / "tried.json").read_text())
    for table in ("arms_allocation", "arms_scheme", "oversight_edition", "oversight_published", "oversight_step"):
        assert f"UPDATE {table} SET id = id" in refused and f"DELETE FROM {table}" in refused
    assert refused["DELETE FROM trail_entry"] == "the trail is only added to" and len(refused) >= 12


def are_the_same(on_sqlite, on_postgres, cut):
    one, other = on_sqlite / cut, on_postgres / cut
    for part in ("blind", "delivery"):
        frozen = files(one / "snapshot" / part)
        assert frozen == files(other / "snapshot" / part) and len(frozen) > 3
    keys = [pl.read_parquet(each / "snapshot" / "arm_key" / "arms.parquet") for each in (one, other)]
    assert keys[0].drop("salt").equals(keys[1].drop("salt")) and keys[0].height > 8
    results = [json.loads((each / "report" / "results.json").read_text()) for each in (one, other)]
    for result in results:
        del result["snapshot_sha256"]  # of the whole manifest, so of the salts too
    assert results[0] == results[1]


def cells(database: Path) -> Iterator[tuple[str, str]]:
    """(table.column, text) of every cell of the database that holds text or bytes."""
    connection = sqlite3.connect(database)
    for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        found = connection.execute(f'SELECT * FROM "{table}"')
        names = [column[0] for column in found.description]
        for row in found:
            yield from ((f"{table}.{name}", str(cell).lower()) for name, cell in zip(names, row, strict=True) if cell)


def private(database: Path) -> dict[str, set[str]]:
    """What tells who a family is, in the shapes in which it could be written. Birth dates: those before the study's
    first day, which no other date can equal."""
    connection = sqlite3.connect(database)
    said: dict[str, set[str]] = {"names": set(), "phones": set(), "mails": set(), "births": set()}
    for carer, phone, mail in connection.execute("SELECT carer, phone, email FROM referral_contact"):
        said["names"] |= {carer.lower(), carer.split()[-1].lower()}
        said["phones"] |= {phone, phone.replace(" ", ""), "+44" + phone.replace(" ", "")[1:]} if phone else set()
        said["mails"] |= {mail} if mail else set()
    for (day,) in connection.execute("SELECT born_on FROM referral_child WHERE born_on < '2021-03-01'"):
        year, month, number = day.split("-")
        said["births"] |= {day, f"{number}/{month}/{year}", f"{number}.{month}.{year}", f"{year}{month}{number}"}
    return said


def readable(path: Path) -> str:
    """A file's name and whatever can be read in it: parquet and workbooks unpacked, all else byte by byte."""
    content = path.read_bytes()
    text = path.name + content.decode("latin-1")
    if path.suffix == ".parquet":
        text += pl.read_parquet(path).write_csv()
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            text += "".join(parts.read(name).decode("latin-1") for name in parts.namelist())
    return text.lower()


def test_names_numbers_and_birth_dates_stand_in_the_contacts_and_nowhere_else(on_sqlite):
    database = on_sqlite / "data" / "study.sqlite3"
    wanted = private(database)
    assert all(len(values) > 2 for values in wanted.values())
    stands = {kind: {place for place, text in cells(database) if any(value in text for value in values)}
              for kind, values in wanted.items()}
    assert stands == {"names": {"referral_contact.carer", "referral_contact.email"} | stands["mails"],
                      "phones": {"referral_contact.phone"} | stands["phones"] & {"trail_message.address"},
                      "mails": {"referral_contact.email"} | stands["mails"] & {"trail_message.address"},
                      "births": {"referral_child.born_on"}}
    every = set().union(*wanted.values())
    # The authorities' own returns are theirs, and have birth dates; what they send us has not.
    files_of_all = [path for path in on_sqlite.rglob("*") if path.is_file() and "returns" not in path.parts
                    and not path.name.startswith("study.sqlite3")]
    assert len(files_of_all) > 60
    for path in files_of_all:
        text = readable(path)
        # What has left for a family lies in the outbox, where a gateway takes it: it is addressed.
        hidden = wanted["births"] if path.parent.name == "outbox" else every
        assert not [value for value in hidden if value in text], path
