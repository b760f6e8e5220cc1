"""The clock of alerts: a task that calls the next person for each one that nobody has taken in time."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from attunement.journey.surveys.models import Alert
from attunement.journey.trail import clock

SOON = timedelta(seconds=5)


def wake() -> None:
    """Plans the next look for the moment at which the first open alert is due; none when none is open."""
    due = Alert.objects.filter(acknowledged_at=None).order_by("call_next_at").values_list("call_next_at", flat=True)
    first = due.first()
    if first is None:
        return
    when = timezone.now() + max(first - clock.now(), SOON)
    planned = DBTaskResult.objects.filter(task_path=look.module_path, status="READY")
    if not planned.filter(run_after__lte=when).exists():
        look.using(run_after=when).enqueue()


@task()
def look() -> int:
    """Calls the next person for every alert that is due; returns for how many."""
    from attunement.journey.surveys.alert_actions import CLOCK, escalate

    due = list(Alert.objects.filter(acknowledged_at=None, call_next_at__lte=clock.now()).values_list("pk", flat=True))
    called = sum(escalate(by=CLOCK, alert_id=number) for number in due)
    wake()
    return called
