"""From a file on disk, or the name of a study that ships with Attunement, to a `Study`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from attunement.study.schema import Study
from attunement.study.translation import filled


class StudyError(ValueError):
    """A study file that cannot be used; its text is one sentence a line."""


@dataclass(frozen=True)
class Reading:
    study: Study
    text: str
    lines: dict[tuple[str | int, ...], int]
    path: Path


def locate(name_or_path: str | Path) -> Path:
    """The path of a study file: a file, a folder that holds `study.toml`, or the name of a shipped study."""
    path = Path(name_or_path)
    if path.is_dir():
        path = path / "study.toml"
    if path.exists():
        return path
    shipped = Path(__file__).parent / "studies" / str(name_or_path) / "study.toml"
    if shipped.exists():
        return shipped
    raise StudyError(f"{name_or_path}: there is no such file, and no study of that name ships with Attunement.")


def read(name_or_path: str | Path) -> Reading:
    path = locate(name_or_path)
    text = path.read_text(encoding="utf-8")
    try:
        study = Study.model_validate(tomllib.loads(text), strict=False)
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise StudyError(f"{path}: {error}") from None
    return Reading(filled(study), text, {}, path)


def load(name_or_path: str | Path) -> Study:
    return read(name_or_path).study
