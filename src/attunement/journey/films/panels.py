"""What this stage shows on the start page, on a practitioner's page of a family, and on a family's record."""

from __future__ import annotations

from django.urls import reverse

from attunement.journey.films import policies, queries
from attunement.journey.films.models import Film
from attunement.journey.films.permissions import own_sessions
from attunement.journey.people.models import Person
from attunement.journey.people.registry import Panel, Tile, caseload_panels, menu, panels, tiles
from attunement.journey.referral.models import Family


def lines(person: Person) -> list[Tile]:
    found = []
    if person.may("films.hold"):
        found.append(Tile("Legal holds on films", reverse("film_holds"), "What keeps a film from being deleted"))
    if person.may("films.keys"):
        found.append(Tile("How films are kept", reverse("films_store"), "The store, the scanner, the key on paper"))
    if person.may("films.watch"):
        note = "Of the families on your caseload" if person.may("films.add") else "That families agreed to share"
        found.append(Tile("Films", reverse("films"), note, Film.visible_to(person).count()))
    if person.may("films.material"):
        found.append(Tile("Material of licence-holders", reverse("films_material"),
                          "Behaviours under the principles, the skills form"))
    return found


def panel(person: Person, family: Family) -> Panel | None:
    """The family's films, each with its day and clips; for its practitioner, where a film can be added or reviewed."""
    if not person.may("films.watch"):
        return None
    films = queries.with_clips(Film.visible_to(person).filter(family=family))
    links = [(_film(film), reverse("film", args=[film.pk])) for film in films]
    for session in own_sessions(person).filter(family=family, kind__in=("film", "review")).order_by("number"):
        if session.kind == "review":
            links.append((f"Look at the clips of cycle {session.cycle} together", reverse("review", args=[session.pk])))
        if policies.has_come(session):
            links.append((f"Add a film to session {session.number}", reverse("add_film", args=[session.pk])))
    return Panel("Films", [("Films", len(films))], links) if links else None


def _film(film: Film) -> str:
    clips = f"{film.marked} clip{'' if film.marked == 1 else 's'}"  # type: ignore[attr-defined]
    closed = ", closed" if film.closed_at else ""
    return f"Film of {film.day:%-d %B %Y}, session {film.session.number}: {clips}{closed}"


tiles.append(lines)
menu.append(("films.watch", "Films", "films"))
panels.append(panel)
caseload_panels.append(panel)
