"""Films for the tests of that stage: real H.264, made once, and families that have sessions to add them to."""

from __future__ import annotations

import io
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from attunement.film.made_up import make_film
from attunement.journey.delivery import actions as delivery
from attunement.journey.delivery.models import Session
from attunement.journey.films import actions
from attunement.journey.films.models import Film
from attunement.journey.films.store import Arriving, book
from attunement.journey.referral.models import Family
from attunement.journey.trail import clock


@lru_cache(maxsize=8)
def mp4(seed: int = 1, seconds: int = 2) -> bytes:
    """A film of 60 pictures, or more, at 30 a second, with sound."""
    file = io.BytesIO()
    make_film(file, seconds=seconds, seed=seed, width=160, height=128)
    return file.getvalue()


def telling(film: bytes) -> list[bytes]:
    """Pieces of 24 bytes that nothing else holds: empty runs and tables of a film say nothing."""
    pieces = (film[place:place + 24] for place in range(0, len(film) - 24, 251))
    return [piece for piece in pieces if len(set(piece)) > 16]


class Clear:
    """Known bytes, searched for in whole files at once: by their first three, and then in full."""

    def __init__(self, pieces: list[bytes]) -> None:
        self.pieces, self.starts = set(pieces), np.zeros(1 << 24, bool)
        self.starts[[int.from_bytes(piece[:3], "big") for piece in pieces]] = True
        self.length = len(pieces[0])

    def is_in(self, held: bytes) -> bool:
        read = np.frombuffer(held, np.uint8).astype(np.uint32)
        found = np.flatnonzero(self.starts[read[:-2] << 16 | read[1:-1] << 8 | read[2:]])
        return any(held[place : place + self.length] in self.pieces for place in found.tolist())


def filmed(programme: Any, practitioner: str = "practitioner") -> Family:
    """A family whose first film session was held."""
    family = programme.assigned(practitioner)
    film_session = family.sessions.get(kind="film", cycle=1)
    by = programme.people[practitioner]
    delivery.record_session(by=by, session=film_session, state="held", held_on=clock.today(), minutes=60)
    return family


def session(family: Family, kind: str = "film", cycle: int = 1) -> Session:
    return family.sessions.get(kind=kind, cycle=cycle)


def arrived(content: bytes) -> Arriving:
    arriving = Arriving()
    arriving.write(content)
    arriving.finish()
    return arriving


def added(programme: Any, family: Family, content: bytes | None = None, by: str = "practitioner") -> Film:
    return actions.add_film(by=programme.people[by], session=session(family), arriving=arrived(content or mp4()),
                            reaffirmed=True)


def sent(content: bytes, name: str = "film.mp4", **fields: Any) -> dict[str, Any]:
    """The upload form, filled in."""
    return {"agreed": "on", "film": SimpleUploadedFile(name, content, "video/mp4"), **fields}


def on_disk() -> set[Path | str]:
    """Every file of films, and the name of every film that has a key."""
    return {*(settings.PLACE.root / "films").glob("*"), *book().films()}


def a_week_on() -> Any:
    return clock.at(clock.now() + timedelta(days=7))


def day(number: int) -> date:
    return clock.today() + timedelta(days=number)
