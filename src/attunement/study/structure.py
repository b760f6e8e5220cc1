"""Faults that make a study unusable although every table of it is well formed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from attunement.study.english import listed
from attunement.study.explaining import written
from attunement.study.findings import Place
from attunement.study.schema import Study, Table

_AT_LEAST_ONE = ("languages", "sites", "eligibility", "time_points", "estimands", "reports", "roles")


def faults(study: Study) -> list[tuple[Place, str]]:
    """Place and sentence of each: an empty list, a code given twice, words in no language of the study."""
    found: list[tuple[Place, str]] = [
        ((name,), f"{name} holds nothing; a study needs at least one.")
        for name in _AT_LEAST_ONE
        if not getattr(study, name)
    ]
    if len(study.arms) < 2:
        found.append((("arms",), "a trial needs at least two arms."))
    found += [(("substudies", index, "arms"), f"the sub-study {each.code} needs at least two arms.")
              for index, each in enumerate(study.substudies) if len(each.arms) < 2]
    if not _is_timezone(study.timezone):
        found.append((("timezone",), f'"{study.timezone}" is not a timezone; one is "Europe/London".'))
    if study.languages and study.languages[0].made_up:
        found.append((("languages", 0), "the first language must be a real one: the others are made from it."))
    return [*found, *_repeated(study, ()), *_words(study, study, ())]


def _is_timezone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        return False
    return True


def _members(value: Any) -> Iterator[tuple[str | int, Any]]:
    if isinstance(value, Table):
        yield from ((name, getattr(value, name)) for name in type(value).model_fields)
    elif isinstance(value, tuple):
        yield from enumerate(value)


def _repeated(value: Any, place: Place) -> Iterator[tuple[Place, str]]:
    seen: set[str] = set()
    for key, member in _members(value):
        code = getattr(member, "code", None)
        if isinstance(key, int) and code is not None:
            if code in seen:
                yield (*place, key, "code"), f'{written(place)}: the code "{code}" is used twice.'
            seen.add(code)
        yield from _repeated(member, (*place, key))


def _words(study: Study, value: Any, place: Place) -> Iterator[tuple[Place, str]]:
    if isinstance(value, dict):
        real = [language.code for language in study.languages if not language.made_up]
        for code in value:
            if code not in real:
                yield (*place, code), f'{written(place)} has "{code}", which must be {listed(real, "or")}.'
        absent = [code for code in real if not value.get(code, "").strip()]
        if absent:
            yield place, f"{written(place)} has no text in {listed(absent)}."
    for key, member in _members(value):
        yield from _words(study, member, (*place, key))
