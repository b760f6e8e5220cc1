"""What is kept of a film, who watched it, and how long it stays, in the words of a page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from attunement.journey.films import ending_actions, sharing_actions
from attunement.journey.films.models import AUDIENCES, Film, Viewing
from attunement.journey.films.permissions import shared
from attunement.journey.people.roles import ROLES


@dataclass(frozen=True)
class Audience:
    """One audience of a film: what the parent said of it, when and how, and whether it holds now."""

    code: str
    words: str
    given: bool
    said: str
    at: datetime | None
    holds: bool


@dataclass(frozen=True)
class Watched:
    """Somebody opened the film: their role, when, and how much of it was sent, in hundredths."""

    who: str
    role: str
    at: datetime
    hundredths: int


def audiences(film: Film) -> list[Audience]:
    newest = sharing_actions.newest(film)
    found = []
    for code, words in AUDIENCES:
        row = newest.get(code)
        found.append(Audience(code, words, row.given if row else code == "practitioner",
                              row.get_said_display() if row else "", row.made_at if row else None, shared(film, code)))
    return found


def watched(film: Film) -> list[Watched]:
    rows = Viewing.objects.filter(film=film).select_related("by").order_by("-at", "-pk")[:200]
    return [Watched(str(row.by), _role(row), row.at, round(100 * row.share)) for row in rows]


def _role(row: Viewing) -> str:
    held = row.by.holdings.order_by("pk").values_list("role", flat=True).first()
    return ROLES[held].title if held in ROLES else ""


def stays_until(film: Film) -> date | None:
    """The day by which it goes; None while the family's time goes on."""
    return None if film.deleted_at else ending_actions.due_on(film)
