"""What a rehearsal does with its films beyond adding and marking: the reel, the shared review, comments."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from attunement.journey.delivery.models import Session
from attunement.journey.films import desk_actions, review_actions
from attunement.journey.films.models import Clip, Film
from attunement.journey.films.permissions import clips_to_review, may_watch
from attunement.journey.people.models import Person
from attunement.journey.trail import clock

_NAMES = uuid.UUID("3d1f6a0e-5f2b-4b58-9c0a-7c7d0a4f1b2e")
_A_MOMENT = 45_000
_TAPS = ("like", "new", "more")


def order(*, by: Person, film: Film, clips: int) -> None:
    """Once all its moments are marked, the last comes first: what the practitioner wants to end on comes last."""
    marked = list(film.clips.filter(taken_out_at=None).order_by("first"))
    if len(marked) == clips:
        desk_actions.order_reel(by=by, film=film, clips=[clip.pk for clip in [marked[-1], *marked[:-1]]])


def look_together(*, by: Person, review: Session) -> None:
    """Each moment is played, the second slowly, and the parent says something to each."""
    begun = int(clock.now().timestamp() * 1000)
    for number, clip in enumerate(clips_to_review(review)):
        at = begun + number * _A_MOMENT
        kind = "slow" if number == 1 else "play"
        for later, facts in ((0, {"kind": kind}), (20_000, {"kind": "said", "code": _TAPS[number % len(_TAPS)]})):
            key = str(uuid.uuid5(_NAMES, f"{review.pk} {clip.pk} {later}"))
            review_actions.note(by=by, review=review, said={"key": key, "clip": clip.pk, "frame": clip.first,
                                                            "at": at + later, **facts})


def talk_about(*, trainee: Person, supervisor: Person, films: Sequence[str]) -> None:
    """A word at a time of each film, from the trainee and back."""
    for film in Film.objects.select_related("family__site").filter(pk__in=films):
        clip = Clip.objects.filter(film=film, taken_out_at=None).order_by("first").first()
        if clip is None or not (may_watch(trainee, film) and may_watch(supervisor, film)):
            continue
        for by, text in ((trainee, "Here I am not sure who began."), (supervisor, "Look who looks up first.")):
            desk_actions.comment(by=by, film=film, key=str(uuid.uuid5(_NAMES, f"{film.pk} {by.pk}")),
                                 first=clip.first, last=clip.last, text=text)
