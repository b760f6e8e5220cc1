"""A signed head of the trail, mailed to people who each keep it: what they hold cannot be taken back from the computers.

An entry `trail.checkpoint` vouches for every entry since the checkpoint before it. One is made each day on which something
was done, by the background worker; `attunement allocation verify --checkpoint` takes the lines that were mailed.
"""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from attunement.allocation import Entry as LogEntry
from attunement.allocation.chain import CHECKPOINT, MARK, START, signed
from attunement.journey.arms import sealing
from attunement.journey.arms.models import Opened, Scheme
from attunement.journey.people.models import Holding
from attunement.journey.trail import clock, versions
from attunement.journey.trail.actions import Actor, Rule, action, fingerprint, lock_chain, post, record
from attunement.journey.trail.models import Entry

RULE = Rule("checkpoint")
# Of the evaluator, the funder and each authority; those of them that the study file has.
KEPT_BY = ("trial_manager", "funder", "la_analyst")
SUBJECT = "Checkpoint of the trial's log: please keep this message"
BODY = ("This line vouches for everything that has been recorded in the trial's log up to now. It tells nobody anything, "
        "and it shows later whether the log was changed. Nothing is to be done: keep this message.\n\n")


def as_written(entry: Entry, opened: str = "") -> LogEntry:
    """An entry of the trail as a log has it: of a typed reason its fingerprint."""
    return LogEntry(entry.before, entry.number, entry.at.astimezone(versions.UTC).isoformat(), entry.who, entry.verb,
                    entry.family, entry.site, entry.what, fingerprint(entry.why), entry.study_version, opened)


@action
def checkpoint(*, by: Actor = RULE) -> int:
    """Signs the head of the trail and mails it; returns the number of the new entry."""
    lock_chain()
    newest, last = Entry.objects.last(), Entry.objects.filter(verb=CHECKPOINT).last()
    since = Entry.objects.filter(number__gte=last.number) if last else Entry.objects.all()
    marks = "".join(digest[:MARK] for digest in since.order_by("number").values_list("digest", flat=True))
    with clock.at(clock.now()):
        at = clock.now().astimezone(versions.UTC).isoformat()
        number, before = (newest.number, newest.digest) if newest else (0, START)
        made = signed(LogEntry(before, number + 1, at, by.trail_name, CHECKPOINT, "", "", "", "",
                               versions.latest_number()), marks, sealing.signer())
        record(by=by, verb=CHECKPOINT, head=before, marks=marks, number=made.number,
               signature=made.what.rpartition('"signature":"')[2].rstrip('"}'))
    written = Entry.objects.get(number=made.number)
    if written.digest != made.digest:
        raise RuntimeError("the trail wrote another checkpoint than was signed")
    _mail(made)
    return made.number


def _mail(made: LogEntry) -> None:
    used = {role.code for role in versions.current().roles}
    held = Holding.objects.filter(role__in=used & set(KEPT_BY), until=None, person__is_active=True)
    for address in sorted(set(held.values_list("person__email", flat=True))):
        post(route="mail", address=address, subject=SUBJECT, body=BODY + made.line)


def due() -> bool:
    """Has anything been done since the last checkpoint, on an earlier day than today?"""
    if not Scheme.objects.exclude(certificate="").exists() or Opened.objects.exists():
        return False
    last, newest = Entry.objects.filter(verb=CHECKPOINT).last(), Entry.objects.last()
    if last is None or newest is None:
        return True
    return newest.number > last.number and clock.day_of(last.at) < clock.today()


@task()
def daily() -> bool:
    """Makes the day's checkpoint if one is due, and comes again in the night."""
    try:
        made = due()
        if made:
            checkpoint(by=RULE)
    finally:
        wake(after=timedelta(hours=6))
    return made


def wake(after: timedelta = timedelta(0)) -> None:
    """Has the worker look whether a checkpoint is due, by one task however often it is asked."""
    planned = DBTaskResult.objects.filter(task_path=daily.module_path, status="READY")
    if not planned.exists():
        daily.using(run_after=timezone.now() + after).enqueue() if after else daily.enqueue()
