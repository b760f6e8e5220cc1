"""Finding and reading key files: those of the package, and further ones in a study's own folders."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from attunement.instruments.key import InstrumentError, Key

SHIPPED_KEYS = Path(__file__).parent / "keys"
SUFFIX = ".key.toml"
T = TypeVar("T")
_EXTRA = "unexpected_keyword_argument"
_SLUG = re.compile(r"[a-z][a-z0-9_]*")


def load(slug: str, folders: Iterable[Path] = ()) -> Key:
    """The key of an instrument, from the package or from `SLUG.key.toml` in one of `folders`.

    A study may add instruments; it may not replace a shipped key. Raises InstrumentError.
    """
    check_slug(slug)
    places = [SHIPPED_KEYS, *folders]
    found = [path for folder in places if (path := Path(folder) / f"{slug}{SUFFIX}").is_file()]
    if not found:
        raise InstrumentError(f"there is no instrument {slug!r}: known are {', '.join(slugs(places[1:]))}")
    if len(found) > 1:
        raise InstrumentError(f"{found[1]} gives {slug!r} a second key: call that instrument by another name")
    return _key(found[0], stamp(found[0]))


def slugs(folders: Iterable[Path] = ()) -> tuple[str, ...]:
    """The names of all instruments that have a key, in alphabetical order."""
    files = [file for folder in (SHIPPED_KEYS, *folders) for file in Path(folder).glob(f"*{SUFFIX}")]
    return tuple(sorted({file.name.removesuffix(SUFFIX) for file in files}))


def check_slug(slug: str) -> None:
    if not isinstance(slug, str) or not _SLUG.fullmatch(slug):
        raise InstrumentError(f"{slug!r} is no instrument's name: small letters, figures and _ only")


def stamp(path: Path) -> tuple[int, int]:
    """What changes when a file does, so that reading it once is enough."""
    state = path.stat()
    return state.st_mtime_ns, state.st_size


def table(path: Path) -> dict[str, Any]:
    """The contents of a TOML file. Raises InstrumentError that names the file and the line."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InstrumentError(f"{path.name} cannot be read: {error}") from None


def fit(adapter: TypeAdapter[T], data: dict[str, Any], path: Path) -> T:
    """The table as the adapter's frozen dataclass, no field guessed or converted. Raises InstrumentError."""
    try:
        return adapter.validate_json(json.dumps(data, default=str), strict=True)
    except ValidationError as error:
        first = min(error.errors(), key=lambda fault: fault["type"] != _EXTRA)
        place = ".".join(str(part) for part in first["loc"])
        reason = "no field has this name" if first["type"] == _EXTRA else first["msg"].removeprefix("Value error, ")
        raise InstrumentError(f"{path.name}: {place}: {reason}" if place else f"{path.name}: {reason}") from None


_KEYS = TypeAdapter(Key)


@lru_cache(maxsize=64)
def _key(path: Path, stamp: tuple[int, int]) -> Key:
    key = fit(_KEYS, table(path), path)
    if path.name != f"{key.slug}{SUFFIX}":
        raise InstrumentError(f"{path.name} says that its slug is {key.slug!r}: the file's name must say the same")
    return key
