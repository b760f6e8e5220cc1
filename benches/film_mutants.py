"""Two thousand spoilt films: no crash, no hang over ten seconds, less than 512 MB. `python -m benches.film_mutants`."""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import sys
import time
import traceback
from collections import Counter
from multiprocessing.connection import Connection

LONGEST, MOST = 10, 512
_PATIENCE = 60


def work(pipe: Connection) -> None:
    """Try what comes through the pipe; answer with what came of it, the CPU seconds and the memory (MB) so far."""
    from tests.film.mutants import mutant, tried

    while (seed := pipe.recv()) is not None:
        content = mutant(seed)
        before = time.process_time()
        try:
            came = tried(content)
        except BaseException:
            came = ["CRASH " + traceback.format_exc()]
        pipe.send((came, time.process_time() - before, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024))


class Worker:
    """A process of its own, begun again after a fault so that each film's memory can be seen."""

    def __init__(self) -> None:
        self.pipe, other = multiprocessing.Pipe()
        self.process = multiprocessing.get_context("spawn").Process(target=work, args=(other,), daemon=True)
        self.process.start()
        other.close()

    def run(self, seed: int) -> tuple[list[str], float, int]:
        self.pipe.send(seed)
        try:
            if self.pipe.poll(_PATIENCE):
                return self.pipe.recv()
        except EOFError:
            self.process.join()
            return [f"CRASH exit {self.process.exitcode}"], 0.0, 0
        self.process.kill()
        return ["HANG"], float(_PATIENCE), 0

    def end(self) -> None:
        self.pipe.send(None)
        self.process.join()


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--films", type=int, default=2000)
    words.add_argument("--from", type=int, default=0, dest="start")
    words.add_argument("--seconds", type=float, default=float(LONGEST))
    options = words.parse_args()
    worker, faults, longest, most, answers = Worker(), [], 0.0, 0, Counter[str]()
    for seed in range(options.start, options.start + options.films):
        came, seconds, memory = worker.run(seed)
        longest, most = max(longest, seconds), max(most, memory)
        answers["used" if came[-2:-1] == ["used"] else "refused"] += 1
        if came[0].startswith(("CRASH", "HANG")) or seconds > options.seconds or memory > MOST:
            faults.append(seed)
            print(f"film {seed}: {seconds:.1f} s, {memory} MB, {came}", flush=True)
            worker.process.kill()
            worker = Worker()
    worker.end()
    print(f"{options.films} spoilt films: {dict(answers)}; longest {longest:.1f} CPU s, most {most} MB, faults {faults}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
