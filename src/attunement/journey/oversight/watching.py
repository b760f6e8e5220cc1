"""Once a night the data are looked through for deviations from the protocol."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from attunement.journey.oversight.deviations import REGISTER
from attunement.journey.oversight.register_actions import look_for_deviations
from attunement.journey.trail import versions
from attunement.journey.trail.actions import Rule

RULE, EVERY = Rule("protocol"), timedelta(hours=24)


@task()
def nightly() -> int:
    """Enters what is new, where the study keeps such a register; returns how many. Comes again."""
    try:
        kept = versions.latest_number() and any(each.code == REGISTER for each in versions.current().registers)
        return look_for_deviations(by=RULE) if kept else 0
    finally:
        wake(after=EVERY)


def wake(after: timedelta = timedelta(0)) -> None:
    """Has the worker look, by one task however often it is asked."""
    if not DBTaskResult.objects.filter(task_path=nightly.module_path, status="READY").exists():
        nightly.using(run_after=timezone.now() + after if after else None).enqueue()
