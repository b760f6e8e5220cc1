"""From a file on disk, or the name of a study that ships with Attunement, to a `Study`."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from attunement.study.english import listed
from attunement.study.explaining import explained
from attunement.study.findings import Finding, Place, refusal
from attunement.study.lines import line_numbers
from attunement.study.schema import Study
from attunement.study.structure import faults
from attunement.study.translation import filled

_LARGEST = 2_000_000
_SHIPPED = Path(__file__).parent / "studies"


@dataclass(frozen=True)
class Reading:
    """A study with the text it came from. `lines`: key path -> line, as `lines.line_numbers` gives it."""

    study: Study
    text: str
    lines: dict[Place, int]
    path: Path

    def line_of(self, *place: str | int) -> int:
        return line_of(self.lines, place)


def line_of(lines: dict[Place, int], place: Place) -> int:
    """The line of `place`, or of the nearest table around it; 1 when nothing of it is written."""
    while place and place not in lines:
        place = place[:-1]
    return lines.get(place, 1)


def load(name_or_path: str | Path) -> Study:
    """The study of that name ("vig") or in that file or folder. Raises StudyError, one line for each fault."""
    return read(name_or_path).study


def read(name_or_path: str | Path) -> Reading:
    """As `load`, with text and lines. Made-up languages are filled in; nothing is checked beyond the schema."""
    path = locate(name_or_path)
    return read_text(_text(path), path)


@lru_cache(maxsize=8)
def read_text(text: str, path: str | Path = "study.toml") -> Reading:
    """As `read`, of a text that is at hand; `path` is what findings call the file. Raises StudyError."""
    path = Path(path)
    parsed = _parsed(path, text)
    lines = line_numbers(text)
    try:
        study = Study.model_validate(_with_tuples(parsed), strict=True)
    except ValidationError as error:
        found = list(explained(error))
    else:
        found = faults(study)
    if found:
        findings = [Finding("error", str(path), line_of(lines, place), sentence) for place, sentence in found]
        raise refusal(sorted(findings, key=lambda finding: finding.line))
    return Reading(filled(study), text, lines, path)


def locate(name_or_path: str | Path) -> Path:
    """The path of a study file: the name of a shipped study, a file, or a folder that holds `study.toml`.

    A shipped name wins over a folder of that name here, which `./vig` would mean. Raises StudyError.
    """
    shipped = {folder.name: folder / "study.toml" for folder in _SHIPPED.iterdir() if (folder / "study.toml").is_file()}
    if str(name_or_path) in shipped:
        return shipped[str(name_or_path)]
    path = Path(name_or_path)
    try:
        path = path / "study.toml" if path.is_dir() else path
        if path.is_file():
            return path
    except (OSError, ValueError):
        pass  # a name that no file can have
    close = get_close_matches(str(name_or_path), shipped, n=1)
    meant = f" Did you mean {close[0]}?" if close else f" The studies that ship with Attunement are: {listed(shipped)}."
    raise refusal([Finding("error", str(path), 1, f"there is no such file.{meant}")])


def _text(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise refusal([Finding("error", str(path), 1, f"the file cannot be opened: {error.strerror}.")]) from None
    if len(raw) > _LARGEST:
        raise refusal([Finding("error", str(path), 1, "the file is over 2 MB, which no study file is.")])
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise refusal([Finding("error", str(path), line, "this is not UTF-8 text; save the file as UTF-8.")]) from None


def _parsed(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        where = re.search(r" \(at (?:line (\d+), column (\d+)|end of document)\)$", str(error))
        line = int(where[1]) if where and where[1] else text.count("\n") + 1
        told = str(error)[: where.start()] if where else str(error)
        sentence = f"this cannot be read as TOML: {told[:1].lower()}{told[1:]}."
    except RecursionError:
        line, sentence = 1, "lists stand inside lists too deep to read."
    except ValueError:
        line, sentence = 1, "a number in it is too long to read."
    raise refusal([Finding("error", str(path), line, sentence)])


def _with_tuples(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _with_tuples(part) for key, part in value.items()}
    return tuple(_with_tuples(part) for part in value) if isinstance(value, list) else value
