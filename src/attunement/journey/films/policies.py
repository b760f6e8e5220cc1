"""May a film be added, or a clip marked, now?"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import transaction

from attunement.film.clips import Clip as Marks
from attunement.film.errors import FilmError
from attunement.journey.consent import queries as consent
from attunement.journey.delivery.models import Session
from attunement.journey.films import tending
from attunement.journey.films.models import Deletion, Film, Upload
from attunement.journey.referral.models import Family
from attunement.journey.trail import clock, versions
from attunement.journey.trail.actions import Rule, record
from attunement.journey.trail.errors import Refused

LONGEST_MINUTES = 90
TOO_LARGE = "This film is larger than 4 gigabytes, so it cannot be kept. Make it shorter."


def can_add(session: Session) -> None:
    if session.kind not in ("film", "review"):
        raise Refused("Films belong to a film session or a shared review.")
    if not has_come(session):
        raise Refused("Record the session as held first.")
    if not consent.allows(session.family, "filming"):
        raise Refused("The family does not agree to be filmed.")
    if session.family.changes.filter(kind__in=consent.ENDS_CONTACT, ended_on=None).exists():
        raise Refused("The family's circumstances have changed, so no film is added any more.")


def has_come(session: Session) -> bool:
    """Held, or planned for a day that has come: then it is being held, and can be filmed in the page."""
    return session.state == "held" or (session.state == "planned" and session.planned_for <= clock.today())


def agreed_again(reaffirmed: bool) -> None:
    """The study file says whether the family is asked again before each film."""
    purposes = versions.current().consent.purposes
    if not reaffirmed and any(purpose.reaffirmed for purpose in purposes if "filming" in purpose.stops):
        raise Refused("Ask the family again before each film. Add the film only if they agreed.")


def not_too_long(length: int | None) -> None:
    if length == 0:
        raise Refused("This file is empty (0 bytes); please copy the film from the camera or phone again.")
    if length is not None and length > settings.MAX_FILM_BYTES:
        raise Refused(TOO_LARGE)


def short_enough(facts: dict[str, Any]) -> None:
    if facts["seconds"] > LONGEST_MINUTES * 60:
        raise Refused(f"This film lasts {facts['seconds'] / 60:.0f} minutes; at most {LONGEST_MINUTES} can be kept. "
                      "Send the part that you need.")


def can_mark(film: Film, first: int, last: int, principle: int) -> None:
    if film.closed_at is not None or film.deleted_at is not None or not consent.allows(film.family, "filming"):
        raise Refused("The family does not agree to be filmed any more, so nothing is marked in this film.")
    if Deletion.objects.filter(film=film).exists():
        raise Refused("This film is being deleted, so nothing is marked in it any more.")
    if not film.frames_hold:
        raise Refused("The film is still being made ready. Its clips can be marked in a few minutes.")
    try:
        Marks(first, last).within(film.frames)
    except FilmError as error:
        raise Refused(str(error)) from None
    if not 1 <= principle <= len(versions.current().delivery.principles):
        raise Refused("Choose the principle that you see in the clip.")


def close_films(family: Family) -> None:
    """What a withdrawal or a change of circumstances does: nobody plays these films again, even after a new yes."""
    Upload.objects.filter(session__family=family, state="arriving").update(until=clock.now())
    transaction.on_commit(tending.wake)
    closed = Film.objects.filter(family=family, closed_at=None).update(closed_at=clock.now())
    if closed:
        record(by=Rule("filming_stopped"), verb="films.closed", family=family.code, site=family.site.code, count=closed)
