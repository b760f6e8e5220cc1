"""Reading any return: which format a file has, its typed tables, what is wrong in it. The door of this package."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

import polars as pl

from attunement.records import between, plausible
from attunement.records.codes import Spellings
from attunement.records.facts import with_facts
from attunement.records.findings import Finding, expected_of, grouped
from attunement.records.layout import COUNTED, Layout, Order
from attunement.records.typed import Fault, Manner, Raw, typed


@dataclass(frozen=True)
class Returned:
    """One file as read.

    `format` is cin_census, ssda903, annex_a or workbook; `year` the collection year where the file says one. `tables`
    maps a name (children, referrals, assessments, s47, cin_plans, cp_plans, care_episodes, and for Annex A in_need and
    early_help) to a typed frame with `source_line`, the line or row in the file; only tables that the file has are there.
    `reaches` is the last day that the file can know of, `made` the day on which it was made, where it says so.
    `unmapped` counts rows by (code set, wording) that stand for no code we know: it holds the authority's own words and
    must not leave it.
    """

    file: str
    format: str
    year: int | None
    tables: Mapping[str, pl.DataFrame]
    reaches: date | None = None
    made: date | None = None
    unmapped: Mapping[tuple[str, str], int] = field(default_factory=lambda: MappingProxyType({}))
    whole: Mapping[str, pl.DataFrame] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    raws: tuple[Raw, ...] = field(default=(), repr=False)
    faults: tuple[Fault, ...] = field(default=(), repr=False)
    trials: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    told: tuple[Finding, ...] = field(default=(), repr=False)

    @property
    def counts(self) -> dict[str, int]:
        """Rows as they stand in the file; 0 for a table that it does not have."""
        found = {name: self.tables[name].height if name in self.tables else 0 for name in COUNTED}
        if "in_need" in self.tables:
            found["cin_plans"] = self.tables["in_need"].height
        return found

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """What is wrong, in the order readable, plausible, sufficient, each cause together.

        A rule that fails ends the run: nobody may take silence for health.
        """
        found = [*self.told, *(self._finding(fault) for fault in self.faults), *self._implausible()]
        return tuple(one for group in grouped(found) for one in group.findings)

    def as_dict(self) -> dict[str, Any]:
        """The file's entry in the JSON answer. Long runs of one cause are all there."""
        return {
            "file": self.file,
            "format": self.format,
            "year": self.year,
            "counts": self.counts,
            "findings": [one.as_dict() for one in self.findings],
        }

    def _implausible(self) -> list[Finding]:
        if not self.raws:
            return []
        made_on = max(filter(None, (self.reaches, self.made)), default=None)
        has = {raw.table: {one.name for one in raw.fields} & set(raw.frame.columns) for raw in self.raws}
        has.setdefault("children", {"child_id", "birth_date", "sex", "ethnicity"})
        tables = with_facts(self.whole, self.faults, made_on, has, self.year if self.format == "cin_census" else None)
        found = []
        for hit in (*plausible.hits(tables), *between.hits(tables, self.format)):
            frame = tables[hit.table]
            if hit.shown[0] in frame.columns and (hit.table == "children" or hit.shown[0] in has[hit.table]):
                found += [
                    self._finding(
                        Fault(hit.cause, hit.table, row, hit.shown[0], self._there(frame, hit.table, row, hit.shown))
                    )
                    for row in hit.rows
                ]
        return found

    def _there(self, frame: pl.DataFrame, table: str, row: int, shown: tuple[str, ...]) -> str:
        said = [
            f"{self._heading(table, name)} {_said(frame[name][row])}"
            for name in shown
            if name in frame.columns and name != "child_id" and (frame[name][row] is not None or name == shown[0])
        ]
        return ", ".join(said) or "an id"

    def _finding(self, fault: Fault) -> Finding:
        table = fault.table
        line, number, whose = fault.line, None, None
        sheet = fault.sheet or self._sheet(table)
        if table is not None and fault.row is not None:
            frame = self.whole[table]
            line, number = frame["source_line"][fault.row], fault.row + 1
            whose = self.trials.get(str(frame["child_id"][fault.row]))
            if "list" in frame.columns:
                sheet = self._sheet(frame["list"][fault.row])
        example = fault.expected
        if table is not None and fault.row is None and fault.cause in ("unknown_column", "missing_column"):
            line = next((one.heading_line for one in self.raws if one.table == table), None)
        return Finding(
            "problem",
            sheet,
            line,
            self._heading(table, fault.field) if fault.field else None,
            whose,
            fault.there,
            expected_of(fault.cause, example),
            fault.cause,
            self.file,
            number,
        )

    def _sheet(self, table: str | None) -> str | None:
        return next((raw.sheet for raw in self.raws if raw.table == table), None)

    def _heading(self, table: str | None, name: str) -> str:
        """The field's name as the file has it."""
        for raw in self.raws:
            if raw.table == table and name in raw.headings:
                return raw.headings[name]
        for raw in self.raws:
            if name in raw.headings:
                return raw.headings[name]
        return name


