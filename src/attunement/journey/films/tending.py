"""What the films' own worker does, again and again: look data first, then working copies, then what is due to go.

Each step finds what is left to do in the database, so a worker that was killed loses nothing and does nothing twice.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from django.utils import timezone
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from attunement.journey.trail import versions

QUEUE = "films"
EVERY = timedelta(minutes=10)
_log = logging.getLogger("attunement.films")


def wake(after: timedelta = timedelta(0)) -> None:
    """Has the worker tend the films, by one task however often it is asked."""
    waiting = DBTaskResult.objects.filter(status="READY") if after else DBTaskResult.objects.ready()
    if not waiting.filter(task_path=tend.module_path).exists():
        (tend.using(run_after=timezone.now() + after) if after else tend).enqueue()


@task(queue_name=QUEUE)
def tend() -> int:
    """Does all that waits; how much that was. Comes again."""
    from attunement.journey.films import ending_actions, preparing, store, upload_actions

    done = 0
    try:
        if versions.latest_number():
            for step in (store.sweep, upload_actions.tidy_uploads, ending_actions.delete_due, preparing.make_looks,
                         preparing.make_working_copies, ending_actions.delete_due, store.back_up_keys):
                done += _step(step)
    finally:
        wake(after=EVERY)
    return done


def _step(step: object) -> int:
    try:
        return step()  # type: ignore[operator,no-any-return]
    except Exception:  # whatever it is, the other steps must still be done
        _log.warning("Films: a step of the worker failed and is tried again", exc_info=True)
        return 0
