"""Adding a film, marking clips, taking a clip out, and noting that somebody watches."""

from __future__ import annotations

from dataclasses import asdict
from fractions import Fraction
from typing import BinaryIO

from django.db import transaction

from attunement.film import FilmError, probe
from attunement.journey.delivery.models import Session
from attunement.journey.delivery.permissions import need_caseload
from attunement.journey.films import policies, scanning, sharing_actions, tending
from attunement.journey.films.models import Clip, Film, Viewing
from attunement.journey.films.permissions import may_watch
from attunement.journey.films.store import Arriving, not_stored
from attunement.journey.people.models import Person
from attunement.journey.trail import clock
from attunement.journey.trail.actions import action, record
from attunement.journey.trail.errors import NotAllowed, Refused


def add_film(*, by: Person, session: Session, arriving: Arriving, reaffirmed: bool, came_from: str = "gallery",
             only_family: bool = True, facts: dict[str, object] | None = None) -> Film:
    """Keeps a film that has arrived sealed, once it has proved to be one. Whatever fails leaves nothing behind.

    The row is committed only when the sealed file and its key are on the disk. `only_family`: nobody else is in shot.
    """
    try:
        _may_add(by, session, reaffirmed)
        if facts is None:
            with arriving.open() as clear:
                facts = facts_of(clear)
                policies.short_enough(facts)
                clear.seek(0)
                scanning.clean(clear)
        arriving.keep()
        film: Film = _add_film(by=by, session=session, arriving=arriving, reaffirmed=reaffirmed, facts=facts,
                               came_from=came_from, only_family=only_family)
    except BaseException as error:
        arriving.drop()
        if isinstance(error, OSError):
            raise Refused(not_stored(error)) from None
        raise
    arriving.settle()
    return film


def _may_add(by: Person, session: Session, reaffirmed: bool) -> None:
    need_caseload(by, session.family)
    policies.can_add(session)
    policies.agreed_again(reaffirmed)


def facts_of(clear: BinaryIO) -> dict[str, object]:
    """What the probe finds, or a refusal in its words."""
    try:
        found = asdict(probe(clear))
    except FilmError as error:
        raise Refused(str(error)) from None
    return {name: str(value) if isinstance(value, Fraction) else value for name, value in found.items()}


@action
def _add_film(*, by: Person, session: Session, arriving: Arriving, reaffirmed: bool, facts: dict[str, object],
              came_from: str, only_family: bool) -> Film:
    session = Session.objects.select_for_update(of=("self",)).select_related("family__site").get(pk=session.pk)
    _may_add(by, session, reaffirmed)
    if Film.objects.filter(session=session, sha256=arriving.sha256, deleted_at=None).exists():
        raise Refused("This film has been added to this session already.")
    film = Film.objects.create(id=arriving.id, family=session.family, session=session, sha256=arriving.sha256,
                               size=arriving.size, facts=facts, added_by=by, added_at=clock.now(), came_from=came_from,
                               shot_complete=only_family)
    record(by=by, verb="films.added", family=film.family.code, site=film.family.site.code, film=film.id,
           session=session.number, sha256=film.sha256, size=film.size, reaffirmed=reaffirmed, came_from=came_from,
           only_family=only_family)
    sharing_actions.affirm(by=by, film=film, only_family=only_family)
    transaction.on_commit(tending.wake)
    return film


@action
def mark_clip(*, by: Person, film: Film, first: int, last: int, principle: int, note: str = "") -> Clip:
    """Marks a clip by its first and last frame, both shown."""
    need_caseload(by, film.family)
    policies.can_mark(film, first, last, principle)
    clip = Clip.objects.create(film=film, first=first, last=last, principle=principle, note=note.strip()[:300],
                               marked_by=by, marked_at=clock.now())
    record(by=by, verb="films.clip_marked", family=film.family.code, site=film.family.site.code, film=film.id,
           clip=clip.pk, first=first, last=last, principle=principle)
    return clip


@action
def take_out_clip(*, by: Person, clip: Clip) -> None:
    """Takes a clip out of the review, at once, because the parent or the practitioner wants it."""
    need_caseload(by, clip.film.family)
    clip = Clip.objects.select_for_update(of=("self",)).select_related("film__family__site").get(pk=clip.pk)
    if clip.taken_out_at is not None:
        raise Refused("This clip has been taken out already.")
    clip.taken_out_at = clock.now()
    clip.save(update_fields=["taken_out_at"])
    family = clip.film.family
    record(by=by, verb="films.clip_taken_out", family=family.code, site=family.site.code, clip=clip.pk)


@action
def note_viewing(*, by: Person, film: Film, of: int = 0) -> Viewing:
    """One row before the first byte. If it cannot be written, there is no film. `of`: how many bytes there are."""
    if not may_watch(by, film):
        raise NotAllowed("This film is not shared with you.")
    viewing = Viewing.objects.create(film=film, by=by, at=clock.now(), of=of)
    record(by=by, verb="films.watched", family=film.family.code, site=film.family.site.code, film=film.id)
    return viewing


def note_span(*, viewing: Viewing, first: int, last: int) -> None:
    """Bytes `first`..`last` are sent: joined to what was sent before, and written down before they leave."""
    with transaction.atomic():
        spans = Viewing.objects.select_for_update().values_list("spans", flat=True).get(pk=viewing.pk)
        Viewing.objects.filter(pk=viewing.pk).update(spans=joined([*spans, [first, last]]))


def joined(spans: list[list[int]]) -> list[list[int]]:
    """Spans of whole numbers, both ends in them, with those that meet or overlap made one."""
    found: list[list[int]] = []
    for first, last in sorted(spans):
        if found and first <= found[-1][1] + 1:
            found[-1][1] = max(found[-1][1], last)
        else:
            found.append([first, last])
    return found
