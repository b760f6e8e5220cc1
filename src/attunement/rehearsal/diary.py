"""The diary: everything that goes on at once, each in steps, taken in order of time."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from datetime import date, datetime

from attunement.rehearsal.errors import RehearsalError

Who = tuple[int, ...]
Course = Iterator[datetime]
"""A course of events: it yields the instant of its next step, and takes the step when it is resumed."""


class Diary:
    """Courses of events by time. Two steps at one instant go by `who`, so that their order hangs on nothing else."""

    def __init__(self) -> None:
        self._due: list[tuple[datetime, Who, Course]] = []
        self._now: datetime | None = None

    @property
    def today(self) -> date:
        """The day of the step that is being taken."""
        if self._now is None:
            raise RehearsalError("Nothing has happened yet.")
        return self._now.date()

    def begin(self, who: Who, course: Course) -> None:
        """Enters a course; `who` is its own. A first step that lies in the past is taken now."""
        self._enter(who, course)

    def run(self, at: Callable[[datetime], None]) -> None:
        """Takes every step to the last; `at` is told the instant before each."""
        while self._due:
            self._now, who, course = heapq.heappop(self._due)
            at(self._now)
            self._enter(who, course)

    def _enter(self, who: Who, course: Course) -> None:
        instant = next(course, None)
        if instant is not None:
            heapq.heappush(self._due, (instant if self._now is None else max(instant, self._now), who, course))
