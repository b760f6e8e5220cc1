"""Questions of another system's form as key and wording files; what could not be taken is said line by line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from attunement.instruments.key import Fact, InstrumentError, Item, Key, Scale
from attunement.instruments.wording import Licence, Wording

NOT_RECORDED = "not recorded"
LONG_AGO = date(1990, 1, 1)  # no licence is recorded, so none takes a new questionnaire


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: `texts` and the labels of `options` by language; `place` is where it stands, such as `row 7`."""

    place: str
    name: str
    texts: Mapping[str, str]
    options: tuple[tuple[int, Mapping[str, str]], ...]


@dataclass(frozen=True, slots=True)
class Taken:
    """What a form became: key and wording files, and one remark for each thing that was left behind."""

    keys: tuple[Key, ...]
    wordings: tuple[Wording, ...]
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a form came from, and the licence for its words as far as it is known."""

    slug: str
    title: str
    source: str
    licence: Licence | None = None


def whole_codes(place: str, options: Iterable[tuple[str, Mapping[str, str]]]) -> tuple[tuple[int, Mapping[str, str]], ...]:
    """Options with codes that are whole numbers in one run, as scoring needs them. Raises InstrumentError."""
    found = []
    for code, labels in options:
        if not re.fullmatch(r"-?\d{1,4}", code):
            raise InstrumentError(f"{place}: the code {code!r} is no whole number, so the question was not taken")
        found.append((int(code), labels))
    codes = sorted(code for code, _labels in found)
    if len(codes) < 2 or codes != list(range(codes[0], codes[-1] + 1)):
        raise InstrumentError(f"{place}: its codes {', '.join(map(str, codes)) or 'are none and'} do not run from one "
                              "number to the next, so the question was not taken")
    return tuple(found)


def taken(asked: Sequence[Asked], origin: Origin, languages: Sequence[str], remarks: Sequence[str]) -> Taken:
    """Neighbouring questions with the same options become one instrument, so that none changes its place."""
    if not asked:
        raise InstrumentError(f"{origin.source} has no question that could be taken: only choices of one answer, coded by "
                              "whole numbers, can be scored")
    said = list(remarks)
    keys, words = [], []
    for number, (_options, run) in enumerate(groupby(asked, key=lambda one: _same(one.options)), 1):
        questions = list(run)
        slug = origin.slug if number == 1 else f"{origin.slug}_{number}"
        keys.append(_key(slug, origin, questions))
        for language in languages:
            wanting = _wanting(questions, language)
            if wanting:
                said.append(f"{slug} in {language}: no text for {wanting}, so this language was not taken")
            else:
                words.append(_words(slug, origin, questions, language))
    said.append("scoring: a form does not say it, so every key has one plain sum, and each of its facts is marked C")
    if origin.licence is None:
        said.append("licence: none was named, so no questionnaire can be opened with these words until it is recorded")
    return Taken(tuple(keys), tuple(words), tuple(said))


def _same(options: tuple[tuple[int, Mapping[str, str]], ...]) -> str:
    return repr([(code, sorted(labels.items())) for code, labels in options])


def _key(slug: str, origin: Origin, questions: list[Asked]) -> Key:
    codes = [code for code, _labels in questions[0].options]
    items = tuple(Item(number, "total", min(codes), max(codes)) for number in range(1, len(questions) + 1))
    named = ", ".join(f"{number} = {one.name}" for number, one in enumerate(questions, 1))
    facts = (Fact(f"{len(items)} items coded {min(codes)} to {max(codes)}, summed", "C", f"taken from {origin.source}"),
             Fact(f"items are these fields: {named}", "K", origin.source))
    return Key(slug, "1", origin.title or slug, f"taken from {origin.source}", "not known", "C", NOT_RECORDED, False, items,
               (Scale("total", "not known: the form does not say"),), facts)


def _wanting(questions: list[Asked], language: str) -> str:
    texts = [(one.name, one.texts.get(language, "")) for one in questions]
    texts += [(f"option {code}", labels.get(language, "")) for code, labels in questions[0].options]
    return ", ".join(name for name, text in texts if not text.strip())


def _words(slug: str, origin: Origin, questions: list[Asked], language: str) -> Wording:
    licence = origin.licence or Licence(NOT_RECORDED, NOT_RECORDED, NOT_RECORDED, LONG_AGO, (language,), LONG_AGO)
    return Wording(slug, language, "1", origin.title or slug, "Choose one answer." if language == "en" else "–",
                   {number: one.texts[language] for number, one in enumerate(questions, 1)},
                   tuple((code, labels[language]) for code, labels in questions[0].options), licence)


def slug_of(text: str) -> str:
    """A short name that a key file may have, from a form's own."""
    plain = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
    return plain if re.match(r"[a-z]", plain) else f"form_{plain}".rstrip("_")
