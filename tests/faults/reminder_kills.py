"""Kills the process that reminds families, at random instants, N times: python -m tests.faults.reminder_kills N

After each kill it is started again at once. In the end every step of every family stands once, with one message, which a
carrier that counts (one line a delivery, written at once) has got once: nothing lost, nothing doubled.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

FAMILIES, DAYS = 12, (0, 3, 7, 10, 14)


def main(kills: int, seed: int = 1) -> None:
    chance = random.Random(seed)
    data = Path(tempfile.mkdtemp(prefix="attunement-kills-")) / "data"
    os.environ |= {"ATTUNEMENT_DATA": str(data), "DJANGO_SETTINGS_MODULE": "attunement.web.settings"}
    _prepare(data)
    done, ended = 0, time.monotonic()
    while done < kills:
        process = subprocess.Popen([sys.executable, "-m", "tests.faults.reminder_kills", "work"], stdout=subprocess.PIPE)
        assert process.stdout is not None and process.stdout.readline()  # it is set up, and begins
        time.sleep(chance.random() * 0.6)
        process.send_signal(signal.SIGKILL)
        process.wait()
        done += 1
    subprocess.run([sys.executable, "-m", "tests.faults.reminder_kills", "work", "to the end"], check=True,
                   stdout=subprocess.DEVNULL)
    print(f"{kills} kills in {time.monotonic() - ended:.0f} s: {_counted(data)}")


def _prepare(data: Path) -> None:
    import django

    from attunement.web import place

    place.create(data, demonstration=True, staff_totp=False)
    django.setup()
    from attunement.journey.trail import clock
    from tests import cast
    from tests.faults.world import migrated

    migrated()
    cast.open_programme()
    with clock.at(clock.local(cast.FIRST_DAY)):
        for _family in range(FAMILIES):
            cast.Programme().consented(safe=["text", "mail"])


def work(whole: bool) -> None:
    """Goes through the days of the schedule: what is due, then the outbox. It is killed somewhere on the way."""
    import django

    django.setup()
    from attunement.journey.fieldwork import schedule
    from attunement.journey.trail import clock, outbox
    from tests.cast import FIRST_DAY

    _count_deliveries()
    print("ready", flush=True)
    for day in DAYS:
        with clock.at(clock.local(FIRST_DAY + timedelta(days=day))):
            schedule.run()
            outbox.send_waiting.call()
        with clock.at(clock.local(FIRST_DAY + timedelta(days=day), 13)):
            outbox.send_waiting.call()
    if whole:
        with clock.at(clock.local(FIRST_DAY + timedelta(days=DAYS[-1], hours=23))):
            outbox.send_waiting.call()


def _count_deliveries() -> None:
    from django.conf import settings

    from attunement.journey.trail.models import Message
    from attunement.journey.trail.senders import file

    book = settings.PLACE.root / "delivered"
    descriptor = os.open(book, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def deliver(message: Message) -> str:
        os.write(descriptor, f"{message.pk}\n".encode())
        time.sleep(0.05)  # the carrier's answer takes its time, and the kill may come before it
        return ""

    file.send_text = file.send_mail = deliver
    file.state_of = lambda message: "sent" if str(message.pk) in book.read_text().split() else "unsent"


def _counted(data: Path) -> str:
    from django.db import connection

    from attunement.journey.fieldwork.models import Sending
    from attunement.journey.trail.models import Message

    connection.close()
    steps = Counter(Sending.objects.values_list("family_id", "day"))
    messages = list(Message.objects.filter(link__isnull=False))
    delivered = Counter(map(int, (data / "delivered").read_text().split()))
    assert len(steps) == FAMILIES * len(DAYS) and set(steps.values()) == {1}, steps
    posted = set(Sending.objects.filter(state="posted").values_list("message_id", flat=True))
    assert posted == {message.pk for message in messages} and len(posted) == len(messages)
    assert all(message.sent_at and not message.stopped for message in messages), [
        (message.pk, message.stopped) for message in messages if not message.sent_at]
    assert delivered == Counter(message.pk for message in messages)
    return f"{len(steps)} steps once each, {len(messages)} messages, each delivered once, none lost"


if __name__ == "__main__":
    work(len(sys.argv) > 2) if sys.argv[1] == "work" else main(int(sys.argv[1]))
