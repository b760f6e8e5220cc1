"""On a Dask cluster the numbers are those of one process, a worker killed on the way included."""

import os
import signal
import threading
from collections.abc import Iterator

import numpy as np
import pytest

from attunement.impact import Design, power
from attunement.impact.simulation.spread import spread
from benches.calibrate import imputed

distributed = pytest.importorskip("distributed")
DESIGN = Design(100, analyses=("partially_nested", "ancova"))
REPLICATES = 30_000


@pytest.fixture(scope="module")
def cluster() -> Iterator[object]:
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None, processes=True
    ) as made:
        yield made


def test_two_and_four_workers_and_a_killed_one_give_the_numbers_of_one_process(cluster: object) -> None:
    alone = power(DESIGN, replicates=REPLICATES, seed=3, workers=1)
    address = cluster.scheduler_address  # type: ignore[attr-defined]
    assert power(DESIGN, replicates=REPLICATES, seed=3, scheduler=address) == alone
    cluster.scale(4)  # type: ignore[attr-defined]
    with distributed.Client(address) as client:
        client.wait_for_workers(4, timeout=60)
        victim = next(iter(client.run(os.getpid).values()))
    killed = threading.Event()

    def kill(done: int, whole: int) -> None:
        if not killed.is_set():
            killed.set()
            os.kill(victim, signal.SIGKILL)

    assert power(DESIGN, replicates=REPLICATES, seed=3, scheduler=address, watch=kill) == alone
    assert killed.is_set()


def test_calibration_gives_the_same_on_a_cluster(cluster: object) -> None:
    jobs = [(4, 1, at) for at in range(3)]
    with spread(imputed, jobs, cluster.scheduler_address) as there, spread(imputed, jobs) as here:  # type: ignore[attr-defined]
        for far, near in zip(there, here, strict=True):
            assert all(np.array_equal(far[name], near[name]) for name in near)
