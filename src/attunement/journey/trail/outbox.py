"""Sending what waits in the outbox, by the sender that the deployment names (`senders`).

A message leaves at least once: should the server be killed between the sending and its note, it is sent again, under the
same Message-ID. One that is marked `once` is not, unless the sender knows that it never left. What cannot leave is tried
again, ever later, and is kept when the tries are used up.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from attunement.journey.trail import clock, senders
from attunement.journey.trail.models import Message

# How long after it was written a message is tried for the first, second, … time.
WAITS = [timedelta(minutes=minutes) for minutes in (0, 1, 15, 2 * 60, 24 * 60)]
MOST_TRIES = len(WAITS)
IN_HAND = timedelta(minutes=1)  # longer than any carrier is waited for
ASKED_AFTER, ASKED_EVERY = timedelta(days=5), timedelta(hours=1)
NOT_KNOWN = "nobody knows whether it left"
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
    on_the_way = _ask_after()
    later = [_due_at(message) for message in _waiting()] + [clock.now() + ASKED_EVERY] * bool(on_the_way)
    if later:
        _come_again(min(later))
    return sent


def _ask_after() -> int:
    """Asks a sender that knows it what arrived; returns how many are still on their way."""
    sender = senders.chosen()
    if not sender.TELLS:
        return 0
    known = Message.objects.filter(delivered_at=None, failed_at=None, sent_at__gt=clock.now() - ASKED_AFTER)
    return sum(not _heard_of(sender, message) for message in known.exclude(carrier="").order_by("id"))


def _heard_of(sender: senders.Sender, message: Message) -> bool:
    try:
        state = sender.state_of(message)
    except Exception as error:  # a carrier that does not answer is asked again
        _log.warning("Message %s cannot be asked after (%s)", message.pk, type(error).__name__)
        return False
    field = {"delivered": "delivered_at", "failed": "failed_at"}.get(state)
    return field is not None and Message.objects.filter(pk=message.pk).update(**{field: clock.now()}) == 1


def _waiting() -> list[Message]:
    return list(Message.objects.filter(sent_at=None, stopped="", tries__lt=MOST_TRIES).order_by("id"))


def _due_at(message: Message) -> datetime:
    due = min(clock.now(), message.made_at) if message.tries == 0 else message.made_at + WAITS[message.tries]
    if message.once and message.handed_at:
        due = message.handed_at + IN_HAND
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
    if message.once and message.handed_at and _left_before(message):
        return 0
    if not _claimed(message):
        return 0
    row, message.tries = Message.objects.filter(pk=message.pk), message.tries + 1
    try:
        carrier = senders.send(message)
    except Exception as error:  # whatever it is, the next message must still leave
        _log.warning("Message %s could not leave (%s), try %s of %s", message.pk, type(error).__name__,
                     message.tries, MOST_TRIES)
        if not (message.once and isinstance(error, senders.Unclear)):
            row.update(handed_at=None)
        return 0
    return row.update(sent_at=clock.now(), body="", handed_at=None, carrier=carrier)


def _left_before(message: Message) -> bool:
    """The server died while this one was handed over. Did it leave? Where nobody knows, it is not sent again."""
    try:
        state = senders.chosen().state_of(message)
    except Exception as error:
        _log.warning("Message %s cannot be asked after (%s)", message.pk, type(error).__name__)
        state = "unknown"
    row = Message.objects.filter(pk=message.pk, sent_at=None)
    if state == "unsent":
        return False
    known = {"stopped": NOT_KNOWN} if state == "unknown" else {"sent_at": message.handed_at, "handed_at": None}
    row.update(body="", **known)
    return True


def _claimed(message: Message) -> bool:
    """Counts the try, unless another worker has taken it or the message must not leave any more."""
    with transaction.atomic():
        stopped = next((said for reason in reasons_to_stop if (said := reason(message))), "")
        same = Message.objects.filter(pk=message.pk, tries=message.tries, sent_at=None)
        kept = "" if stopped else message.body
        handed = None if stopped else clock.now()
        return same.update(stopped=stopped, tries=message.tries + 1, body=kept, handed_at=handed) == 1 and not stopped
