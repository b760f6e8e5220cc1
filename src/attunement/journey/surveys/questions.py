"""The questions of a time point, in order and in the family's words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings

from attunement import instruments
from attunement.journey.trail import versions
from attunement.journey.trail.errors import Refused
from attunement.study.pseudo import pseudo
from attunement.study.schema import TimePoint

SKIP = "skip"


@dataclass(frozen=True)
class Question:
    """One item on screen. `place` counts from 1 over the whole questionnaire."""

    place: int
    instrument: str
    item: int
    instruction: str
    text: str
    options: tuple[tuple[str, str], ...]
    notice: str


def time_point(code: str, version: int | None = None) -> TimePoint:
    study = versions.current() if version is None else versions.numbered(version)
    for point in study.time_points:
        if point.code == code:
            return point
    raise Refused("The study has no questionnaire of that name.")


@lru_cache(maxsize=64)
def asked(version: int, code: str, language: str) -> tuple[Question, ...]:
    """Every question of a time point. Refused, with the file that is wanting, when an instrument has no words."""
    made_up = any(known.code == language and known.made_up for known in versions.numbered(version).languages)
    questions: list[Question] = []
    for slug in time_point(code, version).instruments:
        try:
            words = instruments.wording(slug, language, folders=folders(), derive=pseudo if made_up else None)
            key = instruments.load(slug, folders())
        except instruments.InstrumentError as error:
            raise Refused(f"This questionnaire cannot be opened: {error}") from None
        for item in key.items:
            options = tuple((str(option), label) for option, label in words.options_for(item))
            questions.append(Question(len(questions) + 1, slug, item.number, words.instruction, words.items[item.number],
                                      options, words.notice))
    return tuple(questions)


def folders() -> tuple[object, ...]:
    """Wordings that the deployer holds a licence for lie in the data directory."""
    return (settings.PLACE.root / "instruments",)


def read(text: str) -> tuple[str, int | None]:
    """A form's value as (kind, number). Refused when it is neither an option's code nor a skip."""
    if text == SKIP:
        return "skipped", None
    if text == "na":
        return "na", None
    if text.isascii() and text.isdigit() and len(text) <= 4:
        return "value", int(text)
    raise Refused("Choose one of the answers.")
