"""May consent be recorded now, and what a withdrawal or a change must set off in later stages."""

from __future__ import annotations

from collections.abc import Callable

from attunement.journey.consent.models import Link
from attunement.journey.referral.models import Family
from attunement.journey.trail import versions
from attunement.journey.trail.errors import Refused

after_stop: dict[str, list[Callable[[Family], None]]] = {}


def when_stopped(what: str, act: Callable[[Family], None]) -> None:
    """A later stage says what a withdrawal that stops `what` must do; it runs in the same transaction."""
    after_stop.setdefault(what, []).append(act)


def stop(family: Family, *what: str) -> None:
    for name in what:
        for act in after_stop.get(name, []):
            act(family)


def can_consent(family: Family) -> None:
    if not family.children.filter(index=True).exists():
        raise Refused("No child of this family is eligible, so there is nothing to ask consent for.")
    if family.changes.filter(kind__in=["died", "unsafe"]).exists():
        raise Refused("This family must not be contacted. Speak to the trial manager.")


def answers_complete(given: dict[str, bool]) -> None:
    wanting = {purpose.code for purpose in versions.current().consent.purposes} - set(given)
    if wanting:
        raise Refused(f"Answer each statement with yes or no. Still open: {len(wanting)}.")


def link_open(link: Link | None) -> Link:
    if link is None or link.revoked_at is not None:
        raise Refused("This link is not in use. Ask the person who gave it to you for a new one.")
    return link
