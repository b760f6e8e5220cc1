"""Writing to the trail, the outbox and the study's versions."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import date, datetime
from functools import wraps
from typing import Any, Protocol, TypeVar

from django.db import connection, transaction

from attunement.journey.trail import clock, outbox, versions
from attunement.journey.trail.errors import Refused
from attunement.journey.trail.models import Message, StudyVersion
from attunement.study import StudyError
from attunement.study.amendments import refusals

Act = TypeVar("Act", bound=Callable[..., Any])
START = "0" * 64
_CHAIN_LOCK = 4711


class Actor(Protocol):
    """Whoever acts: a person on the staff, a family on its own link, or a rule of the study."""

    @property
    def trail_name(self) -> str: ...


class Rule:
    """An action that no person did: the schedule, a set-up, a rule of the study file."""

    def __init__(self, name: str) -> None:
        self.trail_name = f"rule:{name}"


def action(act: Act) -> Act:
    """Marks a change of state: keyword-only, one transaction, one entry in the trail."""

    @wraps(act)
    def within_transaction(**kwargs: Any) -> Any:
        with transaction.atomic():
            return act(**kwargs)

    within_transaction.is_action = True  # type: ignore[attr-defined]
    return within_transaction  # type: ignore[return-value]


def plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, (date, datetime)) else str(value)


def fingerprint(why: str) -> str:
    """What the chain, and so every export of it, holds of a typed reason: people's own words stay in the database."""
    return hashlib.sha256(why.encode()).hexdigest() if why else ""


def digest_of(before: str, row: tuple[Any, ...]) -> str:
    """Of an entry with the fingerprint of its reason in the reason's place."""
    text = json.dumps([before, *row], ensure_ascii=False, separators=(",", ":"), default=plain)
    return hashlib.sha256(text.encode()).hexdigest()


def lock_chain() -> None:
    """Entries are written one after the other. SQLite holds its write lock already (IMMEDIATE)."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_CHAIN_LOCK])


# Written as SQL because every action, and so every answer of every family, passes here: a tenth of the time.
_NEWEST = ("SELECT number, digest, (SELECT MAX(number) FROM trail_studyversion) FROM trail_entry "
           "ORDER BY number DESC LIMIT 1")
_APPEND = ("INSERT INTO trail_entry (number, at, who, verb, family, site, what, why, study_version, before, digest) "
           "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)")


def record(*, by: Actor, verb: str, family: str = "", site: str = "", why: str = "", **what: Any) -> int:
    """Appends one entry, and returns its number. `what`: codes, numbers, dates only; no name, contact, text or arm."""
    if not connection.in_atomic_block:
        raise RuntimeError("a trail entry belongs in the transaction of its action")
    lock_chain()
    body = json.dumps(what, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=plain)
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST)
        last, before, version = cursor.fetchone() or (0, START, versions.latest_number())
        at, number = clock.now(), last + 1
        row = (number, at.astimezone(versions.UTC).isoformat(), by.trail_name, verb, family, site, body,
               fingerprint(why), version or 0)
        stored_at = connection.ops.adapt_datetimefield_value(at)
        cursor.execute(_APPEND, [number, stored_at, *row[2:7], why, row[8], before, digest_of(before, row)])
    return number


def post(*, route: str, address: str, body: str, subject: str = "", family: str = "",
         serves: str = "contact", link: int | None = None, once: bool = False) -> Message | None:
    """Puts a message into the outbox, within the action that causes it; nothing leaves before the commit."""
    if not address:
        return None
    message = Message.objects.create(route=route, address=address, subject=subject, body=body, family=family,
                                     serves=serves, link=link, once=once, made_at=clock.now())
    transaction.on_commit(outbox.wake)
    return message


@action
def adopt_study(*, by: Actor, text: str, reason: str, approved_by: str, holds_from: date) -> StudyVersion:
    """Opens the study, or amends it: a new version with its reason, its date and who approved it."""
    try:
        new = versions.parse(text)
    except StudyError as error:
        raise Refused(str(error)) from None
    latest = StudyVersion.objects.order_by("-number").first()
    if latest is not None:
        allocated = any(check() for check in versions.already_allocated)
        entered = {code for codes in versions.entered_substudies for code in codes()}
        refused = refusals(versions.parsed(latest), new, allocated=allocated, entered=entered)
        if refused:
            raise Refused(" ".join(refused))
        if not reason or not approved_by:
            raise Refused("An amendment needs its reason and the name of who approved it.")
    version = StudyVersion.objects.create(
        number=(latest.number if latest else 0) + 1, text=text, sha256=hashlib.sha256(text.encode()).hexdigest(),
        reason=reason, approved_by=approved_by, holds_from=holds_from, made_at=clock.now())
    record(by=by, verb="study.adopted", number=version.number, sha256=version.sha256, holds_from=holds_from)
    return version
