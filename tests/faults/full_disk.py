"""A disk that fills up while people allocate. `python -m tests.faults.full_disk 200`.

Each time, a process presses for one family after the other until the disk takes no more; then there is room again. Where
this program may mount a file system, that is made as small as what lies in it; otherwise files may not grow beyond a limit.
"""

from __future__ import annotations

import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.faults.allocation_kills import allocated, check
from tests.faults.studies import SITES, Found, let_go, main, ready
from tests.servers import postgres_again

FAMILIES, ROOM = 16, "2g"
# So much that some of the families still fit: SQLite's log grows fast, PostgreSQL writes into files that are there.
MOST_LEFT = {"sqlite": 200_000, "postgresql": 12_000}
SENTENCE = "has not been kept"


def run(times: int, programme: Any, *, ends: bool = True) -> Found:
    from django.conf import settings
    from django.db import connection

    from attunement.journey.arms.models import Allocation
    from tests.faults.world import _sign_in

    url = settings.PLACE.database
    found, chance, root, began = Found(), random.Random(times), Path(settings.PLACE.root), time.monotonic()
    programme.signed_in = {site: _sign_in(programme._coordinator(site)) for site in SITES}
    before, told = allocated(), set[str]()
    pages = refused = ended = 0
    small, most = os.path.ismount(root), MOST_LEFT[connection.vendor]
    families = ready(programme, FAMILIES * times + 1)
    told |= {code for code, _key, status, _page in _press(programme, families[-1:], [str(uuid.uuid4())]) if status == 302}
    for number in range(times):
        codes = families[FAMILIES * number:FAMILIES * (number + 1)]
        let_go()
        with _filled(root, chance.randrange(most)) if small else _limited(root, chance.randrange(most)) as limit:
            answers = _pressed(programme, codes, root, limit)
        ended += bool(url) and postgres_again(url)
        for code, _key, status, page in answers:
            told |= {code} if status == 302 else set()
            pages, refused = pages + 1, refused + (status == 503)
            plain = status == 302 or (status == 503 and SENTENCE in page and "Traceback" not in page)
            found.expect(plain, f"time {number + 1}: {code} was answered {status}: {' '.join(page.split())[:300]}")
        stand = allocated() - before
        found.expect(stand == told, f"time {number + 1}: {len(told - stand)} acknowledged are lost, {len(stand - told)} "
                     "stand though they were refused")
        again = [answer for answer in answers if answer[2] != 302][:3]
        for code, _key, status, _page in _pressed(programme, [each[0] for each in again], root, None,
                                                  [each[1] for each in again]):
            found.expect(status == 302, f"time {number + 1}: {code}, with room again, was answered {status}")
            told.add(code)
    stand = {code: rest for code, *rest in Allocation.objects.values_list("family__code", "stratum__name", "place", "arm")}
    after = check({code: stand.get(code, []) for code in told}, set(), before=before, ends=ends)
    found.wrong += after.wrong
    found.said = (f"the disk full {times} times ({'a small file system' if small else 'a limit on files'}) in "
                  f"{time.monotonic() - began:.0f} s: {refused} of {pages} pressed were refused by a page, nothing "
                  f"half-written, and with room again all went on"
                  f"{f' (the database had ended itself {ended} times)' if ended else ''}; {after.said}")
    return found


@contextmanager
def _filled(root: Path, left: int) -> Iterator[None]:
    """The file system no larger than what lies in it and so many bytes."""
    now = os.statvfs(root)
    _resize(root, str((now.f_blocks - now.f_bfree) * now.f_frsize + left))
    try:
        yield
    finally:
        _resize(root, ROOM)


def _resize(root: Path, size: str) -> None:
    subprocess.run(["mount", "-o", f"remount,size={size}", str(root)], check=True)


@contextmanager
def _limited(root: Path, left: int) -> Iterator[int]:
    log = root / "study.sqlite3-wal"
    yield (log.stat().st_size if log.exists() else 0) + left


def _pressed(programme: Any, codes: list[str], root: Path, limit: int | None, keys: list[str] | None = None) -> list[Any]:
    """What a process of its own was answered: (family, key, status, page when it was no redirect)."""
    reading, writing = os.pipe()
    process = os.fork()
    if not process:
        try:
            if limit is not None:
                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
            with os.fdopen(writing, "w") as pipe:
                json.dump(_press(programme, codes, keys or [str(uuid.uuid4()) for _code in codes]), pipe)
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        answers = json.load(pipe)
    os.waitpid(process, 0)
    return answers  # type: ignore[no-any-return]


def _press(programme: Any, codes: list[str], keys: list[str]) -> list[Any]:
    from django.test import Client

    answers = []
    browsers = {}
    for code, key in zip(codes, keys, strict=True):
        client = browsers.setdefault(code[0], Client(HTTP_HOST="localhost", raise_request_exception=False))
        client.cookies["sign_in"] = programme.signed_in[code[0]]
        answer = client.post(f"/families/{code}/allocate/", {"key": key, "eligible": "yes", "warned": "on"})
        answers.append((code, key, answer.status_code, "" if answer.status_code == 302 else answer.content.decode()))
        if [each[2] for each in answers[-5:]].count(302) == 0 and len(answers) > 4:
            break
    return answers


@contextmanager
def small(folder: Path) -> Iterator[None]:
    """A small file system at the folder, where this program has the right to mount one."""
    folder.mkdir()
    try:
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={ROOM}", "faults", str(folder)], check=True,
                       capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        yield
        return
    before, tempfile.tempdir = tempfile.tempdir, str(folder)  # where PostgreSQL will lie
    try:
        yield
    finally:
        tempfile.tempdir = before
        subprocess.run(["umount", str(folder)], check=True)


if __name__ == "__main__":
    sys.exit(main(run, 200, lies_on=small))
