"""May this person see this film?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import OuterRef, Q, Subquery

from attunement.journey.consent import queries as consent
from attunement.journey.consent.models import Statement
from attunement.journey.delivery.models import Session
from attunement.journey.delivery.permissions import caseload
from attunement.journey.films.models import Clip, Deletion, Film, ReviewFilm, Sharing
from attunement.journey.referral.models import Family
from attunement.journey.trail import versions

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from attunement.journey.people.models import Person

# What a family must agree to as a whole before a film of it may be shared so.
WHATS: dict[str, tuple[str, ...]] = {
    "practitioner": ("filming",), "supervisor": ("filming", "supervision"), "peers": ("filming", "training"),
    "research": ("filming",), "training": ("filming", "training"), "parent_copy": ("filming", "copies")}

# Who may have a film of a shared review: it was agreed to for supervision and for nothing else.
OF_REVIEW = ("practitioner", "supervisor")


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
    """All films of the own caseload, those that are closed too; others' only while they are shared with this person."""
    films = Film.objects.select_related("family__site", "session")
    known = Q(family__in=caseload(person))
    for audience in others_of(person):
        known |= Q(pk__in=shared_with(audience).values("pk"))
    return films.filter(known)


def others_of(person: Person) -> list[str]:
    """The audiences that this person belongs to for films of families not on the own caseload."""
    belongs = {"supervisor": person.may("films.supervise"), "peers": person.may("films.add"),
               "research": person.may("films.rate") and person.may("arms.see")}
    return [audience for audience, yes in belongs.items() if yes]


def shared_with(audience: str) -> QuerySet[Film]:
    """`shared` asked of all films at once."""
    newest = Sharing.objects.filter(film=OuterRef("pk"), audience=audience).order_by("-id").values("given")[:1]
    open_films = Film.objects.filter(closed_at=None, deleted_at=None, deletion=None, shot_complete=True,
                                     family__in=_agreeing(*WHATS[audience]))
    if audience not in OF_REVIEW:
        open_films = open_films.filter(of_review=None)
    return open_films.alias(said=Subquery(newest)).filter(said=True)


def shared(film: Film, audience: str) -> bool:
    """Does the family let this audience have this film now? Everybody in shot named, or it is its practitioner's only."""
    if film.closed_at is not None or film.deleted_at is not None or Deletion.objects.filter(film=film).exists():
        return False
    if audience != "practitioner" and not film.shot_complete:
        return False
    if audience not in OF_REVIEW and ReviewFilm.objects.filter(film=film).exists():
        return False
    if not all(consent.allows(film.family, what) for what in WHATS[audience]):
        return False
    said = Sharing.objects.filter(film=film, audience=audience).order_by("-id").values_list("given", flat=True).first()
    return audience == "practitioner" if said is None else said


def may_watch(person: Person, film: Film) -> bool:
    """Asked at every range request, so that a withdrawal stops the next one. No role opens what is not shared with it."""
    if is_own(person, film.family):
        return shared(film, "practitioner")
    return any(shared(film, audience) for audience in others_of(person))


def own_sessions(person: Person) -> QuerySet[Session]:
    return Session.objects.select_related("family__site").filter(family__in=caseload(person))


def clips_to_review(review: Session) -> QuerySet[Clip]:
    """The reel of the cycle that this shared review belongs to; with no reel all its clips, in the order of the film."""
    films = Film.objects.filter(session__family=review.family, session__kind="film", session__cycle=review.cycle,
                                closed_at=None, deleted_at=None, deletion=None)
    if not consent.allows(review.family, "filming"):
        films = films.none()
    clips = Clip.objects.select_related("film").filter(film__in=films, taken_out_at=None)
    if clips.exclude(in_reel=None).exists():
        return clips.exclude(in_reel=None).order_by("in_reel__place", "pk")
    return clips.order_by("film__added_at", "first", "last", "pk")
