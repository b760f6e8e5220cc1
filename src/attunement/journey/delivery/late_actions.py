"""Visits that a phone kept while it had no signal: taken in once, whenever they come, and never dropped."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import transaction
from django.http import QueryDict

from attunement.journey.delivery import actions
from attunement.journey.delivery.models import LateVisit, Session
from attunement.journey.delivery.visit_forms import SessionForm
from attunement.journey.people.models import Person
from attunement.journey.people.permissions import need
from attunement.journey.trail import clock
from attunement.journey.trail.actions import action, record
from attunement.journey.trail.errors import NotAllowed, Refused
from attunement.journey.trail.sealing import Box

BOX = Box("visits", b"attunement visit 1")
_MOST = 40


def lock() -> str:
    """The server's public key for the page; empty when it is lost: then a visit is recorded with a signal only."""
    sealed_before = Session.objects.exclude(client_key=None).exists() or LateVisit.objects.exists()
    try:
        return BOX.public_key(first=not sealed_before)
    except Refused:
        return ""


@action
def take_late(*, by: Person, sealed: str) -> Session | LateVisit:
    """Records a visit that a phone kept. One that cannot be recorded as it is, is kept with the reason for its sender."""
    need(by, "delivery.work")
    session, key, said = _read(BOX.opened(sealed, by.code))
    known = LateVisit.objects.filter(key=key).first() or Session.objects.filter(client_key=key).first()
    if known is not None:
        return known
    form = SessionForm(session, by, _as_posted(said))
    if not form.is_valid():
        return _keep(by, session, key, said, "; ".join(str(each) for errors in form.errors.values() for each in errors))
    try:
        with transaction.atomic():
            return actions.record_session(by=by, session=session, **(form.facts() | {"key": key}))
    except (Refused, NotAllowed) as refusal:
        return _keep(by, session, key, said, str(refusal))


def _read(opened: dict[str, Any]) -> tuple[Session, str, dict[str, list[str]]]:
    """The session, the key and the form's fields as lists of texts; Refused when it is none of our pages' making."""
    unreadable = Refused("What the phone kept is not a visit. Record it again.")
    said = opened.get("said")
    try:
        session = Session.objects.select_related("family__site").get(pk=int(opened["session"]))
        key = str(uuid.UUID(str(opened["key"])))
    except (Session.DoesNotExist, KeyError, TypeError, ValueError, OverflowError):
        raise unreadable from None
    if not isinstance(said, dict) or len(said) > _MOST:
        raise unreadable
    fields = set(SessionForm.base_fields)
    return session, key, {str(name): [str(each)[:40] for each in list(values)[:_MOST]] for name, values in said.items()
                          if name in fields and isinstance(values, list)}


def _as_posted(said: dict[str, list[str]]) -> QueryDict:
    posted = QueryDict(mutable=True)
    for name, values in said.items():
        posted.setlist(name, values)
    return posted


def _keep(by: Person, session: Session, key: str, said: dict[str, list[str]], why: str) -> LateVisit:
    said = {name: values for name, values in said.items() if name != "key"}
    made = LateVisit.objects.create(key=key, session=session, by=by, said=said, why=why[:300], arrived_at=clock.now())
    record(by=by, verb="delivery.late_visit_kept", family=session.family.code, site=session.family.site.code,
           number=session.number)
    return made


@action
def settle(*, by: Person, late: LateVisit) -> None:
    """The practitioner has seen to it: recorded by hand, or nothing to record."""
    need(by, "delivery.work")
    if late.by_id != by.pk:
        raise NotAllowed("This came from another person's phone.")
    late.settled_at = clock.now()
    late.save(update_fields=["settled_at"])
    family = late.session.family
    record(by=by, verb="delivery.late_visit_settled", family=family.code, site=family.site.code,
           number=late.session.number)
