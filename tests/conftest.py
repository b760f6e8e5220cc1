"""The suite's own data directory, made before Django is configured, and the shared cast."""

from __future__ import annotations

import atexit
import gc
import logging
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

DATA = Path(tempfile.mkdtemp(prefix="attunement-tests-"))
atexit.register(shutil.rmtree, DATA, ignore_errors=True)
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # Playwright's loop runs in the thread of the tests that come after it.
os.environ["ATTUNEMENT_DATA"] = str(DATA)
os.environ["DJANGO_SETTINGS_MODULE"] = "attunement.web.settings"

from attunement.web import logs, place  # noqa: E402

place.create(DATA, demonstration=True, staff_totp=False)

import django  # noqa: E402
from django.conf import settings  # noqa: E402

django.setup()
settings.DATABASES["default"].setdefault("TEST", {})["MIGRATE"] = False  # The tables at once; `guard` adds the triggers.


class _Told(logging.Handler):
    """Keeps the lines, as they would stand in the log, that tell who a family of the cast is."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(logs.Plain("{name} {message}", style="{"))
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        line = self.format(record)
        self.lines += [line] * told(line)


def told(text: str) -> bool:
    from tests.servers import PRIVATE

    return any(word in text.lower() for word in PRIVATE)


_TOLD = _Told()
logging.getLogger().addHandler(_TOLD)


@pytest.fixture(autouse=True)
def nothing_private_is_logged() -> Iterator[None]:
    yield
    lines, _TOLD.lines = _TOLD.lines, []
    assert not lines


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: object) -> None:
    """Once a session: the study is open, its sites and staff are there, the scheme is locked."""
    from django.db import connection

    from attunement.web import tables
    from tests import cast

    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        with connection.schema_editor() as editor:
            tables.guard(editor)
        cast.open_programme()


@pytest.fixture
def programme(db: None):  # type: ignore[no-untyped-def]
    """The shared cast on 5 July 2021, with the database: `programme.people[role]`, `programme.refer()` and so on."""
    from attunement.journey.trail import clock
    from tests import cast

    with clock.at(clock.local(cast.FIRST_DAY)):
        yield cast.Programme()


@pytest.fixture
def browse(programme):  # type: ignore[no-untyped-def]
    """`browse("coordinator")`: Django's client, signed in as that person of the cast; `browse(None)`: nobody."""
    from django.test import Client

    def signed_in(role: str | None) -> Client:
        client = Client(HTTP_HOST="localhost")
        if role is not None:
            client.force_login(programme.people[role], backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return signed_in


# Each as long as many others together: every process of a run begins with one of them, so that none comes last.
LONGEST = ("test_from_referral_to_report[phone]", "test_from_referral_to_report[desktop]", "test_two_engines.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    share = len(items) // int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    for number, name in enumerate(LONGEST):
        long = [item for item in items if name in item.nodeid]
        rest = [item for item in items if name not in item.nodeid]
        start = min(number * share + number * 3, len(rest))  # surely within that process's share, not at its edge
        items[:] = rest[:start] + long + rest[start:]


def pytest_collection_finish() -> None:
    """What is loaded now stays: the collector of garbage need not look through it again and again."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes() -> None:
    """Each process of a run makes a data directory of its own: it must not find the one of the process that began it."""
    for name in ("DJANGO_SETTINGS_MODULE", "ATTUNEMENT_DATA"):
        os.environ.pop(name, None)
