"""What is wrong in a return, said so that the person who filled it can mend it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from attunement.records.layout import data

Tier = Literal["readable", "plausible", "sufficient"]
TIERS: tuple[Tier, ...] = ("readable", "plausible", "sufficient")


@dataclass(frozen=True, slots=True)
class Finding:
    """`level` "error" stops the import of our workbook, "problem" stops nothing. `there` is what stands in the cell, by
    its kind only unless it looks like a date, number or code; `trial_number` only when it is one of the study's.

    `sheet` is a sheet, or in XML the block; `row` the row or line; `number` counts the rows of its kind from 1, which
    finds it in an XML file of one line. `act` is "mend" or "explain".
    """

    level: Literal["error", "problem"]
    sheet: str | None
    row: int | None
    column: str | None
    trial_number: str | None
    there: str
    expected: str
    cause: str = "workbook_cell"
    file: str | None = None
    number: int | None = None

    @property
    def tier(self) -> Tier:
        tier: Tier = _cause(self.cause)["tier"]
        return tier

    @property
    def act(self) -> str:
        return str(_cause(self.cause)["act"])

    @property
    def why(self) -> str:
        return str(_cause(self.cause)["why"])

    @property
    def who(self) -> str:
        return str(_cause(self.cause)["who"])

    @property
    def says(self) -> str:
        return str(_cause(self.cause)["says"])

    def as_dict(self) -> dict[str, Any]:
        """The finding for JSON, with the words of its cause."""
        own = {name: value for name, value in asdict(self).items() if name != "level"}
        return {"tier": self.tier, "act": self.act, "says": self.says} | own | {"why": self.why, "who": self.who}

    def place(self) -> str:
        """Sheet, row and column in words; the file where there is no more."""
        found = [f"Sheet {self.sheet}"] if self.sheet else []
        if self.row:
            found.append(f"row {self.row}")
        if self.column:
            found.append(f"column {self.column}")
        return ", ".join(found) or self.file or "The file"

    def __str__(self) -> str:
        whose = f" (trial number {self.trial_number})" if self.trial_number else ""
        return f"{self.place()}{whose}: there is {self.there}; expected: {self.expected}."


@dataclass(frozen=True, slots=True)
class Group:
    """All findings of one cause, in their order."""

    cause: str
    findings: tuple[Finding, ...]

    @property
    def first(self) -> Finding:
        return self.findings[0]


def grouped(findings: Iterable[Finding]) -> tuple[Group, ...]:
    """The findings by cause: first what cannot be read, then what cannot be so, then what is missing for the outcome."""
    groups: dict[str, list[Finding]] = {}
    for one in findings:
        groups.setdefault(one.cause, []).append(one)
    made = [Group(cause, tuple(found)) for cause, found in groups.items()]
    return tuple(sorted(made, key=lambda group: (TIERS.index(group.first.tier), -len(group.findings))))


def expected_of(cause: str, example: str = "") -> str:
    """What a finding of `cause` expects; `example` fills its place in the sentence."""
    return str(_cause(cause)["expected"]).replace("{example}", example)


def _cause(name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = data("causes")[name]
    return found
