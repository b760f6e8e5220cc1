"""Studies to be broken on purpose: in memory, on each database, with as many families ready as a run needs.

A run is a function in a module of its own, `run(times, programme) -> Found`, in a process that Django is set up in.
"""

from __future__ import annotations

import gc
import logging
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from copy import copy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.servers import postgres, postgres_programs

MEMORY = Path("/dev/shm")
SITES = "ABCD"


@dataclass
class Found:
    """What a run counted, in words, and everything that should not be."""

    said: str = ""
    wrong: list[str] = field(default_factory=list)

    def expect(self, holds: bool, sentence: str) -> None:
        if not holds:
            self.wrong.append(sentence)


Run = Callable[[int, Any], Found]


@contextmanager
def in_memory() -> Iterator[Path]:
    """A folder that no disk slows down."""
    if MEMORY.is_dir():
        tempfile.tempdir = str(MEMORY)
    folder = Path(tempfile.mkdtemp(prefix="attunement-faults-"))
    folder.chmod(0o711)  # PostgreSQL may lie in it, as a user of its own
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def open_study(folder: Path, url: str = "") -> Any:
    """Sets Django up on a new study; the cast, with a coordinator at every site."""
    os.environ["ATTUNEMENT_DATA"], os.environ["DJANGO_SETTINGS_MODULE"] = str(folder), "attunement.web.settings"
    from attunement.web import opening, place

    place.create(folder, demonstration=True, staff_totp=False, database=url)
    opening.set_up(folder)
    from attunement.journey.people import actions as people
    from attunement.journey.trail.actions import Rule
    from tests import cast

    cast.open_programme()
    programme = cast.Programme()
    for site in SITES[2:]:
        key = f"coordinator_{site.lower()}"
        programme.people[key] = people.add_person(by=Rule("set_up"), email=f"{key}@example.org", name=key,
                                                  role="coordinator", site=programme.sites[site])
    return programme


def ready(programme: Any, count: int, sites: str = SITES) -> list[str]:
    """Families that can be allocated, in turn at each site: the rows of one real family a site, copied."""
    from django.db import transaction

    from attunement.journey.consent.models import Statement
    from attunement.journey.referral.models import Child, Family
    from attunement.journey.surveys.models import Questionnaire

    codes: list[str] = []
    with transaction.atomic():
        for at, site in enumerate(sites):
            real = programme.baselined(site=site)
            wanted = len(range(at, count, len(sites))) - 1
            copies = [_copy(real, code=f"{site}{number:03}", number=number)
                      for number in range(real.number + 1, real.number + wanted + 1)]
            made = Family.objects.bulk_create(copies)
            for model in (Child, Statement, Questionnaire):
                rows = list(model.objects.filter(family=real))
                model.objects.bulk_create(_copy(row, family=family) for family in made for row in rows)
            codes += [family.code for family in [real, *made]][:wanted + 1]
    return sorted(codes, key=lambda code: (int(code[1:]), code))


def _copy(row: Any, **changes: Any) -> Any:
    made = copy(row)
    made._state = copy(row._state)
    made.pk, made._state.adding = None, True
    made._state.fields_cache = {}
    for name, value in changes.items():
        setattr(made, name, value)
    return made


def coordinator(programme: Any, code: str) -> Any:
    return programme._coordinator(code[0])


def let_go() -> None:
    """Before a fork: no connection that two processes would share, and little that a child must copy."""
    from django.db import connections

    connections.close_all()
    gc.collect()
    gc.freeze()


def main(run: Run, default: int, databases: tuple[str, ...] = ("sqlite", "postgresql"),
         lies_on: Callable[[Path], AbstractContextManager[None]] = lambda _folder: nullcontext()) -> int:
    """`python -m MODULE TIMES [DATABASE]`: the run on each database, side by side; exit 1 when anything is wrong."""
    times = int(sys.argv[1]) if len(sys.argv) > 1 else default
    if len(sys.argv) > 3:
        return _one(run, times, sys.argv[2], sys.argv[3])
    databases = tuple(sys.argv[2:]) or databases
    module = sys.modules["__main__"].__spec__.name  # type: ignore[union-attr]
    begun: list[subprocess.Popen[bytes]] = []
    with in_memory() as folder, ExitStack() as open_databases, ExitStack() as programs:
        programs.callback(lambda: [each.kill() for each in begun if each.poll() is None])
        for database in databases:
            if database == "postgresql" and postgres_programs() is None:
                print("postgresql: its server programs are not installed, so nothing was tried on it.")
                continue
            open_databases.enter_context(lies_on(folder / database))
            url = open_databases.enter_context(postgres() if database == "postgresql" else nullcontext(""))
            command = [sys.executable, "-m", module, str(times), str(folder / database), url or "sqlite"]
            begun.append(subprocess.Popen(command, cwd=Path(__file__).parents[2]))
        return max([each.wait() for each in begun], default=1)


def _one(run: Run, times: int, folder: str, url: str) -> int:
    database = "" if url == "sqlite" else url
    logging.disable(logging.CRITICAL)
    programme = open_study(Path(folder), database)
    found = run(times, programme)
    print(f"{'postgresql' if database else 'sqlite'}: {found.said}", *found.wrong[:20], sep="\n  WRONG: ", flush=True)
    return 1 if found.wrong else 0
