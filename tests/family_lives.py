"""Random lives of families against a model. As a program: `python -m tests.family_lives 50000` walks so many steps.

Two processes share them. A difference ends the walk with the seed, the step and what differs.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

A_WORLD, PROCESSES = 1000, 2


def worlds(seeds: range) -> Counter[str]:
    """Walks one world of a thousand steps for each seed; returns how often each step was accepted or refused."""
    from tests.fresh import fresh_programme

    with tempfile.TemporaryDirectory() as folder:
        programme = fresh_programme(Path(folder) / "data")
        from tests.journey.family_walk import Walk

        counted = Counter[str]()
        for seed in seeds:
            walk = Walk(programme, seed)
            try:
                walk.run(A_WORLD)
            except AssertionError as error:
                raise SystemExit(f"seed {seed}, step {walk.steps.total()}: {error}") from None
            counted += walk.steps
    return counted


def main(steps: int) -> int:
    many = max(1, steps // A_WORLD // PROCESSES)
    with ProcessPoolExecutor(PROCESSES, get_context("spawn")) as pool:
        done = [pool.submit(worlds, range(many * number, many * (number + 1))) for number in range(PROCESSES)]
        begun = time.monotonic()
        counted = sum((each.result() for each in done), Counter[str]())
    for step, count in sorted(counted.items()):
        print(f"{step:28}{count:7}")
    print(f"{counted.total()} steps in {time.monotonic() - begun:.0f} s with the set-up: all as the model says.")
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 50_000))
