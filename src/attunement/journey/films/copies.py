"""Copies that leave: a clip or a reel for the parent or for training, each with its own consent, each listed.

A reel may hold clips of several films of one family. Each film answers for its own: one that is not shared for this
copy keeps the whole from being made, and each lists the copy among those given out of it.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING

from django.db.models import F

from attunement.film import FilmError, Part, reel
from attunement.film.sealed import SealedError
from attunement.journey.delivery.permissions import need_caseload
from attunement.journey.films import store
from attunement.journey.films.models import Clip, CopyOut, Film
from attunement.journey.films.permissions import shared
from attunement.journey.people.models import Person
from attunement.journey.trail import clock
from attunement.journey.trail.actions import action, record
from attunement.journey.trail.errors import Refused

if TYPE_CHECKING:
    from django.db.models import QuerySet

_WORDS = {"parent_copy": "The family has not agreed to a copy of {}.",
          "training": "The family has not agreed that {} is used in training."}
MOST_SECONDS = 10 * 60


def may_hold(film: Film) -> QuerySet[Clip]:
    """The clips that a copy made from this film's page may hold, its family's other films' among them, as reels go."""
    clips = Clip.objects.select_related("film__session").filter(
        film__family=film.family_id, film__closed_at=None, film__deleted_at=None, film__deletion=None,
        film__of_review=None, taken_out_at=None)
    return clips.order_by("film__session__number", F("in_reel__place").asc(nulls_last=True), "film__added_at", "film",
                          "first", "last", "pk")


def make_copy(*, by: Person, film: Film, clips: Sequence[Clip], whom: str) -> tuple[CopyOut, bytes]:
    """One clip, or several as a reel in this order, as a film of their own: nothing else is in it.

    `film`: from whose page it is asked; the clips are its own or of other films of its family. It is made in memory.
    Each film's row and entry are committed before anybody is handed a byte. The row is the first clip's film's.
    """
    _may(by, film, clips, whom)
    try:
        with ExitStack() as stack, io.BytesIO() as made:
            clear = {pk: stack.enter_context(store.open_film(pk, store.WORKING))
                     for pk in dict.fromkeys(clip.film_id for clip in clips)}
            reel([Part(clear[clip.film_id], clip.first, clip.last) for clip in clips], made)  # type: ignore[arg-type]
            content = made.getvalue()
    except (FilmError, SealedError, OSError):
        raise Refused("This copy could not be made. Tell the system owner.") from None
    return _give_out(by=by, film=film, clips=clips, whom=whom, content=content), content


def _may(by: Person, film: Film, clips: Sequence[Clip], whom: str) -> None:
    need_caseload(by, film.family)
    if whom not in _WORDS:
        raise Refused("Choose whom the copy is for.")
    for each in _films(film, clips):
        own = each.pk == film.pk
        if each.family_id != film.family_id:
            raise Refused("A copy holds clips of one family only.")
        if not shared(each, whom):
            raise Refused(_WORDS[whom].format("this film" if own else f"the film of {each.day:%-d %B %Y}"))
        if each.ready_at is None:
            raise Refused(f"{'The film' if own else f'The film of {each.day:%-d %B %Y}'} is still being made ready. A copy "
                          "can be made in a few minutes.")
    if not clips:
        raise Refused("Choose at least one clip.")
    if any(clip.taken_out_at is not None for clip in clips):
        raise Refused("A clip that was taken out goes into no copy.")
    if sum((clip.last - clip.first + 1) / clip.film.rate for clip in clips) > MOST_SECONDS:
        raise Refused("A copy holds ten minutes at most. Choose fewer clips.")


def _films(film: Film, clips: Sequence[Clip]) -> list[Film]:
    """Each film once, in the order of the clips; without clips the one whose page it is."""
    return list({clip.film_id: clip.film for clip in clips}.values()) or [film]


@action
def _give_out(*, by: Person, film: Film, clips: Sequence[Clip], whom: str, content: bytes) -> CopyOut:
    """Asks again under a lock, as what was said may have changed meanwhile, and lists the copy with each film."""
    locked = Film.objects.select_for_update(of=("self",)).select_related("family__site", "session").order_by("pk")
    list(locked.filter(pk__in={clip.film_id for clip in clips}))
    fresh = {clip.pk: clip for clip in Clip.objects.select_related("film__family__site", "film__session").filter(
        pk__in=[clip.pk for clip in clips])}
    _may(by, film, [fresh[clip.pk] for clip in clips], whom)
    digest, now = hashlib.sha256(content).hexdigest(), clock.now()
    made = []
    for each in _films(film, list(fresh[clip.pk] for clip in clips)):
        own = [clip.pk for clip in clips if clip.film_id == each.pk]
        made.append(CopyOut.objects.create(film=each, clips=own, whom=whom, by=by, at=now, sha256=digest,
                                           size=len(content)))
        record(by=by, verb="films.copy_given_out", family=each.family.code, site=each.family.site.code, film=each.pk,
               copy=made[-1].pk, clips=own, reel=[clip.pk for clip in clips], whom=whom, sha256=digest)
    return made[0]
