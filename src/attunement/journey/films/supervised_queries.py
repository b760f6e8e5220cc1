"""What a supervisor sees of a filmed review: what was played when, and both answers to the skills form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from attunement.journey.films.material import SkillsForm
from attunement.journey.films.models import Film, Seen, SkillRating
from attunement.journey.films.permissions import may_watch
from attunement.journey.people.models import Person

WORDS = {"play": "A moment is played", "slow": "A moment is played slowly", "pause": "The film is stopped",
         "said": "The parent says something", "out": "The parent takes a moment out", "end": "The end"}
SAID = {"like": "“I like this”", "new": "“I had not seen that”", "more": "“More of this”",
        "hard": "“This is hard to look at”"}


@dataclass(frozen=True)
class Event:
    """Something in the review: `seconds` into its film; of a clip its film's address and frames, where it is shared."""

    seconds: float
    kind: str
    words: str
    play: str
    first: int
    last: int
    frame: int

    @property
    def at(self) -> str:
        return f"{int(self.seconds) // 60}:{int(self.seconds) % 60:02}"


def events(film: Film, person: Person) -> list[Event]:
    """In the order of the tablet's clock, those that lie within the film."""
    linked = film.of_review
    seen = Seen.objects.filter(review=linked.review).select_related("clip__film__family__site")
    films: dict[Any, bool] = {}
    found = []
    for each in seen:
        seconds = (each.at_ms - linked.began_ms) / 1000
        if 0 <= seconds <= film.facts["seconds"] + 1:
            found.append(_event(each, seconds, person, films))
    return found


def _event(each: Seen, seconds: float, person: Person, films: dict[Any, bool]) -> Event:
    clip = each.clip
    if clip is not None and clip.film_id not in films:
        films[clip.film_id] = may_watch(person, clip.film)
    shared = clip is not None and films[clip.film_id] and clip.taken_out_at is None
    words = f"{WORDS[each.kind]}: {SAID.get(each.code, each.words)}" if each.kind == "said" else WORDS[each.kind]
    if clip is None or not shared:
        return Event(seconds, each.kind, words, "", 0, 0, 0)
    frame = each.frame if each.frame is not None else clip.first
    return Event(seconds, each.kind, words, reverse("play", args=[clip.film_id]), clip.first, clip.last, frame)


@dataclass(frozen=True)
class Line:
    """A line of the skills form and what each has said."""

    words: str
    own: str
    other: str


def ratings(film: Film, form: SkillsForm, own: SkillRating | None) -> list[Line]:
    """Both answers, once this person has given the own ones; before that, nothing is shown to lean on."""
    if own is None:
        return []
    other = film.ratings.filter(form=form.slug).exclude(pk=own.pk).order_by("-at").first()
    return [Line(words, _step(form, own, code), _step(form, other, code)) for code, words in form.items.items()]


def _step(form: SkillsForm, rating: SkillRating | None, code: str) -> str:
    step = rating.answers.get(code, 0) if rating is not None else 0
    return form.scale[step - 1] if 1 <= step <= len(form.scale) else ""
