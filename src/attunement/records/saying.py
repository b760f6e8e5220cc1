"""Findings as lines that a person reads: by tier and cause, with a count, the places, and who mends it."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from attunement.places import check_place
from attunement.records.cells import safe_cell
from attunement.records.errors import RecordsError
from attunement.records.findings import Finding, grouped
from attunement.records.returns import Returned

_PLACES = 12
_TITLES = {
    "readable": "What cannot be read",
    "plausible": "What can hardly be so",
    "sufficient": "What an outcome lacks",
}


def lines(returned: Returned) -> Iterator[str]:
    """One file: its format, its rows, its findings."""
    year = f", year {returned.year}" if returned.year else ""
    yield f"{returned.file}: {returned.format}{year}"
    yield "  " + ", ".join(f"{number} {name}" for name, number in returned.counts.items() if number)
    yield from (f"  {line}" for line in finding_lines(returned.findings))


def finding_lines(findings: Sequence[Finding]) -> Iterator[str]:
    """The findings grouped by cause."""
    if not findings:
        yield "No findings."
    tier = None
    for group in grouped(findings):
        first = group.first
        if first.tier != tier:
            tier = first.tier
            yield f"{_TITLES[tier]}:"
        yield f"  {len(group.findings)} × {first.says}. Please {'mend' if first.act == 'mend' else 'check and explain'}."
        yield f"    expected: {first.expected}"
        yield f"    why: {first.why}. Who: {first.who}."
        for one in group.findings[:_PLACES]:
            whose = f" (trial number {one.trial_number})" if one.trial_number else ""
            number = f", number {one.number}" if one.number else ""
            yield f"    - {one.place()}{number}{whose}: {one.there}"
        if len(group.findings) > _PLACES:
            yield f"    - and {len(group.findings) - _PLACES} more"


def write_unmapped(target: Path, returns: Iterable[Returned]) -> None:
    """The wordings that stand for no code, with a blank code to fill in. They stay inside the authority."""
    counted: dict[tuple[str, str], int] = {}
    for one in returns:
        for key, number in one.unmapped.items():
            counted[key] = counted.get(key, 0) + number
    check_place(target, RecordsError)
    beside = target.with_name(target.name + ".part")
    with beside.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("set", "spelling", "code", "rows"))
        rows.writerows((name, safe_cell(wording), "", number) for (name, wording), number in sorted(counted.items()))
    beside.replace(target)
