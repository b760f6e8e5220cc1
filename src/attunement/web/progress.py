"""A progress bar for what takes longer than two seconds; plain lines where the output is no terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

Advance = Callable[[int, int, str], None]


@contextmanager
def bar(title: str) -> Iterator[Advance]:
    """`advance(done, total, words)` moves the bar."""
    if not sys.stderr.isatty():
        yield _lines(title)
        return
    with Progress(TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[words]}"), TimeElapsedColumn(),
                  transient=True) as shown:
        task = shown.add_task(title, total=None, words="")
        yield lambda done, total, words: shown.update(task, completed=done, total=total, words=words)


def _lines(title: str) -> Advance:
    said = -1

    def advance(done: int, total: int, words: str) -> None:
        nonlocal said
        tenth = 10 * done // max(total, 1)
        if tenth > said:
            said = tenth
            print(f"{title}: {10 * tenth} %  {words}", file=sys.stderr, flush=True)

    return advance
