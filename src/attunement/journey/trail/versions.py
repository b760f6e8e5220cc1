"""The study as it holds now, and as it held for a row made earlier."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from functools import lru_cache

from django.db import connection

from attunement.journey.trail.models import StudyVersion
from attunement.study import Study, read_text

__all__ = ["UTC", "already_allocated", "current", "entered_substudies", "latest_number", "mark", "marked",
           "numbered", "parse", "parsed"]

already_allocated: list[Callable[[], bool]] = []
# The codes of the sub-studies that a family has been allocated in.
entered_substudies: list[Callable[[], set[str]]] = []


_NEWEST = "SELECT number, sha256 FROM trail_studyversion ORDER BY number DESC LIMIT 1"
_ONE = "SELECT number, sha256 FROM trail_studyversion WHERE number = %s"


def mark(number: int | None = None) -> tuple[int, str]:
    """Number and hash of a version (of the newest), by which whatever is made from its text can be kept at hand."""
    with connection.cursor() as cursor:
        cursor.execute(*((_NEWEST,) if number is None else (_ONE, [number])))
        found: tuple[int, str] | None = cursor.fetchone()
    if found is None:
        raise LookupError("no study has been opened here")
    return found


def latest_number() -> int:
    """0 before the study is opened."""
    try:
        return mark()[0]
    except LookupError:
        return 0


def current() -> Study:
    """The study file that holds now."""
    return marked(*mark())


def numbered(number: int) -> Study:
    return marked(*mark(number))


def parsed(version: StudyVersion) -> Study:
    return marked(version.number, version.sha256)


@lru_cache(maxsize=8)
def parse(text: str) -> Study:
    """A study from its text, which is read once; StudyError, one line a fault, when it is not sound."""
    return read_text(text).study


@lru_cache(maxsize=32)
def marked(number: int, sha256: str) -> Study:
    return parse(StudyVersion.objects.get(number=number, sha256=sha256).text)
