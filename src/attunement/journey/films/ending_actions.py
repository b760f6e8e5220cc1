"""The end of a film: asked for or due, held by a named person or not, its key destroyed, and a receipt in the trail."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.db import transaction

from attunement.film.sealed import SealedError
from attunement.journey.consent.models import Link
from attunement.journey.delivery.permissions import need_caseload
from attunement.journey.films import store, tending, words
from attunement.journey.films.models import Deletion, Film, Hold
from attunement.journey.people.models import Person
from attunement.journey.people.permissions import need
from attunement.journey.trail import clock, versions
from attunement.journey.trail.actions import Actor, Rule, action, record
from attunement.journey.trail.errors import NotAllowed, Refused

RULE = Rule("retention")
FILMS, RESEARCH = "films", "films_for_research"
UNRECORDED = timedelta(days=30)


@action
def ask_deletion(*, by: Person | Link, film: Film) -> Deletion:
    """The family wants it gone, on its own link or through its practitioner: nobody plays it from now on."""
    if isinstance(by, Link):
        if by.family_id != film.family_id or by.revoked_at is not None:
            raise NotAllowed("This film is another family's.")
    else:
        need_caseload(by, film.family)
    return _begin(by, film, "asked")


def _begin(by: Actor, film: Film, why: str) -> Deletion:
    film = Film.objects.select_for_update(of=("self",)).select_related("family__site").get(pk=film.pk)
    found = Deletion.objects.filter(film=film).first()
    if found is not None:
        return found
    made = Deletion.objects.create(film=film, why=why, by=by.trail_name, asked_at=clock.now())
    record(by=by, verb="films.deletion_asked", family=film.family.code, site=film.family.site.code, film=film.pk,
           reason=why, held=held(film))
    transaction.on_commit(tending.wake)
    return made


def held(film: Film) -> bool:
    return film.holds.filter(until=None).exists()


@action
def hold(*, by: Person, film: Film, person: str, reason: str) -> Hold:
    """A named person, for a reason, keeps a film from being deleted; it is not played because of that."""
    need(by, "films.hold", film.family.site.code)
    if not person.strip() or not reason.strip():
        raise Refused("Write down the name of who asks for the hold, and the reason.")
    film = Film.objects.select_for_update(of=("self",)).select_related("family__site").get(pk=film.pk)
    if film.deleted_at is not None:
        raise Refused("This film has been deleted; nothing of it can be held.")
    if film.holds.filter(until=None, person=person.strip()[:120]).exists():
        raise Refused("This person holds the film already.")
    made = Hold.objects.create(film=film, person=person.strip()[:120], reason=reason.strip()[:300], by=by,
                               since=clock.now())
    record(by=by, verb="films.held", family=film.family.code, site=film.family.site.code, film=film.pk, hold=made.pk)
    return made


@action
def release(*, by: Person, hold: Hold) -> None:
    """Ends a legal hold. What was due or asked for happens next."""
    film = hold.film
    need(by, "films.hold", film.family.site.code)
    if not Hold.objects.filter(pk=hold.pk, until=None).update(until=clock.now()):
        raise Refused("This hold has ended already.")
    record(by=by, verb="films.hold_ended", family=film.family.code, site=film.family.site.code, film=film.pk,
           hold=hold.pk)
    transaction.on_commit(tending.wake)


def closing_day(film: Film) -> date | None:
    """The day on which the family's time with us ended: the last of its sessions, or the day its consent ended.

    A session that was planned and never recorded keeps it open for a month, and not for ever.
    """
    if film.closed_at is not None:
        return clock.day_of(film.closed_at)
    sessions = list(film.family.sessions.all())
    planned = [session.planned_for for session in sessions if session.state == "planned"]
    if any(day + UNRECORDED >= clock.today() for day in planned):
        return None
    return max([*planned, *(session.held_on for session in sessions if session.held_on)], default=None)


def due_on(film: Film) -> date | None:
    """The day by which the study file wants a film gone; None while the family's time goes on.

    A film that the family gave to research has a clock of its own, if the study file sets one.
    """
    from attunement.journey.films.permissions import shared

    day, rules = closing_day(film), {rule.what: rule for rule in versions.current().retention}
    what = RESEARCH if RESEARCH in rules and film.closed_at is None and shared(film, "research") else FILMS
    return _months_on(day, rules[what].months) if day is not None and what in rules else None


def _months_on(day: date, months: int) -> date:
    """The same day so many months later, or the last of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    first_of_next = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    return min(date(year, month + 1, 1) + timedelta(days=day.day - 1), first_of_next - timedelta(days=1))


