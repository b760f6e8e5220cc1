"""Our own workbook read as any other return: the same tables, the same findings. Its rows carry trial numbers only."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from types import MappingProxyType

import polars as pl

from attunement.records.cells import date_of, text_of
from attunement.records.errors import RecordsError
from attunement.records.findings import Finding
from attunement.records.grids import Grid, read_csv
from attunement.records.reading import Return, read_sheets
from attunement.records.reading import read as read_workbook
from attunement.records.returns import Returned
from attunement.records.sheets import CHILDREN, SHEETS, TRIAL_LABEL

# Here nobody has told us the study's trial numbers: what has not their shape may be a name or an id.
_LIKE_A_TRIAL_NUMBER = re.compile(r"[A-Za-z]{1,4}[-/ ]?\d{1,6}[-/]?[A-Za-z]?")
_NO_DATE = date(1990, 1, 1)


def is_ours(sheets: Iterable[str]) -> bool:
    """Whether the sheets of these names are those of our workbook."""
    names = {name.strip().lower() for name in sheets}
    return CHILDREN.table in names and len(names & {sheet.table for sheet in SHEETS}) >= 3


def read_ours(path: Path) -> Returned:
    """The filled workbook; trial numbers and first days are those of its sheet Children."""
    from attunement.records.excel import sheets

    content = path.read_bytes()
    try:
        grids = {str(grid.sheet).strip().lower(): grid.rows for grid in sheets(io.BytesIO(content), path.name)}
        return _returned(path, read_workbook(io.BytesIO(content), known=_known(grids)))
    except RecordsError as error:
        raise RecordsError(f"{path.name}: {error}") from None


def read_ours_set(folder: Path) -> Returned:
    """The same as a set of CSV files: read_me.csv and one file a sheet. RecordsError where children.csv is not there."""
    named = {path.stem.lower().replace("_", " "): path for path in sorted(folder.glob("*.csv"))}
    if CHILDREN.table not in named:
        raise RecordsError(f"{folder.name}: no file {CHILDREN.table}.csv; expected our workbook as a set of CSV files.")
    grids = {}
    for name, path in named.items():
        grid, _encoding = read_csv(path)
        grids[name] = laid_out(grid)
    return _returned(folder, read_sheets(grids, known=_known(grids)))


def laid_out(grid: Grid) -> list[Sequence[object]]:
    """The rows at their lines, so that a finding names the line of the file."""
    rows: list[Sequence[object]] = []
    for line, row in zip(grid.lines, grid.rows, strict=True):
        rows += [[]] * (line - 1 - len(rows))
        rows.append(row)
    return rows


def _known(grids: Mapping[str, Sequence[Sequence[object]]]) -> dict[str, date]:
    rows = grids.get(CHILDREN.table, [])
    heads = [text_of(cell).lower() for cell in rows[0]] if rows else []
    at = heads.index(TRIAL_LABEL.lower()) if TRIAL_LABEL.lower() in heads else 0
    since = heads.index("from") if "from" in heads else None
    known = {}
    for row in rows[1:]:
        if len(row) > at and text_of(row[at]):
            known[text_of(row[at])] = (
                date_of(row[since]) if since is not None and len(row) > since else None
            ) or _NO_DATE
    return known


def _returned(path: Path, returned: Return) -> Returned:
    told = []
    for one in returned.findings:
        cause = "workbook_cell" if one.level == "error" else "workbook_problem"
        cause = one.cause if one.cause in ("unknown_column", "ambiguous") else cause
        told.append(
            Finding(
                one.level,
                one.sheet,
                one.row,
                one.column,
                one.trial_number if _LIKE_A_TRIAL_NUMBER.fullmatch(one.trial_number or "") else None,
                one.there,
                one.expected,
                cause,
                path.name,
            )
        )
    return Returned(
        path.name,
        "workbook",
        None,
        MappingProxyType(_tables(returned)),
        returned.extract_on,
        returned.extract_on,
        told=tuple(told),
    )


def _tables(returned: Return) -> dict[str, pl.DataFrame]:
    """The sheets as tables with the names of `layout.COUNTED`: those that hold two kinds of things are split."""
    own = returned.rows
    what = pl.col("what")
    return {
        "children": own["children"], "referrals": own["referrals"],
        "assessments": own["assessments"].filter(what == "assessment"),
        "s47": own["assessments"].filter(what.is_in(["section 47", "conference"])),
        "cin_plans": own["plans"].filter(what == "CIN"), "cp_plans": own["plans"].filter(what == "CP"),
        "care_episodes": own["care"],
    }  # fmt: skip
