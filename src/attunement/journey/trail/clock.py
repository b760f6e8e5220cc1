"""The one clock of the journey. People live by the wall; a rehearsal lives by the study's own days."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

_set_to: ContextVar[datetime | None] = ContextVar("clock", default=None)


def now() -> datetime:
    return _set_to.get() or timezone.now() + settings.CLOCK_OFFSET


def today() -> date:
    """The day it is where the study is, not where the server is."""
    return now().astimezone(timezone.get_default_timezone()).date()


def day_of(instant: datetime) -> date:
    return instant.astimezone(timezone.get_default_timezone()).date()


def local(day: date, hour: int = 12) -> datetime:
    zone = ZoneInfo(str(timezone.get_default_timezone()))
    return datetime(day.year, day.month, day.day, hour, tzinfo=zone)


def set_to(instant: datetime | None) -> None:
    _set_to.set(instant)


@contextmanager
def at(instant: datetime) -> Iterator[None]:
    token = _set_to.set(instant)
    try:
        yield
    finally:
        _set_to.reset(token)
