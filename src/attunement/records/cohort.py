"""Inside the authority, offline: its full return and its own sheet of trial numbers give our workbook, and no more."""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from attunement.places import check_place
from attunement.records.arriving import DIGEST
from attunement.records.cells import text_of
from attunement.records.contract import reach, to_histories
from attunement.records.dates import read_date
from attunement.records.errors import RecordsError
from attunement.records.findings import Finding, expected_of
from attunement.records.grids import find_headings, heading, read_csv
from attunement.records.histories import Histories
from attunement.records.made_up import Cells, History, fill
from attunement.records.returns import Returned
from attunement.records.sheets import CARE_ENDS, CLOSURES
from attunement.records.template import Row, template
from attunement.study.calendar import add_months

C = pl.col
_NEEDED = ("trial_number", "child_id", "t0")
# A step-down is looked for until a week after the window.
_AFTER = timedelta(days=8)


@dataclass(frozen=True, slots=True)
class Sheet:
    """The authority's own sheet: `ids` with trial_number and child_id, and the day of allocation of each trial number."""

    ids: pl.DataFrame
    allocated: Mapping[str, date]


@dataclass(frozen=True, slots=True)
class Cohort:
    """What was written: how many children the sheet has and the returns hold, the day of the extract, and findings."""

    children: int
    found: int
    extract_on: date | None
    findings: tuple[Finding, ...] = field(default=())


def read_sheet(path: str | Path) -> Sheet:
    """The sheet trial number, child id, day of allocation: CSV with the headings trial_number, child_id, t0.

    RecordsError, with the row and never the id, for a missing heading or value, a day that is none, one trial number
    with two days, one id with two trial numbers, or a hash in place of an id.
    """
    where = Path(path)
    if not where.is_file():
        raise RecordsError(f"{where.name}: there is no such file.")
    grid, _encoding = read_csv(where)
    at = find_headings(grid, {heading(name) for name in _NEEDED})
    if at is None:
        raise RecordsError(f"{where.name}: row 1: other headings; expected trial_number, child_id and t0.")
    names = [heading(cell) for cell in grid.rows[at]]
    places = [names.index(heading(name)) for name in _NEEDED]
    rows: list[tuple[str, str]] = []
    allocated: dict[str, date] = {}
    whose: dict[str, str] = {}
    for line, cells in zip(grid.lines[at + 1 :], grid.rows[at + 1 :], strict=True):
        values = [text_of(cells[place]) if place < len(cells) else "" for place in places]
        if not any(values):
            continue
        trial, child, day = _row(where.name, line, values)
        if allocated.setdefault(trial, day) != day:
            raise RecordsError(f"{where.name}: row {line}: a trial number with two days of allocation; expected one.")
        if whose.setdefault(child.lower(), trial) != trial:
            raise RecordsError(f"{where.name}: row {line}: one child id with two trial numbers; expected one.")
        rows.append((trial, child))
    if not rows:
        raise RecordsError(
            f"{where.name}: no rows; expected one for each child, for example N-014A, the id, 2022-01-31."
        )
    return Sheet(
        pl.DataFrame(rows, schema={"trial_number": pl.String, "child_id": pl.String}, orient="row").unique(
            maintain_order=True
        ),
        allocated,
    )


def _row(file: str, line: int, values: Sequence[str]) -> tuple[str, str, date]:
    trial, child, text = values
    child = child.removesuffix(".0")
    if not (trial and child):
        raise RecordsError(f"{file}: row {line}: a blank cell; expected trial number, child id and day of allocation.")
    if DIGEST.fullmatch(child) or DIGEST.fullmatch(trial):
        raise RecordsError(
            f"{file}: row {line}: a hash; expected the trial number we gave and the authority's own id. A "
            "hashed id protects nobody: all ids of 8 digits can be tried within a minute."
        )
    day = read_date(text, usual="dmy")
    if not isinstance(day, date):
        raise RecordsError(
            f"{file}: row {line}: no day of allocation; expected a date such as 2022-01-31 or 31/01/2022."
        )
    return trial, child, day


def trials_of(sheet: Sheet) -> dict[str, str]:
    """Child id -> trial number, for the findings of a return."""
    return dict(zip(sheet.ids["child_id"].to_list(), sheet.ids["trial_number"].to_list(), strict=True))


