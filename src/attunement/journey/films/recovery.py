"""The films' master key on paper: three shares, any two of which restore it, and the drill that proves it."""

from __future__ import annotations

from attunement import allocation
from attunement.film.sealed import SealedError
from attunement.journey.films import store
from attunement.journey.people.models import Person
from attunement.journey.people.permissions import need
from attunement.journey.trail import keys
from attunement.journey.trail.actions import action, lock_chain, record
from attunement.journey.trail.errors import Refused
from attunement.journey.trail.models import Entry

MADE, DRILL = "films.shares_made", "films.recovery_drill"


@action
def make_shares(*, by: Person) -> tuple[str, str, str]:
    """The key on three shares, shown once to be printed and never stored. A second set needs another person."""
    need(by, "films.keys")
    lock_chain()
    store.book()
    last = Entry.objects.filter(verb=MADE).last()
    if last is not None and last.who == by.trail_name:
        raise Refused("The shares were shown to you once. If they are lost, another person makes new ones.")
    shares = allocation.split(keys.named(store.MASTER))
    record(by=by, verb=MADE, shares=len(shares))
    return shares


@action
def drill(*, by: Person, shares: tuple[str, str]) -> str:
    """Tries two shares on the key book, and says how it went. Where the key's file is lost they put it back."""
    need(by, "films.keys")
    try:
        key = allocation.restore(shares)
    except allocation.AllocationError as error:
        said = str(error)
        raise Refused(f"{said[0].upper()}{said[1:]}.") from None
    passed = _opens(key)
    record(by=by, verb=DRILL, passed=passed)
    if not passed:
        return "The two shares fit together, but they restore another key than the one that the films are sealed with."
    if keys.put_back(store.MASTER, key):
        record(by=by, verb="films.key_restored")
        return "The two shares restored the key, and its lost file has been put back."
    return "The two shares restore the key. The drill is passed and stands in the trail."


def _opens(key: bytes) -> bool:
    """Does it unwrap the films' keys? While there is no film, it must be the key of the file."""
    book = store.book_under(key)
    films = book.films()
    if not films:
        try:
            return keys.named(store.MASTER) == key
        except Refused:
            return False
    try:
        book.key(films[0])
    except SealedError:
        return False
    return True
