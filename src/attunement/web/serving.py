"""Serving the study: granian for the pages, and one worker for what runs in the background."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from types import FrameType

from granian import Granian
from granian.constants import Interfaces

from attunement.web.place import PlaceError

# A slow upload holds one; PostgreSQL's usual limit is 100 connections.
THREADS = 32


def serve(host: str, port: int | None, workers: int) -> None:
    """Serves until stopped. The worker ends with it."""
    port = port or 8000
    _must_be_free(host, port)
    worker = subprocess.Popen([sys.executable, "-m", "django", "db_worker", "--interval", "2"], env=dict(os.environ),
                              stdout=subprocess.DEVNULL)
    signal.signal(signal.SIGTERM, _stop)
    try:
        Granian("attunement.web.wsgi:application", address=host, port=port, interface=Interfaces.WSGI, workers=workers,
                blocking_threads=THREADS, log_access=False, respawn_failed_workers=True, websockets=False).serve()
    finally:
        worker.terminate()
        worker.wait(10)


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _must_be_free(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            raise PlaceError(f"Port {port} is in use. Choose another with --port, or PORT=… for make.") from None
