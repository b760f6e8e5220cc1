"""What people wrote or noted of a film: free text, which goes when the film goes."""

from __future__ import annotations

from attunement.journey.delivery.models import Session
from attunement.journey.films.models import Clip, Comment, Film, InShot, Seen
from attunement.journey.trail.errors import Refused


def still_there(film: Film) -> Film:
    """The film's row, locked until the words beside it are kept, so that none comes after its deletion."""
    found = Film.objects.select_for_update(of=("self",)).select_related("family__site", "session").get(pk=film.pk)
    if found.deleted_at is not None:
        raise Refused("This film has been deleted, so nothing more is written about it.")
    return found


def are_gone(review: Session, clip: Clip | None) -> bool:
    """Is the film gone to which a word said in a shared review belongs: its clip's, or else every one of its cycle?"""
    if clip is not None:
        films = Film.objects.filter(pk=clip.film_id)
    else:
        films = Film.objects.filter(family=review.family_id, session__cycle=review.cycle)
    gone = [film.deleted_at is not None for film in films.select_for_update()]
    return bool(gone) and all(gone)


def wipe(film: Film) -> dict[str, int]:
    """Empties every text on a film that is gone; how many of each kind there were.

    That somebody marked, commented or spoke, who, when and at which pictures, stays. What a parent said in a shared
    review goes with the film whose clip was on the screen; said to none, with the last film of its cycle.
    """
    texts = {"notes": Clip.objects.filter(film=film).exclude(note=""),
             "comments": Comment.objects.filter(film=film).exclude(text=""),
             "said": Seen.objects.filter(clip__film=film).exclude(words="")}
    wiped = {"notes": texts["notes"].update(note=""), "comments": texts["comments"].update(text=""),
             "said": texts["said"].update(words=""), "in_shot": InShot.objects.filter(film=film).delete()[0]}
    others = Film.objects.filter(family=film.family_id, session__cycle=film.session.cycle, deleted_at=None)
    if not others.exclude(pk=film.pk).exists():
        of_cycle = Seen.objects.filter(review__family=film.family_id, review__cycle=film.session.cycle, clip=None)
        wiped["said"] += of_cycle.exclude(words="").update(words="")
    return wiped
