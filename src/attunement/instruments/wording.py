"""The words of an instrument in one language, apart from its key and joined to it by item number."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import ConfigDict, TypeAdapter

from attunement.instruments.key import NO_OTHER_FIELDS, InstrumentError, Item, Key
from attunement.instruments.reading import check_slug, fit, load, stamp, table

SHIPPED_WORDINGS = Path(__file__).parent / "wordings"
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
Code = int | Literal["na"]


@dataclass(frozen=True, slots=True)
class Licence:
    """Who allowed these words to be used here: the holder, the evidence, who accepted it, and until when."""

    __pydantic_config__: ClassVar[ConfigDict] = NO_OTHER_FIELDS

    holder: str
    evidence: str
    accepted_by: str
    accepted_on: date
    languages: tuple[str, ...]
    expires_on: date | None = None

    def allows_new(self, on: date) -> bool:
        """Whether a questionnaire may be begun on that day; those begun before may always be finished."""
        return self.expires_on is None or on <= self.expires_on


@dataclass(frozen=True, slots=True)
class Translation:
    """How a translation was made and who approved it. Without a back-translation and an approval it is a draft.

    `source_sha256`: of the wording file that was translated.
    """

    __pydantic_config__: ClassVar[ConfigDict] = NO_OTHER_FIELDS

    translator: str
    reconciler: str
    back_translation: str
    debriefs: int
    approval: str
    source_sha256: str = ""

    @property
    def reviewed(self) -> bool:
        return bool(self.translator.strip() and self.back_translation.strip() and self.approval.strip())


@dataclass(frozen=True)
class Wording:
    """Item texts by number; `options` are (code, label) in the order in which the form shows them."""

    __pydantic_config__: ClassVar[ConfigDict] = NO_OTHER_FIELDS

    slug: str
    language: str
    version: str
    title: str
    instruction: str
    items: dict[int, str]
    options: tuple[tuple[Code, str], ...]
    licence: Licence
    notice: str = ""
    translation: Translation | None = None
    sha256: str = ""

    def options_for(self, item: Item) -> tuple[tuple[Code, str], ...]:
        """The options that this item offers, in the order of the form."""
        return tuple((code, label) for code, label in self.options if code in item.codes)


def wording(
    slug: str,
    language: str,
    folders: Iterable[Path] = (),
    derive: Callable[[str], str] | None = None,
    draft: bool = False,
) -> Wording:
    """The words of an instrument, from `SLUG.LANGUAGE.wording.toml` in one of `folders` or in the package.

    `derive` turns an English text into one of a made-up language: it is used where no file is found and an English
    one is. A translation that nobody has reviewed is given as a `draft` only. Raises InstrumentError that says which
    file is wanting, or how the words do not fit the key.
    """
    check_slug(slug)
    check_language(language)
    folders = tuple(Path(folder) for folder in folders)
    key = load(slug, folders)
    path = find(slug, language, folders)
    if path is not None:
        words = _joined(key, _read(path, stamp(path)))
        if words.translation is not None and not words.translation.reviewed and not draft:
            raise InstrumentError(f"{path.name} is a draft: its translator, back_translation or approval is not recorded")
        return words
    english = find(slug, "en", folders) if derive else None
    if derive is None or english is None:
        raise InstrumentError(
            f"{key.name} has no words in {language!r}: the file {slug}.{language}.wording.toml is wanting"
        )
    return _derived(_joined(key, _read(english, stamp(english))), language, derive)


def check_language(language: str) -> None:
    if not isinstance(language, str) or not _LANGUAGE.fullmatch(language):
        raise InstrumentError(f"{language!r} is no language's code, such as en or pt-BR")


def find(slug: str, language: str, folders: Iterable[Path]) -> Path | None:
    """The wording file of a language, in the first of the folders that has one or in the package."""
    name = f"{slug}.{language}.wording.toml"
    return next((path for folder in (*folders, SHIPPED_WORDINGS) if (path := folder / name).is_file()), None)


_WORDINGS = TypeAdapter(Wording)


@lru_cache(maxsize=256)
def _read(path: Path, stamp: tuple[int, int]) -> Wording:
    read = fit(_WORDINGS, table(path), path)
    if path.name != f"{read.slug}.{read.language}.wording.toml":
        raise InstrumentError(f"{path.name} says that it is {read.slug!r} in {read.language!r}")
    if read.language not in read.licence.languages:
        raise InstrumentError(f"{path.name}: its licence does not cover {read.language!r}")
    return replace(read, sha256=hashlib.sha256(path.read_bytes()).hexdigest())


def _joined(key: Key, words: Wording) -> Wording:
    name = f"{words.slug}.{words.language}.wording.toml"
    offered = {code for item in key.items for code in item.codes}
    codes = [code for code, _ in words.options]
    lists: tuple[tuple[str, set[object], set[object]], ...] = (
        ("item", {item.number for item in key.items}, set(words.items)),
        ("option", set(offered), set(codes)),
    )
    for what, wanted, given in lists:
        if wanting := wanted - given:
            raise InstrumentError(f"{name} lacks words for {what} {_list(wanting)} of {key.slug}")
        if over := given - wanted:
            raise InstrumentError(f"{name} has words for {what} {_list(over)}, which {key.slug} does not have")
    if len(codes) != len(set(codes)):
        raise InstrumentError(f"{name} gives an option twice")
    texts = [words.title, words.instruction, *words.items.values(), *(label for _, label in words.options)]
    if not all(text.strip() for text in texts):
        raise InstrumentError(f"{name} has an empty text")
    return words


def _list(codes: set[object]) -> str:
    return ", ".join(sorted((str(code) for code in codes), key=lambda text: (len(text), text)))


def _derived(words: Wording, language: str, derive: Callable[[str], str]) -> Wording:
    return replace(
        words,
        language=language,
        title=derive(words.title),
        instruction=derive(words.instruction),
        items={number: derive(text) for number, text in words.items.items()},
        options=tuple((code, derive(label)) for code, label in words.options),
        notice=derive(words.notice),
    )
