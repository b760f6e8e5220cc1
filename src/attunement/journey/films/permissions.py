"""May this person see this film?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import OuterRef, Q, Subquery

from attunement.journey.consent import queries as consent
from attunement.journey.consent.models import Statement
from attunement.journey.delivery.models import Session
from attunement.journey.delivery.permissions import caseload
from attunement.journey.films.models import Clip, Film
from attunement.journey.referral.models import Family
from attunement.journey.trail import versions

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from attunement.journey.people.models import Person


def _agreeing(*whats: str) -> QuerySet[Family]:
    """The families for which `consent.allows` holds for each of `whats`, asked of all at once."""
    newest = Statement.objects.filter(family=OuterRef("pk")).order_by("-id")
    wanted = [purpose.code for purpose in versions.current().consent.purposes if set(whats) & set(purpose.stops)]
    families = Family.objects.all()
    for number, code in enumerate(wanted):
        said = {f"said_{number}": Subquery(newest.filter(purpose=code).values("given")[:1])}
        families = families.alias(**said).filter(**{f"said_{number}": True})
    return families


def is_own(person: Person, family: Family) -> bool:
    return caseload(person).filter(pk=family.pk).exists()


def films_of(person: Person) -> QuerySet[Film]:
    """All films of the own caseload, those that are closed too; a supervisor's, only what may be watched."""
    films = Film.objects.select_related("family__site", "session")
    own = Q(family__in=caseload(person))
    if not person.may("films.supervise"):
        return films.filter(own)
    return films.filter(own | Q(closed_at=None, family__in=_agreeing("filming", "supervision")))


def may_watch(person: Person, film: Film) -> bool:
    """Asked at every range request, so that a withdrawal stops the next one."""
    if film.closed_at is not None or not consent.allows(film.family, "filming"):
        return False
    if is_own(person, film.family):
        return True
    return person.may("films.supervise") and consent.allows(film.family, "supervision")


def own_sessions(person: Person) -> QuerySet[Session]:
    return Session.objects.select_related("family__site").filter(family__in=caseload(person))


def clips_to_review(review: Session) -> QuerySet[Clip]:
    """The reel of the cycle that this shared review belongs to; with no reel all its clips, in the order of the film."""
    films = Film.objects.filter(session__family=review.family, session__kind="film", session__cycle=review.cycle,
                                closed_at=None)
    if not consent.allows(review.family, "filming"):
        films = films.none()
    clips = Clip.objects.select_related("film").filter(film__in=films, taken_out_at=None)
    if clips.exclude(in_reel=None).exists():
        return clips.exclude(in_reel=None).order_by("in_reel__place", "pk")
    return clips.order_by("film__added_at", "first", "last", "pk")
