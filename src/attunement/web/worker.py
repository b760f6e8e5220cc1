"""The background workers of `attunement serve`: they send what waits, tend the films, and outlive the database's pauses.

`python -m attunement.web.worker QUEUE`, for each queue one process.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import time
from collections.abc import Callable

import django
from django.core.management import call_command

from attunement.web import ending

PAUSE = 5.0
_log = logging.getLogger("attunement.worker")


def main(queue: str) -> None:
    ending.with_server()
    django.setup()
    if queue == "films":
        os.nice(10)  # making a film ready takes minutes of a core; pages come first
    else:
        _say_faults()
    while True:
        try:
            for wake in _wakes(queue):
                wake()
            call_command("db_worker", queue_name=queue, interval=2, verbosity=0, reload=False)
        except SystemExit:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            return
        except Exception:
            _log.warning("The background worker starts again", exc_info=True)
            time.sleep(PAUSE)
        else:
            return


def _wakes(queue: str) -> list[Callable[[], None]]:
    """What has its worker come again and again; a worker that begins looks at once for what another left."""
    from attunement.journey.arms import by_rule, checkpoints
    from attunement.journey.fieldwork import schedule
    from attunement.journey.films import tending
    from attunement.journey.oversight import watching
    from attunement.journey.surveys import watch
    from attunement.journey.trail import outbox

    if queue == tending.QUEUE:
        return [tending.wake]
    return [outbox.wake, checkpoints.wake, by_rule.wake, watch.wake, schedule.wake, watching.wake]


def _say_faults() -> None:
    """What the log should say of a sender that is set up wrong."""
    from attunement.journey.trail import senders

    for fault in senders.chosen().faults():
        _log.warning(fault)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "default")
