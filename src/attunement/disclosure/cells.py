"""A table of counts read as cells: what each row counts, and which rows add up to which."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from attunement.disclosure.errors import DisclosureError

TOTAL = "Total"
Coordinates = tuple[str, ...]
Cell = frozenset[tuple[str, str]]
"""What is counted: the values outside Total, each with its dimension. The same cell is the same number everywhere."""
_CUT = "as of"


def dated(cell: Cell, cut: str) -> Cell:
    """The cell in one state of the data; without a `cut` there is only one."""
    return cell | {(_CUT, cut)} if cut else cell


def undated(cell: Cell) -> tuple[Cell, str]:
    """The cell without its cut, and the cut."""
    cut = next((value for name, value in cell if name == _CUT), "")
    return cell - {(_CUT, cut)}, cut


@dataclass(frozen=True, slots=True)
class Counted:
    """A table's rows: `coordinates` (a value a dimension) and the true count of each, in one state of the data."""

    dimensions: tuple[str, ...]
    coordinates: tuple[Coordinates, ...]
    n: tuple[int, ...]
    cut: str = ""

    def cell(self, row: Coordinates) -> Cell:
        values = zip(self.dimensions, row, strict=True)
        return dated(frozenset((name, value) for name, value in values if value != TOTAL), self.cut)


@dataclass(frozen=True, slots=True)
class Sum:
    """`parts` add up to `whole`; all: every value of the dimension is among the parts."""

    whole: Coordinates
    parts: tuple[Coordinates, ...]
    all: bool


def counted(table: pl.DataFrame) -> Counted:
    """Reads a table. DisclosureError for a missing or wrong `n`, an empty value, a cell with two counts, or a total that
    is not the sum of its parts.
    """
    if "n" not in table.columns:
        raise DisclosureError("A table needs a column n with its counts.")
    dimensions = tuple(name for name in table.columns if name != "n")
    for own in ("reason", _CUT):
        if own in dimensions:
            raise DisclosureError(f"A dimension cannot be called {own}; please give it another name.")
    values = [table[name].cast(pl.String).to_list() for name in dimensions]
    if any(value is None for column in values for value in column):
        raise DisclosureError("A row has no value in one of its dimensions; please name it, for example: not known.")
    rows: tuple[Coordinates, ...] = tuple(zip(*values, strict=True)) if values else ((),) * table.height
    read = Counted(dimensions, rows, tuple(_whole_numbers(table["n"])))
    found = dict(zip(rows, read.n, strict=True))
    if any(found[row] != n for row, n in zip(rows, read.n, strict=True)):
        raise DisclosureError("A row stands in the table twice with different counts; please settle which one holds.")
    for each in sums(tuple(found)):
        if each.whole in found and all(part in found for part in each.parts):
            _adds_up(each, found)
    return read


def _whole_numbers(n: pl.Series) -> list[int]:
    if n.is_empty():
        return []
    if not n.dtype.is_numeric() or n.has_nulls() or not ((n >= 0) & (n == n.floor()) & (n < 2**31)).all():
        raise DisclosureError("Every row needs a count in the column n: a whole number, none below 0.")
    return [int(value) for value in n.to_list()]


def _adds_up(each: Sum, found: dict[Coordinates, int]) -> None:
    parts = sum(found[part] for part in each.parts)
    if parts > found[each.whole] or (each.all and parts < found[each.whole]):
        where = ", ".join(each.whole) or TOTAL
        raise DisclosureError(
            f"The parts of the row ({where}) do not add up to its count; please mend it or add the part that is missing."
        )


def sums(rows: tuple[Coordinates, ...]) -> list[Sum]:
    """Every sum in a table, over one dimension at a time, also to totals that it does not show; parts come first."""
    known, places = dict.fromkeys(rows), range(len(rows[0]) if rows else 0)
    for place in places:
        known |= dict.fromkeys(whole for whole, parts in _grouped(known, place).items() if parts)
    found = []
    for place in places:
        size = len({row[place] for row in rows} - {TOTAL})
        groups = _grouped(known, place).items()
        found += [Sum(whole, tuple(parts), len(parts) == size) for whole, parts in groups if parts]
    return sorted(found, key=lambda each: each.whole.count(TOTAL))


def _grouped(rows: dict[Coordinates, None], place: int) -> dict[Coordinates, list[Coordinates]]:
    groups: dict[Coordinates, list[Coordinates]] = {}
    for row in rows:
        whole = (*row[:place], TOTAL, *row[place + 1 :])
        groups.setdefault(whole, []).extend([row] if row[place] != TOTAL else [])
    return groups
