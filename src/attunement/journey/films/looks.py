"""A film at a glance, for the desk: small pictures and how loud it is."""

from __future__ import annotations

import base64
from functools import lru_cache
from typing import Any
from uuid import UUID

from attunement.film import FilmError, Look, look
from attunement.film.look import EVERY
from attunement.journey.films import store
from attunement.journey.films.models import Film

ACROSS = 10


def opened(film: Film) -> Any:
    """The film's working copy, where there is one; else the film as it came."""
    if getattr(film, "working_frames", None):
        return store.open_film(film.pk, "working")  # type: ignore[call-arg,unused-ignore]
    return store.open_film(film.pk)


def look_of(film: Film) -> Look | None:
    """None for a film that gives none."""
    try:
        return _look(film.pk)
    except FilmError:
        return None


@lru_cache(maxsize=4)
def _look(film: UUID) -> Look:
    with store.open_film(film) as clear:
        return look(clear)


def glance(film: Film) -> dict[str, Any]:
    """What the page draws: how the sheets are cut, and the peaks of each 10 ms as signed bytes, lowest and highest."""
    found = look_of(film)
    if found is None:
        return {"pictures": 0, "peaks": ""}
    return {"pictures": found.pictures, "width": found.width, "height": found.height, "across": ACROSS, "every": EVERY,
            "sheets": len(found.sheets), "peaks": base64.b64encode(found.peaks.tobytes()).decode()}


def sheet(film: Film, number: int) -> bytes | None:
    found = look_of(film)
    return found.sheets[number] if found is not None and number < len(found.sheets) else None