def assemble(
    path: Path,
    layout: Layout,
    raws: list[Raw],
    faults: list[Fault],
    *,
    header: Mapping[str, str],
    dates: Order | None,
    spellings: Spellings,
    trials: Mapping[str, str],
) -> Returned:
    """Type the raw tables of one file and put the child's id on every row."""
    year, reaches, made, said = _header(layout, header)
    manner = Manner(layout.dates, dates, layout.year_of(year), spellings)
    read = typed(raws, manner)
    whole = _identified(read.tables)
    if layout.format == "annex_a":
        from attunement.records.annex_a import children_of

        whole = {"children": children_of(whole), **whole}
    shown = {
        name: _shown(frame, next((raw for raw in raws if raw.table == name), None)) for name, frame in whole.items()
    }
    if "children" in shown and not shown["children"].height:
        said.append(Fault("no_children", None, None, None, "no record of a child"))
    return Returned(
        path.name,
        layout.format,
        year,
        MappingProxyType(shown),
        reaches,
        made,
        MappingProxyType(read.unmapped),
        MappingProxyType(whole),
        tuple(raws),
        (*said, *faults, *read.faults),
        trials,
    )


def _identified(tables: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """In XML the id stands on the child only: each row gets it from the child around it."""
    if "children" not in tables or "child" not in tables["children"].columns:
        return tables
    ids = tables["children"]["child_id"]
    return {
        name: frame if name == "children" or not frame["child"].null_count() < frame.height
        else frame.with_columns(child_id=ids.gather(frame["child"]))
        for name, frame in tables.items()
    }  # fmt: skip


def _shown(frame: pl.DataFrame, raw: Raw | None) -> pl.DataFrame:
    """The columns that this format has."""
    if raw is None:
        return frame[["source_line", "child_id", "birth_date", "sex", "ethnicity"]]
    names = [one.name for one in raw.fields if one.name != "child_id"]
    return frame[["source_line", "child_id", *names]]


def _header(layout: Layout, header: Mapping[str, str]) -> tuple[int | None, date | None, date | None, list[Fault]]:
    """Collection year, the last day the file can know of, the day it was made; and what is odd about them."""
    if layout.format != "cin_census":
        return None, None, None, []
    reference, made = _day(header.get("ReferenceDate", "")), _day(header.get("DateTime", ""))
    text = header.get("Year", "")
    year = int(text) if text.isdigit() and len(text) == 4 else None
    said = []
    if year is None or reference is None:
        said.append(Fault("no_reference_date", None, None, None, "a header without them"))
    if year is not None and reference is not None and reference.year != year:
        said.append(
            Fault("year_and_reference_date", None, None, None, f"Year {year}, ReferenceDate {reference:%d/%m/%Y}")
        )
    year = year if year is not None or reference is None else reference.year + (reference.month > 3)
    if year is not None and year not in layout.years:
        said.append(Fault("year_not_covered", None, None, None, f"{year}"))
    reaches = min(filter(None, (reference, made)), default=None)
    return year, reaches, made, said


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def _said(value: Any) -> str:
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | pl.Series):
        return ", ".join(_said(one) for one in list(value)[:5])
    return "blank" if value is None else str(value)
