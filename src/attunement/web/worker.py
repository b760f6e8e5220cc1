"""The background worker of `attunement serve`: sends what waits, and outlives a pause of the database."""

from __future__ import annotations

import logging
import signal
import time

import django
from django.core.management import call_command

from attunement.web import ending

PAUSE = 5.0
_log = logging.getLogger("attunement.worker")


def main() -> None:
    ending.with_server()
    django.setup()
    from attunement.journey.arms import by_rule, checkpoints
    from attunement.journey.fieldwork import schedule
    from attunement.journey.surveys import watch
    from attunement.journey.trail import outbox, senders

    for fault in senders.chosen().faults():
        _log.warning(fault)
    while True:
        try:
            outbox.wake()
            checkpoints.wake()
            by_rule.wake()
            watch.wake()
            schedule.wake()
            call_command("db_worker", interval=2, verbosity=0, reload=False)
        except SystemExit:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            return
        except Exception:
            _log.warning("The background worker starts again", exc_info=True)
            time.sleep(PAUSE)
        else:
            return


if __name__ == "__main__":
    main()
