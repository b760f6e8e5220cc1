"""No process outlives its server: one that is left behind would hold the port and the database of the next one."""

from __future__ import annotations

import os
import signal
import threading
import time

LOOK_EVERY = 1.0
GRACE = 5.0
SERVER = "ATTUNEMENT_SERVER"


def with_server() -> None:
    """In a process that `attunement serve` started: stops it, gently first, once the server is gone, however it went."""
    if os.environ.get(SERVER) == str(os.getppid()):
        threading.Thread(target=_watch, args=[os.getppid()], daemon=True).start()


def _watch(server: int) -> None:
    while os.getppid() == server:
        time.sleep(LOOK_EVERY)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE)
    os._exit(1)
