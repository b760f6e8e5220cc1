"""Allocation by rule, for studies that say so: each family once everything is complete, by the background worker."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from attunement.journey.arms import policies, queries
from attunement.journey.arms.actions import allocate
from attunement.journey.trail import versions
from attunement.journey.trail.actions import Rule
from attunement.journey.trail.errors import Refused

RULE = Rule("allocation")
# A study that does not allocate by rule may be amended so: then it begins within hours.
EVERY, OTHERWISE = timedelta(minutes=10), timedelta(hours=6)


@task()
def allocate_ready() -> int:
    """Allocates every family that is ready, where the study allocates by rule; returns how many. Comes again."""
    made, after = 0, OTHERWISE
    try:
        if versions.latest_number() and policies.allocates_by_rule():
            after = EVERY
            for family in queries.ready():
                try:
                    allocate(by=RULE, family=family, key="by rule")
                except Refused:  # a person would have read why; the next round asks again
                    continue
                made += 1
    finally:
        wake(after=after)
    return made


def wake(after: timedelta = timedelta(0)) -> None:
    """Has the worker look for families that are ready, by one task however often it is asked."""
    if not DBTaskResult.objects.filter(task_path=allocate_ready.module_path, status="READY").exists():
        allocate_ready.using(run_after=timezone.now() + after if after else None).enqueue()
