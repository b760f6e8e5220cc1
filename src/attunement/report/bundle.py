"""The report's numbers for other software: CSV, Parquet, and a codebook that says what each file and column holds."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import polars as pl

from attunement.records import safe_cell
from attunement.report.model import Block, Document, Figure, Number, Section, Table

_NUMBERS = {"id": pl.String, "value": pl.Float64, "text": pl.String, "section": pl.String, "place": pl.String}
_FIGURES = ("value", "se", "df", "low", "high", "p", "n")
_ESTIMATES = {"id": pl.String, "role": pl.String, "post_hoc": pl.Boolean, "outcome": pl.String,
              **dict.fromkeys(_FIGURES, pl.Float64), "method": pl.String}  # fmt: skip
_MEANING = {
    "numbers": {
        "id": "the result's name, the same in every file of the report",
        "value": "the number at full precision; money in pence, shares from 0 to 1; empty where it is not shown",
        "text": "the number as the report prints it",
        "section": "the chapter that prints it first; empty where none does",
        "place": "the table, row and column that print it first, or the text",
    },
    "estimates": {
        "id": "the estimand's code in the study file",
        "role": "primary or secondary",
        "post_hoc": "true where the locked plan does not have it",
        "outcome": "the outcome in the study file's words",
        "value": "difference between the arms, the programme's less the other's; a risk difference from -1 to 1",
        "se": "standard error of the value",
        "df": "degrees of freedom; empty where the normal distribution is meant",
        "low": "lower limit of the 95 % interval",
        "high": "upper limit of the 95 % interval",
        "p": "two-sided p value",
        "n": "families analysed",
        "method": "the estimator and its small-sample correction",
    },
}


def files(document: Document, results: dict[str, Any]) -> dict[str, str | bytes]:
    """The bundle's files by name; the same report gives the same bytes."""
    places = dict(_places(document))
    numbers = pl.DataFrame(
        [(id_, _number(one.value), one.text, *places.get(id_, ("", ""))) for id_, one in sorted(document.results.items())],
        schema=_NUMBERS, orient="row",
    )  # fmt: skip
    estimates = pl.DataFrame([_estimate(one) for one in results["estimates"]], schema=_ESTIMATES, orient="row")
    found: dict[str, str | bytes] = {}
    for name, frame in (("numbers", numbers), ("estimates", estimates)):
        stream = io.BytesIO()
        frame.write_parquet(stream, compression="zstd", statistics=True)
        found |= {f"bundle/{name}.csv": _csv(frame), f"bundle/{name}.parquet": stream.getvalue()}
    return found | {"bundle/codebook.csv": _codebook(document, {"numbers": numbers, "estimates": estimates})}


def _estimate(one: dict[str, Any]) -> tuple[Any, ...]:
    figures = (_number(one[name]) for name in _FIGURES)
    return (one["id"], one["role"], one["post_hoc"], one["estimand"]["variable"], *figures, one["method"])


def _number(value: int | float | None) -> float | None:
    return None if value is None else float(f"{value:.12g}")


def _places(document: Document) -> Iterator[tuple[str, tuple[str, str]]]:
    """Where each result is first printed: the pairs come last first, so that a dict keeps the first."""
    for section in reversed(document.sections):
        for block in reversed([*_inner(section)]):
            table = block.data if isinstance(block, Figure) else block
            if isinstance(table, Table):
                for row in reversed(table.rows):
                    for cell, column in zip(row, table.columns, strict=True):
                        if isinstance(cell, Number):
                            yield cell.id, (section.title, f"{table.caption}: {document.said(row[0])}, {column.title}")
            for part in getattr(block, "parts", ()):
                if isinstance(part, Number):
                    yield part.id, (section.title, "text")


def _inner(section: Section) -> Iterator[Block]:
    for block in section.blocks:
        yield block
        if isinstance(block, Section):
            yield from _inner(block)


def _csv(frame: pl.DataFrame) -> str:
    """With no cell that a spreadsheet takes for a formula."""
    return frame.with_columns(pl.col(pl.String).map_elements(safe_cell, return_dtype=pl.String)).write_csv()


def _codebook(document: Document, frames: dict[str, pl.DataFrame]) -> str:
    rows = [(f"bundle/{name}.csv, bundle/{name}.parquet", column, str(kind), _MEANING[name][column])
            for name, frame in frames.items() for column, kind in frame.schema.items()]  # fmt: skip
    for table in document.tables():
        for place, column in enumerate(table.columns):
            rows.append((f"tables/{table.id}.csv", column.title, "text as printed", table.caption))
            if place:
                rows.append((f"tables/{table.id}.csv", f"{column.title} (value)", "number", table.caption))
    return pl.DataFrame(rows, schema=["file", "column", "kind", "meaning"], orient="row").pipe(_csv)
