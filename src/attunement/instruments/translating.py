"""A language there and back: what an agency is sent, and the wording that its work becomes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from attunement.instruments.key import InstrumentError
from attunement.instruments.reading import load
from attunement.instruments.wording import Translation, Wording, check_language, find, wording


@dataclass(frozen=True, slots=True)
class Segment:
    """One text to translate: `id` such as `item.3`; `target` is empty until it is translated."""

    id: str
    source: str
    target: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Package:
    """What travels: an instrument's texts from one language into another. `sha256` is that of the source wording."""

    slug: str
    source_language: str
    language: str
    sha256: str
    segments: tuple[Segment, ...]


def package(slug: str, language: str, folders: Sequence[Path] = (), source: str = "en") -> Package:
    """The texts of `source` with those of `language` beside them, where it has words already. Raises InstrumentError."""
    check_language(language)
    if language == source:
        raise InstrumentError(f"{slug}: a translation from {source} into {source} is none")
    words = wording(slug, source, folders)
    there = find(slug, language, folders)
    old = dict(texts(wording(slug, language, folders, draft=True))) if there else {}
    made = tuple(Segment(name, text, old.get(name, ""), _note(name)) for name, text in texts(words))
    return Package(slug, source, language, words.sha256, made)


def texts(words: Wording) -> list[tuple[str, str]]:
    """Every text of a wording with its id, in the order of the form; an empty notice is none."""
    found = [("title", words.title), ("instruction", words.instruction)]
    found += [(f"option.{code}", label) for code, label in words.options]
    found += [(f"item.{number}", text) for number, text in sorted(words.items.items())]
    return found + ([("notice", words.notice)] if words.notice else [])


def _note(name: str) -> str:
    kind, _, number = name.partition(".")
    return {"title": "Title of the questions", "instruction": "Stands above every question",
            "notice": "Stands below every question", "item": f"Question {number}",
            "option": f"Answer with the code {number}; the same words wherever it is offered"}[kind]


def translated(back: Package, record: Translation, version: str, folders: Sequence[Path] = ()) -> Wording:
    """The wording in the new language. Raises InstrumentError: a text is wanting, over, or no longer what was sent."""
    words = wording(back.slug, back.source_language, folders)
    asked, given = dict(texts(words)), {segment.id: segment for segment in back.segments}
    if len(given) != len(back.segments):
        raise InstrumentError(f"{back.slug} in {back.language}: a text has come back twice")
    if over := [name for name in given if name not in asked]:
        raise InstrumentError(f"{back.slug} in {back.language}: {over[0]} is no text of this instrument")
    if wanting := [name for name in asked if not (name in given and given[name].target.strip())]:
        raise InstrumentError(f"{back.slug} in {back.language} lacks {', '.join(wanting)}")
    if changed := [name for name, text in asked.items() if given[name].source != text]:
        raise InstrumentError(f"{back.slug}: the {back.source_language} text of {', '.join(changed)} is not the one that "
                              "stands here now; send the new one out")
    free = load(back.slug, folders).licence_class in ("A", "own")
    return _made(words, back.language, {name: one.target for name, one in given.items()}, record, version, free)


def _made(words: Wording, language: str, given: Mapping[str, str], record: Translation, version: str,
          free: bool) -> Wording:
    """`free`: the words are in the public domain or our own, so that every language may be made of them."""
    licence = words.licence
    if language not in licence.languages and not free:
        raise InstrumentError(f"{words.slug}: the licence of {licence.holder} does not cover {language!r}; ask for it, "
                              f"and add it to the languages of {words.slug}.{words.language}.wording.toml")
    return replace(
        words, language=language, version=version, title=given["title"], instruction=given["instruction"],
        items={number: given[f"item.{number}"] for number in words.items},
        options=tuple((code, given[f"option.{code}"]) for code, _label in words.options),
        notice=given.get("notice", ""), licence=replace(licence, languages=(language,)),
        translation=replace(record, source_sha256=words.sha256), sha256="")
