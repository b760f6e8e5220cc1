"""What is done at the desk: marks kept as they are made, changed by whoever made them; the reel; stills; comments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from attunement.film import FilmError
from attunement.film.clips import Clip as Marks
from attunement.journey.delivery.permissions import need_caseload
from attunement.journey.films import material, policies, words
from attunement.journey.films.models import Clip, Comment, Film, ReelClip, Still
from attunement.journey.films.permissions import may_watch
from attunement.journey.people.models import Person
from attunement.journey.trail import clock
from attunement.journey.trail.actions import action, record
from attunement.journey.trail.errors import NotAllowed, Refused

CHANGED = "Somebody changed this mark meanwhile. What you see now is how it stands."


def need_to_watch(by: Person, film: Film) -> None:
    if not may_watch(by, film):
        raise NotAllowed("This film is not shared with you, or the family no longer agrees.")


@action
def keep_mark(*, by: Person, film: Film, key: str, first: int, last: int, principle: int = 0, behaviour: str = "",
              note: str = "") -> Clip:
    """Keeps a mark as soon as it has an end. A retry with the same `key` finds what it kept the first time."""
    need_caseload(by, film.family)
    _can_mark(words.still_there(film), first, last, principle, behaviour)
    known = Clip.objects.select_related("film").filter(key=key).first()
    if known is not None:
        return _own(by, film, known)
    made = Clip.objects.create(film=film, first=first, last=last, principle=principle, behaviour=behaviour,
                               note=note.strip()[:300], marked_by=by, marked_at=clock.now(), key=key)
    _told(by, film, "films.clip_marked", clip=made.pk, first=first, last=last, principle=principle)
    return made


@action
def change_mark(*, by: Person, clip: Clip, revision: int, first: int, last: int, principle: int, behaviour: str = "",
                note: str = "") -> Clip:
    """Changes an own mark. `revision` is the one that the page has: an older one changes nothing."""
    film = clip.film
    need_caseload(by, film.family)
    before = clip.behaviour if principle == clip.principle else ""
    _can_mark(words.still_there(film), first, last, principle, behaviour, before)
    clip = Clip.objects.select_for_update(of=("self",)).select_related("film__family__site").get(pk=clip.pk)
    _own(by, film, clip)
    if clip.taken_out_at is not None:
        raise Refused("This clip has been taken out. Mark it again if the family wants it back.")
    if clip.revision != revision:
        raise Refused(CHANGED)
    clip.first, clip.last, clip.principle, clip.behaviour = first, last, principle, behaviour
    clip.note, clip.revision = note.strip()[:300], revision + 1
    clip.save(update_fields=["first", "last", "principle", "behaviour", "note", "revision"])
    _told(by, film, "films.clip_changed", clip=clip.pk, first=first, last=last, principle=principle)
    return clip


def _can_mark(film: Film, first: int, last: int, principle: int, behaviour: str, before: str = "") -> None:
    """`before`: what the mark names already, which stands even where a newer file of behaviours lacks it."""
    policies.can_mark(film, first, last, principle or 1)
    if behaviour and behaviour != before and behaviour not in material.behaviours().get(principle, {}):
        raise Refused("This behaviour is not one of those under the principle.")


def _own(by: Person, film: Film, clip: Clip) -> Clip:
    if clip.marked_by_id != by.pk or clip.film_id != film.pk:
        raise Refused("This mark is somebody else's. Make one of your own beside it.")
    return clip


def _told(by: Person, film: Film, verb: str, **what: Any) -> None:
    record(by=by, verb=verb, family=film.family.code, site=film.family.site.code, film=film.pk, **what)


@action
def order_reel(*, by: Person, film: Film, clips: Sequence[int]) -> list[int]:
    """Makes the reel of the film's cycle out of these clips, in this order. An empty one shows all clips again."""
    need_caseload(by, film.family)
    cycle = Clip.objects.filter(film__family=film.family, film__session__cycle=film.session.cycle)
    found = {clip.pk: clip for clip in cycle.filter(pk__in=clips, taken_out_at=None, film__closed_at=None)}
    if len(set(clips)) != len(clips) or set(found) != set(clips):
        raise Refused("A clip of this reel is not there any more. The page shows those that are.")
    ReelClip.objects.filter(clip__in=cycle).delete()
    ReelClip.objects.bulk_create([ReelClip(clip=found[number], place=place) for place, number in enumerate(clips)])
    _told(by, film, "films.reel_ordered", clips=list(clips))
    return list(clips)


@action
def keep_still(*, by: Person, film: Film, frame: int) -> Still:
    """Keeps the number of a picture; the picture itself is made when it is looked at."""
    need_to_watch(by, film)
    _within(film, frame, frame)
    made, new = Still.objects.get_or_create(film=film, frame=frame, defaults={"by": by, "at": clock.now()})
    if new:
        _told(by, film, "films.still_made", still=made.pk, frame=frame)
    return made


@action
def comment(*, by: Person, film: Film, key: str, first: int, last: int, text: str) -> Comment:
    """A word at a time of a film. Practitioner and supervisor both write; the trail notes that, not the words."""
    need_to_watch(by, words.still_there(film))
    _within(film, first, last)
    known = Comment.objects.filter(key=key, by=by, film=film).first()
    if known is not None:
        return known
    if not 1 <= len(text.strip()) <= 500:
        raise Refused("Write the comment in 1 to 500 characters.")
    made = Comment.objects.create(film=film, first=first, last=last, text=text.strip(), by=by, at=clock.now(), key=key)
    _told(by, film, "films.commented", comment=made.pk, first=first, last=last)
    return made


def _within(film: Film, first: int, last: int) -> None:
    try:
        Marks(first, last).within(film.frames)
    except FilmError as error:
        raise Refused(str(error)) from None
