"""Sending what waits in the outbox: to files by default, by SMTP when the deployment says so.

A message leaves at least once: should the server be killed between the sending and its note, it is sent again, under the
same Message-ID. What cannot leave is tried again, ever later, and is kept when the tries are used up.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import timezone
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from attunement.journey.trail import clock
from attunement.journey.trail.models import Message

# How long after it was written a message is tried for the first, second, … time.
WAITS = [timedelta(minutes=minutes) for minutes in (0, 1, 15, 2 * 60, 24 * 60)]
MOST_TRIES = len(WAITS)
# Later stages say here why a message must not leave after all; an empty text lets it go. Asked at the moment of sending.
reasons_to_stop: list[Callable[[Message], str]] = []
# … and when it may leave at the earliest: None for now. Asked whenever the outbox is emptied.
reasons_to_wait: list[Callable[[Message], datetime | None]] = []
_log = logging.getLogger("attunement.outbox")


def wake() -> None:
    """Has the outbox emptied after the commit, by one task however many messages wait."""
    if not DBTaskResult.objects.ready().filter(task_path=send_waiting.module_path).exists():
        send_waiting.enqueue()


def given_up() -> int:
    """How many messages could not leave, and are not tried again by themselves."""
    return Message.objects.filter(sent_at=None, stopped="", tries__gte=MOST_TRIES).count()


@task()
def send_waiting() -> int:
    """Sends every message that waits and is due; returns how many left. Comes again for those that could not leave."""
    sent = sum(_send_one(message) for message in _waiting() if _due_at(message) <= clock.now())
    later = min((_due_at(message) for message in _waiting()), default=None)
    if later is not None:
        _come_again(later)
    return sent


def _waiting() -> list[Message]:
    return list(Message.objects.filter(sent_at=None, stopped="", tries__lt=MOST_TRIES).order_by("id"))


def _due_at(message: Message) -> datetime:
    due = min(clock.now(), message.made_at) if message.tries == 0 else message.made_at + WAITS[message.tries]
    return max([due, *(until for ask in reasons_to_wait if (until := ask(message)) is not None)])


def _come_again(due: datetime) -> None:
    """At least a minute from now, so that a server that is down for a day does not see all tries at once."""
    when = timezone.now() + max(due - clock.now(), WAITS[1])
    planned = DBTaskResult.objects.filter(task_path=send_waiting.module_path, status="READY")
    if not planned.filter(run_after__gt=timezone.now(), run_after__lte=when).exists():
        send_waiting.using(run_after=when).enqueue()


def _send_one(message: Message) -> int:
    """No transaction is open while the mail server is asked: it would keep everybody else from writing.

    What a message said goes as soon as it has left: it may hold a link, of which only the hash is kept.
    """
    if not _claimed(message):
        return 0
    try:
        _deliver(message)
    except Exception as error:  # whatever it is, the next message must still leave
        _log.warning("Message %s could not leave (%s), try %s of %s", message.pk, type(error).__name__,
                     message.tries + 1, MOST_TRIES)
        return 0
    return Message.objects.filter(pk=message.pk).update(sent_at=clock.now(), body="")


def _claimed(message: Message) -> bool:
    """Counts the try, unless another worker has taken it or the message must not leave any more."""
    with transaction.atomic():
        stopped = next((said for reason in reasons_to_stop if (said := reason(message))), "")
        same = Message.objects.filter(pk=message.pk, tries=message.tries, sent_at=None)
        kept = "" if stopped else message.body
        return same.update(stopped=stopped, tries=message.tries + 1, body=kept) == 1 and not stopped


def _deliver(message: Message) -> None:
    if settings.OUTBOX_SENDER == "smtp" and message.route == "mail":
        name = f"<{message.pk}.{message.made_at:%Y%m%d%H%M%S%f}@{settings.ADDRESS.hostname}>"
        EmailMessage(message.subject, message.body, None, [message.address], headers={"Message-ID": name}).send()
        return
    path = settings.PLACE.folder("outbox") / f"{message.pk:08}.txt"
    partial = path.with_suffix(".part")
    partial.write_text(f"To ({message.get_route_display()}): {message.address}\nSubject: {message.subject}\n\n"
                       f"{message.body}\n", encoding="utf-8")
    os.replace(partial, path)
