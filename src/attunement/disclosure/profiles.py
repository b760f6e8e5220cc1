"""Rules of disclosure control as data: what is hidden, what is rounded, how closely a small cell may be bounded."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from attunement.disclosure.errors import DisclosureError

DEFAULT = "round-5"


@dataclass(frozen=True, slots=True)
class Profile:
    """`base`: counts are shown to its nearest multiple; 1: as they are. Ranges hold both ends; `hides` may be empty."""

    name: str
    title: str
    source: str
    width: int
    contributors: int
    small: tuple[int, int]
    hides: tuple[int, int] | None = None
    base: int = 1

    def hidden(self, n: int) -> bool:
        """Is a count of `n` hidden for its size?"""
        return self.hides is not None and self.hides[0] <= n <= self.hides[1]

    def is_small(self, n: int) -> bool:
        """Is a count of `n` one that must not be found out?"""
        return self.small[0] <= n <= self.small[1]

    def shown(self, n: int) -> int:
        """The count as published where it is not hidden: `n`, or the nearest multiple of `base`."""
        return (n + self.base // 2) // self.base * self.base

    def bounds(self, shown: int) -> tuple[int, int]:
        """The least and the greatest count that are published as `shown`."""
        return max(0, shown - self.base // 2), shown + (self.base - 1) // 2


@cache
def shipped() -> dict[str, Profile]:
    """Every profile that is shipped, by name."""
    text = (Path(__file__).parent / "profiles.toml").read_text(encoding="utf-8")
    return {name: _read(name, entry) for name, entry in tomllib.loads(text).items()}


def _read(name: str, entry: dict[str, Any]) -> Profile:
    ranges: dict[str, Any] = {key: tuple(entry[key]) for key in ("small", "hides") if key in entry}
    return Profile(name, **(entry | ranges))


def profile(named: str | Profile) -> Profile:
    """The profile of that name. DisclosureError for an unknown one."""
    if isinstance(named, Profile):
        return named
    if named not in shipped():
        raise DisclosureError(f"There is no disclosure profile of that name; please use one of {', '.join(shipped())}.")
    return shipped()[named]
