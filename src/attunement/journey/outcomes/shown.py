"""Findings and spellings as the page shows them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from attunement.journey.outcomes.models import Pending, Spelling
from attunement.records.findings import TIERS, Finding, Group, grouped
from attunement.records.kept import unmapped as unmapped_in
from attunement.records.sheets import SHEETS

TITLES = {"readable": "What cannot be read", "plausible": "What can hardly be so", "sufficient": "What an outcome lacks"}


@dataclass(frozen=True)
class Wording:
    """A local wording in a code column, by its mark: where it stands, and the code it stands for, if any."""

    sheet: str
    column: str
    label: str
    mark: str
    rows: str
    codes: tuple[tuple[str, str], ...]
    code: str


def tiers(findings: Iterable[Finding]) -> list[tuple[str, list[Group]]]:
    """(title, groups by cause) of the three tiers, in their order; tiers with nothing are left out."""
    groups = grouped(findings)
    found = [(TITLES[tier], [group for group in groups if group.first.tier == tier]) for tier in TIERS]
    return [(title, own) for title, own in found if own]


def unmapped(pending: Pending) -> list[Wording]:
    """Every wording of the return that is no code of ours, mapped or not, the unmapped first."""
    known = dict(Spelling.objects.filter(site=pending.site).values_list("mark", "code"))
    found = []
    for (table, name, mark), rows in unmapped_in(pending.kept).items():
        sheet = next(one for one in SHEETS if one.table == table)
        column = sheet.column(name)
        if column is None:
            continue
        codes = tuple((code, f"{code}: {means}" if means else code) for code, means in column.codes.items())
        shown = ", ".join(str(row) for row in rows[:8]) + (" and more" if len(rows) > 8 else "")
        found.append(Wording(table, name, f"{sheet.name}, {column.label}", mark, shown, codes, known.get(mark, "")))
    return sorted(found, key=lambda one: (one.code != "", one.label))
