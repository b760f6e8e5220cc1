"""A shared review as it happens: what was played, what the parent said in a tap, what was taken out, and its end."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone

from attunement.journey.delivery import actions as delivery
from attunement.journey.delivery import late_actions
from attunement.journey.delivery.models import Session
from attunement.journey.delivery.permissions import need_caseload
from attunement.journey.films import actions, words
from attunement.journey.films.models import Clip, Seen
from attunement.journey.people.models import Person
from attunement.journey.trail import clock
from attunement.journey.trail.actions import action, record
from attunement.journey.trail.errors import Refused
from attunement.journey.trail.sealing import LONGEST, Box

BOX = Box("reviews", b"attunement late answer 1")
# What a parent says, in one tap: ours, in plain words; it is nobody's code.
TAPS = ("like", "new", "more", "hard", "words")
KINDS = {code for code, _words in Seen.KINDS}
_MOST_MINUTES = 600


def lock() -> str:
    """The server's public key for the page; empty when it is lost: then what is noted waits in the page only."""
    try:
        return BOX.public_key(first=not Seen.objects.exists())
    except Refused:
        return ""


def paper(by: Person, review: Session) -> str:
    """What each thing kept on the tablet is bound to: this person and this review."""
    return f"{by.code} {review.pk}"


@action
def take_late(*, by: Person, review: Session, sealed: str) -> Seen:
    """Takes what the tablet kept of a review; twice is once."""
    return note(by=by, review=review, said=BOX.opened(sealed, paper(by, review)))


@action
def take_open(*, by: Person, review: Session, said: str) -> Seen:
    """Takes a note from a page that can keep nothing sealed: as JSON, over the connection of the page itself."""
    try:
        read = json.loads(said[:LONGEST])
    except (ValueError, RecursionError):
        read = None
    if not isinstance(read, dict):
        raise Refused("What the tablet kept is no part of this review.")
    return note(by=by, review=review, said=read)


@action
def note(*, by: Person, review: Session, said: dict[str, Any]) -> Seen:
    """Notes one thing of a review. `said`: key, kind, clip, frame, code, words, minutes, at (the tablet's
    clock in ms)."""
    need_caseload(by, review.family)
    key, kind, clip, at = _read(review, said)
    known = Seen.objects.filter(key=key).first()
    if known is not None:
        return known
    code, spoken = str(said.get("code") or ""), _words(said, review, clip)
    if kind == "said" and code not in TAPS:
        raise Refused("This is not one of the taps that the page offers.")
    made = Seen.objects.create(review=review, clip=clip, kind=kind, frame=_frame(said, clip), at_ms=at, by=by, key=key,
                               code=code if kind == "said" else "", words=spoken if kind == "said" else "")
    if kind == "out" and clip is not None and clip.taken_out_at is None:
        actions.take_out_clip(by=by, clip=clip)
    if kind == "end":
        _hold(by, review, said, at, key)
    record(by=by, verb=f"films.review_{kind}", family=review.family.code, site=review.family.site.code,
           number=review.number, clip=clip.pk if clip else None)
    return made


def _read(review: Session, said: dict[str, Any]) -> tuple[str, str, Clip | None, int]:
    strange = Refused("What the tablet kept is no part of this review.")
    try:
        key, kind, at = str(uuid.UUID(str(said["key"]))), str(said["kind"]), int(said["at"])
        number = int(said["clip"]) if said.get("clip") not in (None, "") else None
    except (KeyError, TypeError, ValueError):
        raise strange from None
    if kind not in KINDS or not 0 <= at < 1 << 53:
        raise strange
    if number is None:
        return key, kind, None, at
    clip = Clip.objects.select_related("film__family__site").filter(pk=number, film__family=review.family).first()
    if clip is None:
        raise strange
    return key, kind, clip, at


def _words(said: dict[str, Any], review: Session, clip: Clip | None) -> str:
    """The parent's words; not those that a tablet sends after the film they belong to is gone."""
    if words.are_gone(review, clip):
        return ""
    return str(said.get("words") or "").replace("\0", "").strip()[:300]


def _frame(said: dict[str, Any], clip: Clip | None) -> int | None:
    frame = said.get("frame")
    inside = clip is not None and isinstance(frame, int) and clip.first <= frame <= clip.last
    return frame if inside else None


def _hold(by: Person, review: Session, said: dict[str, Any], at: int, key: str) -> None:
    """The review was held: it counts as the cycle's shared review, on the day on which the tablet says it ended."""
    minutes = said.get("minutes")
    if not isinstance(minutes, int) or not 1 <= minutes <= _MOST_MINUTES:
        raise Refused(f"Minutes lie between 1 and {_MOST_MINUTES}.")
    late = timezone.now() - datetime.fromtimestamp(at / 1000, UTC)
    late_actions.lock()  # a session that carries a phone's mark means that the key of visits was made
    delivery.record_session(by=by, session=review, state="held", minutes=minutes, key=key,
                            held_on=clock.today() - timedelta(days=max(0, late.days)))
