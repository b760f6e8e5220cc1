"""The layouts of statutory returns, read from data files: which fields a format has and in which table each goes."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Literal

import polars as pl

Kind = Literal["id", "date", "dates", "code", "codes", "number", "bool"]
Order = Literal["dmy", "iso"]
FORMATS = ("cin_census", "ssda903", "annex_a")
TYPES: Mapping[Kind, Any] = {
    "id": pl.String, "date": pl.Date, "dates": pl.List(pl.Date), "code": pl.String, "codes": pl.List(pl.String),
    "number": pl.Int64, "bool": pl.Boolean,
}  # fmt: skip
# Every table of every format has these columns; a field that a format lacks is null throughout.
PLACE = {"source_line": pl.Int64, "child": pl.Int64, "within": pl.Int64}
COUNTED = ("children", "referrals", "assessments", "s47", "cin_plans", "cp_plans", "care_episodes")
# A file without these columns can still be read, and somebody must hear of it; the others are seldom needed.
MISSED = ("birth_date", "end", "end_code", "legal_status", "why_started", "icpc_date", "nfa", "status")
OTHER = ("in_need", "early_help")


@dataclass(frozen=True, slots=True)
class Field:
    """`source` is its name in the file, `also` other names in use; `codes` the set of a code."""

    name: str
    source: str
    kind: Kind
    also: tuple[str, ...] = ()
    codes: str | None = None
    required: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """One format. `tables` maps a table to its fields; `detail` is the rest of its data file."""

    format: str
    name: str
    dates: Order
    years: range
    tables: Mapping[str, tuple[Field, ...]]
    detail: Mapping[str, Any]

    def year_of(self, year: int | None) -> int | None:
        """The year whose codes hold for `year`: the nearest one that is known. None stays None."""
        return None if year is None else min(max(year, self.years[0]), self.years[-1])


@cache
def layout(format: str) -> Layout:
    """The layout of one of FORMATS."""
    content = data(format)
    every = _fields(content.get("every", {}))
    tables = {name: _fields(fields) for name, fields in content.get("tables", {}).items()}
    for one in content.get("lists", ()):
        tables[one["table"]] = every + _fields(one["fields"])
    if every:
        tables["children"] = every
    years = range(content["first_year"], content["last_year"] + 1)
    return Layout(content["format"], content["name"], content["dates"], years, MappingProxyType(tables), content)


@cache
def data(name: str) -> Mapping[str, Any]:
    """The content of a data file of this folder."""
    return tomllib.loads(files(__package__).joinpath("layouts", f"{name}.toml").read_text(encoding="utf-8"))


@cache
def columns(table: str) -> Mapping[str, Any]:
    """Name -> type of every column that any format gives to `table`."""
    found: dict[str, Any] = dict(PLACE) | {"child_id": pl.String}
    for format in FORMATS:
        for field in layout(format).tables.get(table, ()):
            found[field.name] = TYPES[field.kind]
    return MappingProxyType(found)


def _fields(content: Mapping[str, Any]) -> tuple[Field, ...]:
    return tuple(
        Field(name, one["from"], one["kind"], tuple(one.get("also", ())), one.get("codes"), one.get("required", False))
        for name, one in content.items()
    )
