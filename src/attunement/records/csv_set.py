"""Our workbook as a set of CSV files, for an authority without Excel: one file a sheet, and the lists of codes."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from attunement.places import check_place
from attunement.records.cells import safe_cell
from attunement.records.errors import RecordsError
from attunement.records.sheets import CHILDREN, CODES, EXTRACT_LABEL, READ_ME, SHEETS
from attunement.records.template import Row, distinct


def template_set(folder: Path, *, site: str, study: str, children: Sequence[Row]) -> None:
    """Write the empty set into `folder`, with a line for each child; the files that are there are replaced.

    RecordsError when a trial number is empty or stands there twice. `records.read(folder)` reads it when it is filled.
    """
    distinct(children)
    folder.mkdir(parents=True, exist_ok=True)
    title = [(f"Records for {study}",), (f"Authority: {site}",), (EXTRACT_LABEL, "")]
    _write(folder / f"{READ_ME.lower().replace(' ', '_')}.csv", [*title, *((f"{s.name}: {s.what}",) for s in SHEETS)])
    codes = [(c.label, code, means) for s in SHEETS for c in s.columns for code, means in c.codes.items()]
    _write(folder / f"{CODES.lower()}.csv", [("List", "Code", "Meaning"), *codes])
    for sheet in SHEETS:
        rows: list[tuple[str, ...]] = [tuple(column.label for column in sheet.columns)]
        if sheet is CHILDREN:
            blanks = ("",) * (len(sheet.columns) - 3)
            rows += [(r.trial_number, f"{r.allocated_on}", f"{r.window_end}", *blanks) for r in children]
        _write(folder / f"{sheet.table}.csv", rows)


def _write(target: Path, rows: Sequence[Sequence[str]]) -> None:
    check_place(target, RecordsError)
    beside = target.with_name(target.name + ".part")
    with beside.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([safe_cell(cell) for cell in row] for row in rows)
    beside.replace(target)
