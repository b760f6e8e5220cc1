"""Jobs spread over threads here or over a cluster: answers come back in the jobs' order, whoever did them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

from attunement.impact.errors import ImpactError

R = TypeVar("R")


@contextmanager
def spread(
    work: Callable[..., R], jobs: Sequence[tuple[Any, ...]], scheduler: str | None = None, workers: int | None = None
) -> Iterator[Iterator[R]]:
    """`work(*job)` of each job, in order, as they come: on `workers` threads (all processors unless said), or on the Dask
    cluster at `scheduler`, where a job whose worker dies is done again. `work` is a pure function that can be sent."""
    if scheduler is None:
        with ThreadPoolExecutor(workers or os.cpu_count() or 1) as pool:
            yield pool.map(lambda job: work(*job), jobs)
        return
    try:
        from distributed import Client
    except ImportError as fault:
        raise ImpactError("A scheduler needs Dask: install the extra `cluster`.") from fault
    try:
        client = Client(scheduler, timeout=5)  # type: ignore[no-untyped-call]
    except (OSError, ValueError, TimeoutError) as fault:
        raise ImpactError(f"No Dask scheduler answers at {scheduler}.") from fault
    with client:
        futures = [client.submit(work, *job, pure=False, retries=3) for job in jobs]
        yield (future.result() for future in futures)
