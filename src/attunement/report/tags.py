"""How a number in a Word file is known again: tag, alias and bookmark of its control."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

_LONGEST, _KEPT = 51, 42
_TAG = re.compile(r"(num|table):([^@\s]+)@([0-9a-f]{8})")


def tag(kind: str, id_: str, printed: str) -> str:
    """`num:<id>@<8 of hash>`, at most 64 characters, as Word demands; the hash is of the id and what is printed."""
    return f"{kind}:{short(id_)}@{_hash(f'{id_} {printed}')}"


def short(id_: str) -> str:
    """The id, or for a long one its beginning and eight characters of its hash."""
    return id_ if len(id_) <= _LONGEST else f"{id_[:_KEPT]}~{_hash(id_)}"


def read(text: str) -> tuple[str, str] | None:
    """Kind and id (as `short` wrote it) of a tag; None for what is none."""
    found = _TAG.fullmatch(text)
    return (found.group(1), found.group(2)) if found else None


def bookmark(kind: str, id_: str, place: int) -> str:
    """A name of at most 40 letters, unique by `place`, that leads to the id."""
    return f"{kind[0]}_{_hash(id_)}_{place}"


def by_bookmark(ids: Iterable[str]) -> dict[str, str]:
    """Beginning of a number's bookmark -> id."""
    return {f"n_{_hash(id_)}": id_ for id_ in ids}


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]
