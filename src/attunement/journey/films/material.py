"""What licence-holders and the developer load beside the programme: behaviours under each principle, the skills form.

Both are files in the data directory, `material/behaviours.toml` and `material/skills.toml`. Without the first a mark
names its principle only; without the second a form of our own, marked as made up, stands in.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

from attunement.journey.trail import versions
from attunement.journey.trail.errors import Refused

MADE_UP = Path(__file__).parent / "forms_made_up" / "skills.toml"
_CODE = re.compile(r"[a-z0-9_]{1,40}")
_LONGEST = 300


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


def behaviours() -> dict[int, dict[str, str]]:
    """Principle, from 1 -> code -> words, as the licence-holder's file has them; empty without it."""
    path = _place("behaviours.toml")
    return _behaviours(path, path.stat().st_mtime_ns) if path.is_file() else {}


def skills_form() -> SkillsForm:
    path = _place("skills.toml")
    return _skills(path, path.stat().st_mtime_ns) if path.is_file() else _skills(MADE_UP, 0)


def read_behaviours(path: Path) -> dict[int, dict[str, str]]:
    """The file's behaviours; Refused, in one sentence, when it is none."""
    many, found = len(versions.current().delivery.principles), {}
    said = _read(path).get("behaviours")
    for number, words in _table(said, path, "[behaviours.1]").items():
        if not (number.isdecimal() and 1 <= int(number) <= many):
            raise Refused(f"{path.name}: {number!r} is no principle; they are numbered from 1 to {many}.")
        found[int(number)] = _words(words, path, f"[behaviours.{number}]")
    return found


def read_skills(path: Path) -> SkillsForm:
    """The file's skills form; Refused, in one sentence, when it is none."""
    said = _read(path)
    scale = said.get("scale")
    if not isinstance(scale, list) or not 2 <= len(scale) <= 11 or not all(isinstance(word, str) for word in scale):
        raise Refused(f"{path.name}: scale must list the words of 2 to 11 steps.")
    texts = {name: said.get(name) for name in ("name", "version", "source")}
    if not all(isinstance(text, str) and text.strip() for text in texts.values()):
        raise Refused(f"{path.name}: name, version and source must be texts.")
    return SkillsForm(**texts, items=_words(said.get("items"), path, "[items]"), scale=tuple(scale),  # type: ignore[arg-type]
                      made_up=said.get("made_up") is True)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise Refused(f"{path.name} cannot be read as TOML. Check the file, or take it away.") from None


def _table(said: Any, path: Path, name: str) -> dict[str, Any]:
    if not isinstance(said, dict) or not said:
        raise Refused(f"{path.name}: {name} is missing.")
    return said


def _words(said: Any, path: Path, name: str) -> dict[str, str]:
    for code, words in _table(said, path, name).items():
        if not _CODE.fullmatch(code) or not isinstance(words, str) or not 0 < len(words) <= _LONGEST:
            raise Refused(f"{path.name}: {name} has {code[:40]!r}; a line is code = \"words\", in small letters and _.")
    return dict(said)


_behaviours = lru_cache(maxsize=4)(lambda path, _changed: read_behaviours(path))
_skills = lru_cache(maxsize=4)(lambda path, _changed: read_skills(path))


def _place(name: str) -> Path:
    return settings.PLACE.root / "material" / name
