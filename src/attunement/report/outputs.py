"""The report's numbers as files: one JSON, and a CSV for every table."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from attunement.records import safe_cell
from attunement.report.model import Document, Inline, Number, Table


def as_text(content: dict[str, Any]) -> str:
    """JSON with sorted keys; real numbers to 12 significant digits, so that the same results give the same bytes."""
    return json.dumps(_rounded(content), indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"


def as_csv(table: Table, document: Document) -> str:
    """A table with one further column a number column: its value beside the printed text, as a plain number."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(
        [_safe(column.title) for column in table.columns] + [f"{_safe(c.title)} (value)" for c in table.columns[1:]]
    )
    for row in table.rows:
        writer.writerow(
            [_safe(_printed(cell, document)) for cell in row] + [_value(cell, document) for cell in row[1:]]
        )
    return stream.getvalue()


def _printed(cell: Inline, document: Document) -> str:
    return document.results[cell.id].text if isinstance(cell, Number) else cell


def _value(cell: Inline, document: Document) -> str:
    value = document.results[cell.id].value if isinstance(cell, Number) else None
    return "" if value is None else f"{value:.12g}" if isinstance(value, float) else str(value)


def _safe(text: str) -> str:
    """A cell that a spreadsheet does not take for a formula, on one line of its row."""
    return safe_cell(text).replace("\r", " ")


def _rounded(content: Any) -> Any:
    if isinstance(content, float):
        return float(f"{content:.12g}")
    if isinstance(content, dict):
        return {key: _rounded(value) for key, value in content.items()}
    if isinstance(content, list | tuple):
        return [_rounded(value) for value in content]
    return content
