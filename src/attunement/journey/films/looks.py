"""A film at a glance, for the desk: small pictures and how loud it is."""

from __future__ import annotations

import base64
from functools import lru_cache
from typing import Any
from uuid import UUID

from attunement.film import FilmError, look
from attunement.film.look import EVERY
from attunement.film.sealed import SealedFile
from attunement.journey.films import preparing, store
from attunement.journey.films.models import Film
from attunement.journey.films.preparing import Look

ACROSS = 10
_AT_ONCE = 60


def opened(film: Film) -> SealedFile:
    """The film's working copy, where there is one; else the film as it came."""
    return store.open_film(film.pk, store.WORKING if film.ready_at else "")


def look_of(film: Film) -> Look | None:
    """What the worker has made; of a film of a minute, which it has not come to yet, made now. None for any other."""
    try:
        return preparing.look_of(film) or (_now(film.pk) if film.facts["seconds"] <= _AT_ONCE else None)
    except FilmError:
        return None


@lru_cache(maxsize=4)
def _now(film: UUID) -> Look:
    with store.open_film(film) as clear:
        found = look(clear)  # type: ignore[arg-type]
    about = {"sheets": len(found.sheets), "pictures": found.pictures, "width": found.width, "height": found.height}
    return Look(about, found.sheets, found.peaks.tobytes())


def glance(film: Film) -> dict[str, Any]:
    """What the page draws: how the sheets are cut, and the peaks of each 10 ms as signed bytes, lowest and highest."""
    found = look_of(film)
    if found is None:
        return {"pictures": 0, "peaks": ""}
    return {**found.about, "across": ACROSS, "every": EVERY, "peaks": base64.b64encode(found.peaks).decode()}


def sheet(film: Film, number: int) -> bytes | None:
    found = look_of(film)
    return found.sheets[number] if found is not None and number < len(found.sheets) else None
