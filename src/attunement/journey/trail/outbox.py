"""Sending what waits in the outbox: to files by default, by SMTP when the deployment says so."""

from __future__ import annotations

import os
from collections.abc import Callable

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django_tasks import task
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from attunement.journey.trail import clock
from attunement.journey.trail.models import Message

MOST_TRIES = 5
# Later stages say here why a message must not leave after all; an empty text lets it go. Asked at the moment of sending.
reasons_to_stop: list[Callable[[Message], str]] = []


def wake() -> None:
    """Has the outbox emptied after the commit, by one task however many messages wait."""
    if not DBTaskResult.objects.filter(task_path=send_waiting.module_path, status=TaskResultStatus.READY).exists():
        send_waiting.enqueue()


@task()
def send_waiting() -> int:
    """Sends every message that waits; returns how many left."""
    sent = 0
    for message in Message.objects.filter(sent_at=None, stopped="", tries__lt=MOST_TRIES).order_by("id").iterator():
        sent += _send_one(message.pk)
    return sent


def _send_one(pk: int) -> int:
    with transaction.atomic():
        message = Message.objects.select_for_update().get(pk=pk)
        if message.sent_at is not None:
            return 0
        message.stopped = next((said for reason in reasons_to_stop if (said := reason(message))), "")
        message.tries += 1
        left = False
        if not message.stopped:
            left = _deliver(message)
            message.sent_at = clock.now() if left else None
        message.save(update_fields=["stopped", "tries", "sent_at"])
        return int(left)


def _deliver(message: Message) -> bool:
    if settings.OUTBOX_SENDER == "smtp" and message.route == "mail":
        try:
            return bool(send_mail(message.subject, message.body, None, [message.address]))
        except OSError:
            return False
    path = settings.PLACE.folder("outbox") / f"{message.pk:08}.txt"
    partial = path.with_suffix(".part")
    partial.write_text(f"To ({message.get_route_display()}): {message.address}\nSubject: {message.subject}\n\n"
                       f"{message.body}\n", encoding="utf-8")
    os.replace(partial, path)
    return True
