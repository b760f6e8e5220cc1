"""The looked-after return as CSV files, each known by its headings; its XML is read like the census's."""

from __future__ import annotations

from collections.abc import Mapping

from attunement.records.errors import RecordsError
from attunement.records.grids import Grid, Unknown, heading, matching, raw_table
from attunement.records.layout import Field, layout
from attunement.records.typed import Fault, Raw


def recognise(grid: Grid) -> tuple[str, int] | None:
    """The name of the file of the set ("Header", "Episodes", a sibling) and the row of its headings."""
    return matching(grid, {name: set(map(heading, needs)) for name, needs in _all_files().items()})


def read_903(grid: Grid, name: str, at: int, unknown: Unknown) -> tuple[Raw, list[Fault]]:
    """The raw table of Header or Episodes. RecordsError for a sibling, which we have no use for."""
    detail = layout("ssda903").detail
    table = next((one["table"] for one in detail["files"] if one["name"] == name), None)
    if table is None:
        raise RecordsError(
            f"{grid.file}: row {grid.lines[at]}: the headings of the {name} file of SSDA903, which is not needed; "
            "expected Header or Episodes."
        )
    return raw_table(grid, at, table, _fields(table), set(map(heading, detail["left"])), unknown)


def _fields(table: str) -> tuple[Field, ...]:
    """The table's fields; a CSV row carries the child's id itself."""
    tables: Mapping[str, tuple[Field, ...]] = layout("ssda903").tables
    whose = tuple(one for one in tables["children"] if one.kind == "id")
    return tables[table] if table == "children" else whose + tables[table]


def _all_files() -> dict[str, list[str]]:
    detail = layout("ssda903").detail
    return {one["name"]: one["needs"] for one in reversed(detail["files"])} | dict(detail["siblings"])
