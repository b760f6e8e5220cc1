"""Serving the study: granian for the pages, and a worker a queue for what runs in the background."""

from __future__ import annotations

import errno
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
from types import FrameType

from granian import Granian
from granian.constants import Interfaces

from attunement.web import ending
from attunement.web.place import PlaceError

# A slow upload holds one; PostgreSQL's usual limit is 100 connections.
THREADS = 32
QUEUES = ("default", "films")


def serve(host: str, port: int | None, workers: int) -> None:
    """Serves until stopped. The workers end with it."""
    port = port or 8000
    _must_be_free(host, port)
    os.environ[ending.SERVER] = str(os.getpid())
    workers_beside = [subprocess.Popen([sys.executable, "-m", "attunement.web.worker", queue],
                                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL) for queue in QUEUES]
    signal.signal(signal.SIGTERM, _stop)
    # A forked process has none of the threads that Polars started here, and waits for them for ever.
    multiprocessing.set_start_method("spawn", force=True)
    try:
        Granian("attunement.web.wsgi:application", address=host, port=port, interface=Interfaces.WSGI, workers=workers,
                blocking_threads=THREADS, log_access=False, respawn_failed_workers=True, websockets=False).serve()
    finally:
        for worker in workers_beside:
            worker.terminate()
        for worker in workers_beside:
            try:
                worker.wait(10)
            except subprocess.TimeoutExpired:
                worker.kill()


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _must_be_free(host: str, port: int) -> None:
    try:
        family, *_kind, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(where)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PlaceError(f"Port {port} is in use. Choose another with --port, or PORT=… for make.") from None
        raise PlaceError(f"{host} port {port} cannot be served: {error.strerror}.") from None
    except UnicodeError:
        raise PlaceError(f"{host!r} is no host name.") from None
