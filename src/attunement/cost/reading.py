"""Reading a price table from a file: CSV, one row a resource, or TOML with deflators beside it."""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from attunement.cost.errors import CostError
from attunement.cost.prices import Prices
from attunement.cost.resources import Deflator, Resource, UnitCost

COLUMNS = ("resource", "unit", "perspective", "phase", "scales", "value", "price_year", "currency", "source", "low",
           "high")  # fmt: skip
"""A CSV table's header; `low` and `high` may be empty or left out."""
OPTIONAL = ("low", "high")
LARGEST = 1_000_000
Rows: TypeAlias = list[tuple[str, Mapping[str, Any]]]


def read_prices(path: Path | str, *, price_year: int | None = None, deflators: Iterable[Deflator] = ()) -> Prices:
    """The price table in `path`, by its suffix (.csv or .toml). CostError names file, row and what is wrong.

    CSV: the header is COLUMNS, one row a resource. TOML: `price_year`, `[[prices]]` with the same words, and
    `[[deflators]]` with series, year, index. `price_year` wins over the file's; without either, the prices must all
    be of one year.
    """
    file = Path(path)
    text = _text(file)
    rows: Rows
    further: Rows = []
    base: int | None = None
    if file.suffix.lower() == ".csv":
        rows = _csv(file, text)
    elif file.suffix.lower() == ".toml":
        rows, further, base = _toml(file, text)
    else:
        raise CostError(f"{file.name}: a price table is a .csv or a .toml file.")
    made = [_pair(f"{file.name}, {place}", row) for place, row in rows]
    if not made:
        raise CostError(f"{file.name}: there is no price in it.")
    wanted = price_year or base or _one_year(file, {cost.price_year for _, cost in made})
    series = tuple(deflators) or tuple(_deflator(f"{file.name}, {place}", row) for place, row in further)
    try:
        return Prices(tuple(pair[0] for pair in made), tuple(pair[1] for pair in made), wanted, series)
    except CostError as fault:
        raise CostError(f"{file.name}: {fault}") from None


def _text(file: Path) -> str:
    try:
        if file.stat().st_size > LARGEST:
            raise CostError(f"{file.name}: a price table has at most {LARGEST:,} bytes.")
        return file.read_text(encoding="utf-8-sig")
    except OSError as fault:
        raise CostError(f"{file.name or file} cannot be read: {fault.strerror}.") from None
    except UnicodeDecodeError:
        raise CostError(f"{file.name} is not text in UTF-8.") from None


def _csv(file: Path, text: str) -> Rows:
    try:
        table = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as fault:
        raise CostError(f"{file.name} is no CSV table: {fault}.") from None
    header = [name.strip() for name in table[0]] if table else []
    rows: Rows = []
    _known(file.name, header, (name for name in COLUMNS if name not in OPTIONAL))
    for number, cells in enumerate(table[1:], start=2):
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            raise CostError(f"{file.name}, row {number}: {len(cells)} cells, and the header has {len(header)}.")
        rows.append((f"row {number}", dict(zip(header, (cell.strip() for cell in cells), strict=True))))
    return rows


def _toml(file: Path, text: str) -> tuple[Rows, Rows, int | None]:
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as fault:
        raise CostError(f"{file.name} is no TOML: {fault}.") from None
    found = []
    for name in ("prices", "deflators"):
        tables = data.get(name, [])
        if not isinstance(tables, list) or not all(isinstance(row, dict) for row in tables):
            raise CostError(f"{file.name}: [[{name}]] are tables, one a row.")
        found.append([(f"[[{name}]] {number}", row) for number, row in enumerate(tables, start=1)])
    for place, row in found[0]:
        _known(f"{file.name}, {place}", row, ())
    base = data.get("price_year")
    if base is not None and (isinstance(base, bool) or not isinstance(base, int)):
        raise CostError(f"{file.name}: price_year is a year, not {base!r}.")
    return found[0], found[1], base


def _known(where: str, names: Iterable[str], wanted: Iterable[str]) -> None:
    given = list(names)
    for name in given:
        if name not in COLUMNS or given.count(name) > 1:
            raise CostError(f"{where}: there is no column '{name}', or it stands twice; the columns are "
                            f"{', '.join(COLUMNS)}.")
    for name in wanted:
        if name not in given:
            raise CostError(f"{where}: the column '{name}' is wanting.")


def _pair(where: str, row: Mapping[str, Any]) -> tuple[Resource, UnitCost]:
    of = {name: None if row.get(name) == "" else row.get(name) for name in COLUMNS}
    try:
        resource = Resource(of["resource"] or "", of["unit"] or "", of["perspective"] or "", of["phase"] or "",  # type: ignore[arg-type]
                            of["scales"] or "")  # type: ignore[arg-type]
        return resource, UnitCost(resource.code, of["value"] if of["value"] is not None else "", of["price_year"],
                                  of["currency"] or "", of["source"] or "", of["low"], of["high"])
    except CostError as fault:
        raise CostError(f"{where}: {fault}") from None


def _deflator(where: str, row: Mapping[str, Any]) -> Deflator:
    if set(row) != {"series", "year", "index"}:
        raise CostError(f"{where}: a deflator has series, year and index.")
    try:
        return Deflator(row["series"], row["year"], row["index"])
    except CostError as fault:
        raise CostError(f"{where}: {fault}") from None


def _one_year(file: Path, years: set[int]) -> int:
    if len(years) > 1:
        raise CostError(f"{file.name}: prices are of {', '.join(map(str, sorted(years)))}: say to which year they are "
                        "to be brought.")
    return years.pop()
