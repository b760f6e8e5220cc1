"""What a new return of an authority says otherwise than the one accepted before: added, changed, vanished."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from attunement.records.reading import Return
from attunement.records.sheets import CHILDREN, SHEETS, Sheet

Rows = Mapping[str, Mapping[str, Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Change:
    """One row that differs. `before` and `after` say its cells in words: only those that differ where it changed."""

    kind: Literal["added", "changed", "vanished"]
    sheet: str
    trial_number: str
    before: str
    after: str


def rows_of(returned: Return) -> dict[str, dict[str, dict[str, Any]]]:
    """The rows of a return as JSON: sheet -> row number -> column -> code or ISO date. Blank cells are left out."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for name, frame in returned.rows.items():
        found[name] = {
            str(row.pop("source_line")): {key: f"{value}" for key, value in row.items() if value is not None}
            for row in frame.to_dicts()
        }
    return found


def difference(before: Rows, now: Rows) -> list[Change]:
    """The rows of `now` against those of `before`, as `rows_of` gives them. Where a row stands does not matter.

    A row is the same if it is of the same child, kind and start; a child's own row if it is of the same child.
    """
    found = []
    for sheet in SHEETS:
        old, new = _keyed(sheet, before), _keyed(sheet, now)
        for key in sorted({*old, *new}, key=str):
            change = _change(sheet, old.get(key), new.get(key))
            if change is not None:
                found.append(change)
    return found


def _keyed(sheet: Sheet, rows: Rows) -> dict[tuple[Any, ...], Mapping[str, Any]]:
    found: dict[tuple[Any, ...], Mapping[str, Any]] = {}
    for row in sorted(rows.get(sheet.table, {}).values(), key=lambda row: sorted(row.items())):
        stem = (row.get("trial_number"),) if sheet is CHILDREN else tuple(
            row.get(name) for name in ("trial_number", "what", "start"))  # fmt: skip
        time = 0
        while (*stem, time) in found:
            time += 1
        found[*stem, time] = row
    return found


def _change(sheet: Sheet, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> Change | None:
    if old == new:
        return None
    whose = str((new or old or {}).get("trial_number", ""))
    if old is None or new is None:
        kind: Literal["added", "vanished"] = "added" if old is None else "vanished"
        return Change(kind, sheet.name, whose, _words(sheet, old), _words(sheet, new))
    other = {name for name in {*old, *new} if old.get(name) != new.get(name)}
    return Change("changed", sheet.name, whose, _words(sheet, old, other), _words(sheet, new, other))


def _words(sheet: Sheet, row: Mapping[str, Any] | None, which: set[str] | None = None) -> str:
    return "" if row is None else ", ".join(_cells(sheet, row, which))


def _cells(sheet: Sheet, row: Mapping[str, Any], which: set[str] | None) -> Iterator[str]:
    for column in sheet.columns:
        if column.kind in ("trial", "given") or (which is not None and column.name not in which):
            continue
        value = row.get(column.name)
        if value is None and which is None:
            continue
        if value is not None and column.kind == "date":
            value = f"{date.fromisoformat(value):%d/%m/%Y}"
        yield f"{column.label}: {'blank' if value is None else value}"
