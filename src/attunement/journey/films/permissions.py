"""May this person see this film?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attunement.journey.consent import queries as consent
from attunement.journey.delivery.permissions import caseload
from attunement.journey.films.models import Film

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from attunement.journey.people.models import Person


def films_of(person: Person) -> QuerySet[Film]:
    films = Film.objects.select_related("family__site", "session")
    if person.may("films.supervise"):
        return films
    if person.may("films.watch"):
        return films.filter(family__in=caseload(person))
    return films.none()


def may_watch(person: Person, film: Film) -> bool:
    """Asked at every range request, so that a withdrawal stops the next one."""
    if not consent.allows(film.family, "filming"):
        return False
    if person.may("films.watch") and caseload(person).filter(pk=film.family_id).exists():
        return True
    return person.may("films.supervise") and consent.allows(film.family, "supervision")
