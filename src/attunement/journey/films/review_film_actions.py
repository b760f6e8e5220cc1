"""A shared review that is filmed too, for supervision: its own consent, what was played beside it, the skills form."""

from __future__ import annotations

from attunement.journey.delivery.models import Session
from attunement.journey.delivery.permissions import need_caseload
from attunement.journey.films import material
from attunement.journey.films.desk_actions import need_to_watch
from attunement.journey.films.models import Film, ReviewFilm, SkillRating
from attunement.journey.people.models import Person
from attunement.journey.trail import clock
from attunement.journey.trail.actions import action, record
from attunement.journey.trail.errors import NotAllowed, Refused

BOTH = "A film of a shared review needs the parent's and the practitioner's word, both given on that day."


@action
def link_review_film(*, by: Person, review: Session, film: Film, began_ms: int, parent: bool,
                     practitioner: bool) -> ReviewFilm:
    """Lays a film beside its shared review by the tablet's clock. Without both consents it is closed at once."""
    need_caseload(by, review.family)
    if review.kind != "review" or film.session_id != review.pk:
        raise Refused("This film was not made in that shared review.")
    if not (parent and practitioner):
        raise Refused(BOTH)
    if not 0 <= began_ms < 1 << 53:
        raise Refused("The clock of the film cannot be read. Film the next review in this page again.")
    made, new = ReviewFilm.objects.get_or_create(
        film=film, defaults={"review": review, "began_ms": began_ms, "agreed_at": clock.now()})
    if new:
        record(by=by, verb="films.review_filmed", family=film.family.code, site=film.family.site.code, film=film.pk,
               number=review.number)
    return made


@action
def end_review_film(*, by: Person, film: Film) -> None:
    """The parent or the practitioner agrees no more: nobody watches this film again."""
    need_caseload(by, film.family)
    found = ReviewFilm.objects.select_for_update(of=("self",)).filter(film=film).first()
    if found is None or found.ended_at is not None:
        raise Refused("This film of a review has been ended already.")
    found.ended_at = clock.now()
    found.save(update_fields=["ended_at"])
    Film.objects.filter(pk=film.pk, closed_at=None).update(closed_at=found.ended_at)
    record(by=by, verb="films.review_film_ended", family=film.family.code, site=film.family.site.code, film=film.pk)


@action
def rate_skills(*, by: Person, film: Film, answers: dict[str, int]) -> SkillRating:
    """One person's answers to the skills form, from 1; a later word of the same person takes the earlier one's place."""
    need_to_watch(by, film)
    if not (film.added_by_id == by.pk or by.may("films.supervise")):
        raise NotAllowed("Trainee and supervisor rate this form.")
    if not ReviewFilm.objects.filter(film=film).exists():
        raise Refused("The skills form is for films of shared reviews.")
    form = material.skills_form()
    if set(answers) != set(form.items) or not all(1 <= step <= len(form.scale) for step in answers.values()):
        raise Refused("Answer every line of the form.")
    made, _new = SkillRating.objects.update_or_create(
        film=film, by=by, form=form.slug, defaults={"answers": answers, "at": clock.now()})
    record(by=by, verb="films.skills_rated", family=film.family.code, site=film.family.site.code, film=film.pk)
    return made
