"""The sealing key on paper: three shares, any two of which restore it, and the drill that proves it."""

from __future__ import annotations

from attunement import allocation
from attunement.journey.arms import policies, sealing
from attunement.journey.people.models import Person
from attunement.journey.people.permissions import need
from attunement.journey.trail import keys
from attunement.journey.trail.actions import action, lock_chain, record
from attunement.journey.trail.errors import Refused
from attunement.journey.trail.models import Entry

MADE, DRILL = "arms.shares_made", "arms.recovery_drill"


@action
def make_shares(*, by: Person) -> tuple[str, str, str]:
    """The key on three shares, shown once to be printed and never stored. A second set needs another person."""
    need(by, "arms.lock")
    lock_chain()
    policies.locked_scheme()
    last = Entry.objects.filter(verb=MADE).last()
    if last is not None and last.who == by.trail_name:
        raise Refused("The shares were shown to you once. If they are lost, another person makes new ones.")
    shares = allocation.split(keys.named(sealing.SEALING_KEY))
    record(by=by, verb=MADE, shares=len(shares))
    return shares


@action
def drill(*, by: Person, shares: tuple[str, str]) -> str:
    """Tries two shares on what is sealed, and says how it went. Where the key's file is lost they put it back.

    What was typed is compared and never stored.
    """
    need(by, "arms.lock")
    policies.locked_scheme()
    try:
        key = allocation.restore(shares)
    except allocation.AllocationError as error:
        said = str(error)
        raise Refused(f"{said[0].upper()}{said[1:]}.") from None
    signing = sealing.opens(key)
    record(by=by, verb=DRILL, passed=signing is not None)
    if signing is None:
        return "The two shares fit together, but they restore another key than the one that the scheme is sealed with."
    lost = [name for name, secret in ((sealing.SEALING_KEY, key), (sealing.SIGNING_KEY, signing))
            if secret and keys.put_back(name, secret)]
    if lost:
        record(by=by, verb="arms.key_restored", files=lost)
        return "The two shares restored the key, and its lost file has been put back."
    return "The two shares restore the key. The drill is passed and stands in the trail."