def delete_due() -> int:
    """Begins what is due, and brings every deletion that no hold stops to its end; how many were finished."""
    for film in Film.objects.filter(deleted_at=None, deletion=None).select_related("family__site"):
        due = due_on(film)
        if due is not None and due <= clock.today() and not held(film):
            begin_due(film=film)
    return sum(carry_out(deletion) for deletion in _open_deletions())


def _open_deletions() -> Iterator[Deletion]:
    for deletion in Deletion.objects.filter(done_at=None).select_related("film__family__site"):
        if not held(deletion.film):
            yield deletion


@action
def begin_due(*, film: Film, by: Rule = RULE) -> Deletion:
    return _begin(by, film, "closing")


def carry_out(deletion: Deletion) -> bool:
    """Destroys the key, unlinks every object, tries to open the film and fails, and writes the receipt.

    Each step can be done again after a crash. True when this call wrote the receipt.
    """
    film = deletion.film
    name = str(film.pk)
    if store.has_key(film.pk):
        Deletion.objects.filter(pk=deletion.pk, done_at=None).update(key_id=store.book().key_id(name))
        store.destroy_for_good(film.pk)
    removed = store.removed(film.pk)
    _add_removed(deletion, removed)
    if _opens(film):
        raise SealedError("A film that was deleted can still be opened; tell the system owner.")
    return bool(_receipt(deletion=deletion))


def _add_removed(deletion: Deletion, removed: int) -> None:
    with transaction.atomic():
        fresh = Deletion.objects.select_for_update().get(pk=deletion.pk)
        Deletion.objects.filter(pk=deletion.pk).update(objects_removed=fresh.objects_removed + removed)


def _opens(film: Film) -> bool:
    """Tries every part of the film."""
    for part in ("", store.WORKING, store.LOOK, store.MAP):
        try:
            store.open_film(film.pk, part).close()
        except Refused:
            continue
        return True
    return False


@action
def _receipt(*, deletion: Deletion, by: Rule = RULE) -> bool:
    deletion = Deletion.objects.select_for_update(of=("self",)).select_related("film__family__site").get(pk=deletion.pk)
    if deletion.done_at is not None:
        return False
    film, now = deletion.film, clock.now()
    deletion.done_at = now
    # What people wrote about the film goes with it; its hash, and that it was, stay.
    film = Film.objects.select_for_update(of=("self",)).select_related("family__site", "session").get(pk=film.pk)
    deletion.words_removed = words.wipe(film)
    deletion.save(update_fields=["done_at", "words_removed"])
    Film.objects.filter(pk=film.pk).update(deleted_at=now, closed_at=film.closed_at or now)
    record(by=by, verb="films.deleted", family=film.family.code, site=film.family.site.code, **receipt(deletion))
    return True


def receipt(deletion: Deletion) -> dict[str, Any]:
    """What is said of a film's end: never that no copy is anywhere."""
    film = deletion.film
    return {"film": str(film.pk), "sha256": film.sha256, "key_id": deletion.key_id, "asked_by": deletion.by,
            "reason": deletion.why, "asked_at": deletion.asked_at, "objects_removed": deletion.objects_removed,
            "words_removed": deletion.words_removed, "opening_tried": "failed",
            "copies_given_out": [copy.sha256 for copy in film.copies.all()]}
