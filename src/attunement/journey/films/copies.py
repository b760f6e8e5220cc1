"""Copies that leave: a clip or a reel for the parent or for training, each with its own consent, each listed."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence

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

_WORDS = {"parent_copy": "The family has not agreed to a copy of this film.",
          "training": "The family has not agreed that this film is used in training."}
MOST_SECONDS = 10 * 60


def make_copy(*, by: Person, film: Film, clips: Sequence[Clip], whom: str) -> tuple[CopyOut, bytes]:
    """One clip, or several as a reel in this order, as a film of their own: nothing else is in it.

    It is made in memory. The row and its entry are committed before anybody is handed a byte.
    """
    _may(by, film, clips, whom)
    try:
        with store.open_film(film.pk, store.WORKING) as clear, io.BytesIO() as made:
            reel([Part(clear, clip.first, clip.last) for clip in clips], made)  # type: ignore[arg-type]
            content = made.getvalue()
    except (FilmError, SealedError, OSError):
        raise Refused("This copy could not be made. Tell the system owner.") from None
    return _give_out(by=by, film=film, clips=clips, whom=whom, content=content), content


def _may(by: Person, film: Film, clips: Sequence[Clip], whom: str) -> None:
    need_caseload(by, film.family)
    if whom not in _WORDS:
        raise Refused("Choose whom the copy is for.")
    if not shared(film, whom):
        raise Refused(_WORDS[whom])
    if film.ready_at is None:
        raise Refused("The film is still being made ready. A copy can be made in a few minutes.")
    if not clips:
        raise Refused("Choose at least one clip.")
    if any(clip.film_id != film.pk or clip.taken_out_at is not None for clip in clips):
        raise Refused("A clip that was taken out goes into no copy.")
    if sum(clip.last - clip.first + 1 for clip in clips) > MOST_SECONDS * film.rate:
        raise Refused("A copy holds ten minutes at most. Choose fewer clips.")


@action
def _give_out(*, by: Person, film: Film, clips: Sequence[Clip], whom: str, content: bytes) -> CopyOut:
    film = Film.objects.select_for_update(of=("self",)).select_related("family__site").get(pk=film.pk)
    _may(by, film, clips, whom)
    made = CopyOut.objects.create(film=film, clips=[clip.pk for clip in clips], whom=whom, by=by, at=clock.now(),
                                  sha256=hashlib.sha256(content).hexdigest(), size=len(content))
    record(by=by, verb="films.copy_given_out", family=film.family.code, site=film.family.site.code, film=film.pk,
           copy=made.pk, clips=made.clips, whom=whom, sha256=made.sha256)
    return made
