"""Reading the files of licence-holders and the developer: one sentence for whatever is wrong with them."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from typing import Any

from attunement.journey.trail import versions
from attunement.journey.trail.errors import Refused

LARGEST = 256 * 1024
_CODE = re.compile(r"[a-z0-9_]{1,40}")
_LONGEST, _MOST = 300, 60
_LINE = re.compile(r"\(at (.*)\)$")


@dataclass(frozen=True)
class SkillsForm:
    """`name` and `version` tell forms apart; `items`: code -> words; `scale`: words of each step, from 1."""

    name: str
    version: str
    source: str
    items: dict[str, str]
    scale: tuple[str, ...]
    made_up: bool

    @property
    def slug(self) -> str:
        return f"{self.name} {self.version}"[:80]


def behaviours_in(content: bytes, file: str) -> dict[int, dict[str, str]]:
    """Principle, from 1 -> code -> words. `file` is what the sentence of a refusal calls it."""
    many, found = len(versions.current().delivery.principles), {}
    said = _read(content, file)
    _only(said, {"behaviours"}, file)
    for number, words in _table(said.get("behaviours"), file, "[behaviours.1]").items():
        if not (number.isascii() and number.isdecimal() and 1 <= int(number[:9]) <= many) or int(number) in found:
            raise Refused(f"{file}: {number[:40]!r} is no principle; they are numbered from 1 to {many}, each once.")
        found[int(number)] = _words(words, file, f"[behaviours.{number}]")
    return found


def skills_in(content: bytes, file: str) -> SkillsForm:
    """The skills form that the file holds."""
    said = _read(content, file)
    _only(said, {"name", "version", "source", "made_up", "scale", "items"}, file)
    texts = {name: said.get(name) for name in ("name", "version", "source")}
    if not all(_is_text(text) for text in texts.values()):
        raise Refused(f"{file}: name, version and source must be texts of at most {_LONGEST} characters.")
    scale = said.get("scale")
    if not isinstance(scale, list) or not 2 <= len(scale) <= 11 or not all(map(_is_text, scale)):
        raise Refused(f"{file}: scale must list the words of 2 to 11 steps.")
    return SkillsForm(**texts, items=_words(said.get("items"), file, "[items]"), scale=tuple(scale),  # type: ignore[arg-type]
                      made_up=said.get("made_up") is True)


def _read(content: bytes, file: str) -> dict[str, Any]:
    if len(content) > LARGEST:
        raise Refused(f"{file} is larger than {LARGEST // 1024} KB, so it is no such file.")
    if not content.strip():
        raise Refused(f"{file} is empty.")
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise Refused(f"{file} is no text in UTF-8. Save it as a plain text file (TOML), not as a document.") from None
    except (ValueError, RecursionError) as error:
        found = _LINE.search(str(error))
        where = f": see {found[1]}" if found else ""
        raise Refused(f"{file} cannot be read as TOML{where}. Put that right and load it again.") from None


def _only(said: dict[str, Any], known: set[str], file: str) -> None:
    for name in said:
        if name not in known:
            raise Refused(f"{file}: {name[:40]!r} does not belong here; what does is {', '.join(sorted(known))}.")


def _table(said: Any, file: str, name: str) -> dict[str, Any]:
    if not isinstance(said, dict) or not said:
        raise Refused(f"{file}: {name} is missing.")
    return said


def _words(said: Any, file: str, name: str) -> dict[str, str]:
    if len(_table(said, file, name)) > _MOST:
        raise Refused(f"{file}: {name} has {len(said)} lines; at most {_MOST} can be chosen from.")
    for code, words in said.items():
        if not _CODE.fullmatch(code) or not _is_text(words):
            raise Refused(f"{file}: {name} has {code[:40]!r}; a line is code = \"words\", the code in small letters and _, "
                          f"the words in one line of at most {_LONGEST} characters.")
    return dict(said)


def _is_text(said: Any) -> bool:
    return isinstance(said, str) and bool(said.strip()) and len(said) <= _LONGEST and said.isprintable()
