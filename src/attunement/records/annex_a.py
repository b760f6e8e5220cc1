"""The inspection workbook, lists 2 to 8: each sheet by its name or its headings."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import polars as pl

from attunement.records.cells import text_of
from attunement.records.errors import RecordsError
from attunement.records.grids import TITLE_ROWS, Grid, Unknown, heading, headings_of, raw_table
from attunement.records.layout import COUNTED, OTHER, columns, layout
from attunement.records.typed import Fault, Raw

_LIST = re.compile(r"list\s*0*(\d{1,2})(?!\d)", re.IGNORECASE)
_NEEDED = 3


def is_annex_a(grids: Iterable[Grid]) -> bool:
    """Whether any sheet is one of the lists."""
    return any(_which(grid) is not None for grid in grids)


def read_annex_a(grids: Iterable[Grid], unknown: Unknown) -> tuple[list[Raw], list[Fault]]:
    """A raw table for each list that is there, none where no sheet is a list, and the faults of their headings.

    A sheet of a list without headings that we know is a fault, and so is the second sheet of a list whose first has the
    list's very name. RecordsError, with sheet and row, where no list has headings, or where it is not plain which of two
    sheets is the list.
    """
    raws: dict[str, Raw] = {}
    faults: list[Fault] = []
    refused: RecordsError | None = None
    left = {heading(name) for name in layout("annex_a").detail["known"]["left"]}
    for grid in grids:
        one = _which(grid)
        if one is None:
            continue
        table, at = one["table"], _fields_at(grid, one)
        if at is None:
            refused = refused or _no_headings(grid, one)
            if any(any(map(text_of, row)) for row in grid.rows):
                faults.append(Fault("sheet_not_read", None, None, None, "no headings of the list", sheet=grid.sheet))
            continue
        if table in raws:
            exact = [_exactly(name, one) for name in (raws[table].sheet, grid.sheet)]
            if exact[0] == exact[1]:
                raise RecordsError(
                    f"{grid.file}: sheet {grid.sheet}: list {one['number']} stands there twice; expected it once."
                )
            other = grid.sheet if exact[0] else raws[table].sheet
            faults.append(Fault("sheet_not_read", None, None, None, "the list stands there again", sheet=other))
            if exact[0]:
                continue
            faults = [fault for fault in faults if fault.table != table]
        raws[table], found = raw_table(grid, at, table, layout("annex_a").tables[table], left, unknown)
        faults += found
    if refused and not raws:
        raise refused
    return list(raws.values()), faults


def _exactly(sheet: str | None, one: dict[str, Any]) -> bool:
    """Whether the sheet's name is the list's number and no more."""
    named = _LIST.fullmatch((sheet or "").strip())
    return named is not None and int(named[1]) == one["number"]


def children_of(tables: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """Every person that the lists name, once for each different set of facts, with `list`, the table where first seen."""
    facts = ["child_id", "birth_date", "sex", "ethnicity"]
    lists = [
        tables[name].lazy().select("source_line", *facts, list=pl.lit(name))
        for name in (*COUNTED, *OTHER) if name in tables and name != "children"
    ]  # fmt: skip
    whole = {**columns("children"), "list": pl.String}
    found = pl.concat([pl.LazyFrame(schema=whole).select("source_line", *facts, "list"), *lists])
    once = found.filter(pl.col("child_id").is_not_null()).unique(
        ["child_id", "birth_date"], keep="first", maintain_order=True
    )
    held = {"source_line", *facts, "list"}
    return once.select(name if name in held else pl.lit(None, kind).alias(name) for name, kind in whole.items()).collect()


def _which(grid: Grid) -> dict[str, Any] | None:
    """The list that the sheet's name says, or whose headings it has."""
    lists: list[dict[str, Any]] = layout("annex_a").detail["lists"]
    named = _LIST.search(grid.sheet or "")
    if named:
        return next((one for one in lists if one["number"] == int(named[1])), None)
    return next((one for one in lists if _marked(grid, one) and _fields_at(grid, one) is not None), None)


def _marked(grid: Grid, one: dict[str, Any]) -> bool:
    """Whether some row has the headings, under any of their names, that only this list has."""
    fields = headings_of(layout("annex_a").tables[one["table"]])
    wanted = [
        {name for name, field in fields.items() if heading(field.source) == heading(mark)} or {heading(mark)}
        for mark in one["marks"]
    ]
    return any(all({heading(cell) for cell in row} & names for names in wanted) for row in grid.rows[:TITLE_ROWS])


def _no_headings(grid: Grid, one: dict[str, Any]) -> RecordsError:
    place = f"{grid.file}: sheet {grid.sheet}, row {grid.lines[0] if grid.lines else 1}"
    return RecordsError(
        f"{place}: no headings of list {one['number']}; expected a row with Child Unique ID, Gender and so on."
    )


def _fields_at(grid: Grid, one: dict[str, Any]) -> int | None:
    """The row in which most headings of the list stand, if there are enough of them and the child's id is one."""
    fields = layout("annex_a").tables[one["table"]]
    named = headings_of(fields)
    known, ids = set(named), {name for name, field in named.items() if field.kind == "id"}
    best, where = _NEEDED - 1, None
    for index, row in enumerate(grid.rows[:TITLE_ROWS]):
        names = {heading(cell) for cell in row}
        if names & ids and len(names & known) > best:
            best, where = len(names & known), index
        if best >= len(fields):
            break
    return where
