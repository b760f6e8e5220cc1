"""May a film be added, or a clip marked, now?"""

from __future__ import annotations

from attunement.film.clips import Clip as Marks
from attunement.film.errors import FilmError
from attunement.journey.consent import queries as consent
from attunement.journey.delivery.models import Session
from attunement.journey.films.models import Film
from attunement.journey.trail import versions
from attunement.journey.trail.errors import Refused


def can_add(session: Session) -> None:
    if session.kind not in ("film", "review"):
        raise Refused("Films belong to a film session or a shared review.")
    if session.state != "held":
        raise Refused("Record the session as held first.")
    if not consent.allows(session.family, "filming"):
        raise Refused("The family does not agree to be filmed.")


def can_mark(film: Film, first: int, last: int, principle: int) -> None:
    try:
        Marks(first, last).within(film.frames)
    except FilmError as error:
        raise Refused(str(error)) from None
    if not 1 <= principle <= len(versions.current().delivery.principles):
        raise Refused("Choose the principle that you see in the clip.")
