"""The background worker of `attunement serve`. It ends with the server, however that ends, and outlives a database's pause.

It is a process of the server's own group, so a signal to the group ends both. When the server alone is killed, the worker
is handed to another parent, sees that, and stops after the task it is at.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time

import django
from django.core.management import call_command

LOOK_EVERY = 1.0
PAUSE = 5.0
_log = logging.getLogger("attunement.worker")


def main(server: int) -> None:
    threading.Thread(target=_end_with, args=[server], daemon=True).start()
    django.setup()
    from attunement.journey.trail import outbox

    while True:
        try:
            outbox.wake()
            call_command("db_worker", interval=2, verbosity=0, reload=False)
        except SystemExit:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            return
        except Exception:
            _log.warning("The background worker starts again", exc_info=True)
            time.sleep(PAUSE)
        else:
            return


def _end_with(server: int) -> None:
    while os.getppid() == server:
        time.sleep(LOOK_EVERY)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main(int(sys.argv[1]))
