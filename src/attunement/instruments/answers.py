"""Answers as tables for other programs: CSV, SPSS, Stata and R, with the same whole numbers and the same labels in each.

Codes below zero stand for no number: -8 not applicable, -9 passed over. An empty cell: not answered.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from attunement.instruments.key import InstrumentError

NOT_APPLICABLE, PASSED_OVER = -8, -9
NO_NUMBER = {NOT_APPLICABLE: "Not applicable", PASSED_OVER: "Passed over"}
_NAME = re.compile(r"[a-z][a-z0-9_]{0,30}")


@dataclass(frozen=True, slots=True)
class Column:
    """A column's name (small letters, figures, _; 31 at most, for Stata), its label, and what its codes mean."""

    name: str
    label: str
    values: dict[int, str] = field(default_factory=dict)


def write(table: pl.DataFrame, columns: Sequence[Column], folder: Path) -> list[Path]:
    """`answers.csv`, `answers.sav`, `answers.dta`, `answers.R` and `labels.csv` in the folder, all or none.

    The table's columns are whole numbers, texts and instants. Raises InstrumentError.
    """
    names = [column.name for column in columns]
    if bad := [name for name in names if not _NAME.fullmatch(name)]:
        raise InstrumentError(f"{bad[0]!r} is no name of a column that every program takes")
    if names != table.columns:
        raise InstrumentError("the labels do not fit the table's columns")
    plain = table.with_columns(pl.col(pl.Datetime).dt.convert_time_zone("UTC").dt.strftime("%Y-%m-%dT%H:%M:%SZ"))
    folder.mkdir(parents=True, exist_ok=True)
    made = {"answers.csv": _csv, "answers.sav": _sav, "answers.dta": _dta, "answers.R": _r, "labels.csv": _labels}
    parts = {name: folder / f".{Path(name).stem}.part{Path(name).suffix}" for name in made}
    try:
        for name, make in made.items():
            make(plain, columns, parts[name])
        for name, part in parts.items():
            part.replace(folder / name)
    finally:
        for part in parts.values():
            part.unlink(missing_ok=True)
    return [folder / name for name in made]


def _csv(table: pl.DataFrame, _columns: Sequence[Column], path: Path) -> None:
    table.write_csv(path)


def _labels(_table: pl.DataFrame, columns: Sequence[Column], path: Path) -> None:
    rows: list[tuple[str, str, int | None, str | None]] = []
    for column in columns:
        rows += [(column.name, column.label, code, words) for code, words in column.values.items()]
        rows += [] if column.values else [(column.name, column.label, None, None)]
    pl.DataFrame(rows, schema=["column", "label", "code", "meaning"], orient="row").write_csv(path)


def _about(columns: Sequence[Column]) -> dict[str, Any]:
    return {"column_labels": {column.name: column.label for column in columns},
            "variable_value_labels": {column.name: column.values for column in columns if column.values}}


def _sav(table: pl.DataFrame, columns: Sequence[Column], path: Path) -> None:
    missing = {column.name: [{"lo": PASSED_OVER, "hi": NOT_APPLICABLE}] for column in columns
               if PASSED_OVER in column.values}
    _package().write_sav(table, str(path), missing_ranges=missing, **_about(columns))


def _dta(table: pl.DataFrame, columns: Sequence[Column], path: Path) -> None:
    _package().write_dta(table, str(path), version=15, **_about(columns))


def _package() -> Any:
    try:
        import pyreadstat
    except ImportError:
        raise InstrumentError("SPSS and Stata files need the package pyreadstat: pip install attunement[formats]") from None
    return pyreadstat


def _r(table: pl.DataFrame, columns: Sequence[Column], path: Path) -> None:
    """A data frame that `source("answers.R")` makes, with labels as the packages haven and labelled read them."""
    lines = ["# Made by Attunement. In R: source(\"answers.R\"); then look at `answers`.", "answers <- data.frame("]
    lines.append(",\n".join(f"  {column.name} = {_vector(table[column.name])}" for column in columns) + ",")
    lines.append("  stringsAsFactors = FALSE)")
    for column in columns:
        lines.append(f'attr(answers${column.name}, "label") <- {_text(column.label)}')
        if column.values:
            pairs = ", ".join(f"{_text(words)} = {code}L" for code, words in column.values.items())
            lines.append(f'attr(answers${column.name}, "labels") <- c({pairs})')
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _vector(values: pl.Series) -> str:
    if values.dtype == pl.String:
        return f"as.character(c({', '.join('NA' if value is None else _text(value) for value in values)}))"
    return f"as.integer(c({', '.join('NA' if value is None else f'{value}L' for value in values)}))"


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def instant(value: datetime | None) -> datetime | None:
    """Whole seconds in UTC, as the files hold them."""
    return None if value is None else value.astimezone(UTC).replace(microsecond=0)