def write_cohort(
    returns: Sequence[Returned],
    sheet: Sheet,
    target: str | Path,
    *,
    extract_on: date | None = None,
    months: int = 6,
    lag_days: int = 60,
) -> Cohort:
    """Write our workbook, filled for the sheet's children, to `target`; it holds trial numbers, dates and codes only.

    The day of the extract is `extract_on`, else the last day that all the returns' formats reach, where they say so. A
    child that no return holds keeps a blank answer: a person must say why. Nothing is left half written.
    """
    if not returns:
        raise RecordsError("No return was given; expected at least one.")
    found = to_histories(returns, sheet.ids)
    extract = extract_on or _reached(returns)
    asked = [Row(trial, day, add_months(day, months)) for trial, day in sheet.allocated.items()]
    blank, whole = io.BytesIO(), io.BytesIO()
    template(blank, site="this authority", study="the study", children=asked)
    fill(io.BytesIO(blank.getvalue()), whole, _rows(found, asked), extract_on=extract)
    _keep(Path(target), whole.getvalue())
    here = set(found.children.filter(C("answer").is_not_null())["trial_id"])
    return Cohort(len(asked), len(here), extract, tuple(_insufficient(asked, here, extract, lag_days)))


def _reached(returns: Sequence[Returned]) -> date | None:
    """Of each format the return that reaches furthest; of these the nearest. None where one of them does not say."""
    furthest: dict[str, date | None] = {}
    for one in sorted(returns, key=reach):
        furthest[one.format] = one.reaches
    days = list(furthest.values())
    return min(day for day in days if day) if all(days) else None


def _insufficient(asked: Sequence[Row], here: set[str], extract: date | None, lag_days: int) -> list[Finding]:
    found = []
    for row in asked:
        if row.trial_number not in here:
            found.append(
                Finding(
                    "problem",
                    "Children",
                    None,
                    None,
                    row.trial_number,
                    "no row in any return",
                    expected_of("not_in_returns"),
                    "not_in_returns",
                )
            )
        elif extract and extract < row.window_end + timedelta(days=lag_days):
            there = f"an extract of {extract:%d/%m/%Y}, for a window that ends on {row.window_end:%d/%m/%Y}"
            found.append(
                Finding(
                    "problem", "Children", None, None, row.trial_number, there, expected_of("too_early"), "too_early"
                )
            )
    return found


def _rows(found: Histories, asked: Sequence[Row]) -> list[History]:
    children = {row["trial_id"]: row for row in found.children.to_dicts()}
    episodes = found.episodes.sort("start").partition_by("trial_id", as_dict=True)
    events = found.events.sort("date").partition_by("trial_id", as_dict=True)
    made = []
    for row in asked:
        own = children.get(row.trial_number, {})
        first, last = add_months(row.allocated_on, -12), row.window_end + _AFTER
        near = episodes.get((row.trial_number,), found.episodes.clear()).filter(
            (C("start") <= last) & (C("end").is_null() | (C("end") >= first))
        )
        dated = events.get((row.trial_number,), found.events.clear()).filter(C("date").is_between(first, last))
        answer = "died" if own.get("death_date") else own.get("answer")
        made.append(
            History(
                row.trial_number,
                answer.replace("_", " ") if answer else None,
                own.get("death_date"),
                **_sheets(near, dated),
            )
        )
    return made


def _sheets(episodes: pl.DataFrame, events: pl.DataFrame) -> dict[str, tuple[Cells, ...]]:
    """The cells of each sheet, every row once: a conference that two places repeat is one."""
    sheets: dict[str, list[Cells]] = {"referrals": [], "assessments": [], "plans": [], "care": []}
    for one in episodes.to_dicts():
        start, end, code = one["start"], one["end"], one["end_code"]
        if one["kind"] == "referral":
            sheets["referrals"].append((start, end, code if code in CLOSURES else None))
        elif one["kind"] == "care":
            sheets["care"].append((start, end, one["legal_status"], code if code in CARE_ENDS else None))
        else:
            moved = {True: "yes", False: "no", None: None}[one["transfer_in"]]
            sheets["plans"].append(("CIN" if one["kind"] == "cin_plan" else "CP", start, end, moved))
    for one in events.to_dicts():
        sheets["assessments"].append(("section 47" if one["kind"] == "s47" else "conference", one["date"], None))
    return {name: tuple(dict.fromkeys(rows)) for name, rows in sheets.items()}


def _keep(target: Path, content: bytes) -> None:
    """Written beside, then renamed."""
    check_place(target, RecordsError)
    handle, name = tempfile.mkstemp(dir=target.parent, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.replace(name, target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
