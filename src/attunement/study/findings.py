"""What reading and checking a study file have to say, each thing with its place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Level = Literal["error", "problem", "note"]
Place = tuple[str | int, ...]


@dataclass(frozen=True)
class Finding:
    """One sentence about one line of a study file.

    `error`: the file cannot be used. `problem`: it contradicts itself, or asks for what cannot be.
    `note`: true and worth knowing, with nothing to mend.
    """

    level: Level
    file: str
    line: int
    text: str


@dataclass(frozen=True)
class Remark:
    """A finding that knows its key path, not yet its line."""

    level: Level
    place: Place
    text: str


class StudyError(ValueError):
    """A study file that cannot be used. Its text is one line for each finding."""

    def __init__(self, message: str, findings: Iterable[Finding] = ()) -> None:
        super().__init__(message)
        self.findings = tuple(findings)


def report_lines(findings: Iterable[Finding]) -> list[str]:
    """`file:line: level: sentence` for each finding, in the order given."""
    return [f"{found.file}:{found.line}: {found.level}: {found.text}" for found in findings]


def refusal(findings: list[Finding]) -> StudyError:
    return StudyError("\n".join(report_lines(findings)), findings)
