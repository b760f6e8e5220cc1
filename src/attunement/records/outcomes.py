"""Child-protection outcomes in the months after randomisation, each as the study defines it, or honestly unknown.

A day grid a child: for each day from randomisation until a week after the window's end, what was open on it. Everything
else is read off that grid, so overlaps, repeats and the order of rows cannot matter.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from attunement.records.errors import RecordsError
from attunement.records.histories import CHILDREN, EPISODES, EVENTS
from attunement.study.calendar import add_months

SHORT_BREAKS = ("V3", "V4")
NO_STATUS, REFERRAL, CIN_PLAN, CP_PLAN, IN_CARE = range(5)
RANDOMISED = {"trial_id": pl.String, "t0": pl.Date, "extract_date": pl.Date}
# On one day the earlier in this order counts.
_STOPS = (
    ("died", "referral", ("RC2",)),
    ("died", "care", ("E2",)),
    ("adopted", "referral", ("RC1",)),
    ("adopted", "care", ("E11", "E12")),
    ("transferred", "referral", ("RC5",)),
    ("transferred", "care", ("E3",)),
)
_ORDER = ("died", "adopted", "transferred")
_ONE_WEEK = 7
COLUMNS: Mapping[str, Any] = {
    "trial_id": pl.String,
    "t0": pl.Date,
    "t1": pl.Date,
    "state": pl.String,
    "stop_date": pl.Date,
    "status_t0": pl.Int64,
    "status_t1": pl.Int64,
    "escalated_end": pl.Boolean,
    "deescalated_end": pl.Boolean,
    "escalated_any": pl.Boolean,
    "deescalated_any": pl.Boolean,
    "cp_plan_at_end": pl.Boolean,
    "cin_to_cp": pl.Boolean,
    "cp_to_cin": pl.Boolean,
    "cp_days": pl.Int64,
    "care_days": pl.Int64,
    "s47_count": pl.Int64,
    "icpc_count": pl.Int64,
    "entered_care": pl.Boolean,
    "closed": pl.Boolean,
    "rereferred": pl.Boolean,
    "evidence": pl.List(pl.String),
}
Row = dict[str, Any]
Days = npt.NDArray[np.bool_]


def derive(
    children: pl.DataFrame,
    episodes: pl.DataFrame,
    events: pl.DataFrame,
    randomised: pl.DataFrame,
    *,
    months: int = 6,
    lag_days: int = 60,
) -> pl.DataFrame:
    """One row a `trial_id` of `randomised`, in its order, with the columns of COLUMNS.

    The frames have the columns of histories.CHILDREN, EPISODES, EVENTS and of RANDOMISED; rows may repeat, overlap and
    come in any order. The window is (t0, t1] with t1 = t0 + `months` calendar months; an extract before t1 +
    `lag_days` days gives `not_yet_known`. Outcomes are null where the state has no `stop_date`; what needs the
    window's end is null unless the state is `complete`. `evidence` holds the row_ids that the values rest on.
    RecordsError for a missing column, a wrong type, a child randomised twice or without a date.
    """
    child_rows = _by_child(children, CHILDREN, "children")
    episode_rows = _by_child(episodes, EPISODES, "episodes")
    event_rows = _by_child(events, EVENTS, "events")
    result = []
    for trial_id, rows in _by_child(randomised, RANDOMISED, "randomised").items():
        if len(rows) > 1 or rows[0]["t0"] is None or rows[0]["extract_date"] is None:
            raise RecordsError("Each child must be randomised once, with a day and the date of an extract.")
        t0, extract = rows[0]["t0"], rows[0]["extract_date"]
        t1 = add_months(t0, months)
        row: Row = {"trial_id": trial_id, "t0": t0, "t1": t1, "state": "not_yet_known"}
        if extract >= t1 + timedelta(lag_days):
            mine = episode_rows.get(trial_id, [])
            row["state"], row["stop_date"] = _state(child_rows.get(trial_id, []), mine, t0, t1)
            if row["stop_date"]:
                row |= _outcomes(_Grid(mine, t0, t1), event_rows.get(trial_id, []), row)
        result.append({name: row.get(name) for name in COLUMNS} | {"evidence": row.get("evidence", [])})
    return pl.DataFrame(result, schema=COLUMNS)


def _by_child(frame: pl.DataFrame, schema: Mapping[str, Any], name: str) -> dict[str, list[Row]]:
    missing = [column for column in schema if column not in frame.columns]
    if missing:
        raise RecordsError(f"The table of {name} lacks the column {missing[0]}.")
    try:
        typed = frame.select(pl.col(column).cast(kind) for column, kind in schema.items()).unique(maintain_order=True)
    except pl.exceptions.PolarsError:
        raise RecordsError(f"A column in the table of {name} is not of its type.") from None
    found: dict[str, list[Row]] = defaultdict(list)
    for row in typed.iter_rows(named=True):
        found[row["trial_id"]].append(row)
    return found


def _state(children: list[Row], episodes: list[Row], t0: date, t1: date) -> tuple[str, date | None]:
    """How the child's window ended, and on which day; no day where that is not known."""
    stops = [(row["death_date"], _ORDER.index("died")) for row in children]
    for row in episodes:
        stops += [(row["end"], _ORDER.index(state)) for state, kind, codes in _STOPS if _ends(row, kind, codes)]
    inside = [(day, rank) for day, rank in stops if day and t0 < day <= t1]
    if inside:
        day, rank = min(inside)
        return _ORDER[rank], day
    answers = sorted({row["answer"] for row in children if row["answer"]})
    if len(answers) > 1:
        raise RecordsError("A child has two different answers; please settle which one holds.")
    if answers == ["found"]:
        return "complete", t1
    return (answers[0] if answers else "missing"), None


def _ends(row: Row, kind: str, codes: tuple[str, ...]) -> bool:
    return row["kind"] == kind and row["end_code"] in codes


@dataclass(slots=True)
class _Grid:
    """What was open on each day from t0 (index 0) until a week after t1."""

    episodes: list[Row]
    t0: date
    t1: date

    @property
    def length(self) -> int:
        return (self.t1 - self.t0).days + _ONE_WEEK + 1

    def index(self, day: date) -> int:
        return (day - self.t0).days

    def open(self, kind: str) -> Days:
        """True on the days with an open episode of `kind`; short breaks are not care."""
        days = np.zeros(self.length, bool)
        for row in self.episodes:
            if row["kind"] == kind and row["start"] and not _is_short_break(row):
                first = max(0, self.index(row["start"]))
                days[first : max(first, self.index(row["end"])) if row["end"] else None] = True
        return days

    def starts(self, kind: str) -> list[Row]:
        return [row for row in self.episodes if row["kind"] == kind and row["start"]]


def _outcomes(grid: _Grid, events: list[Row], row: Row) -> Row:
    """All outcomes of a child whose window has an end: `row` holds its state and stop_date."""
    complete = row["state"] == "complete"
    # F, the days followed, is 1..last of the grid.
    last = grid.index(row["stop_date"]) - (not complete)
    cp, care = grid.open("cp_plan"), grid.open("care")
    status = np.where(grid.open("referral"), REFERRAL, NO_STATUS)
    status = np.where(grid.open("cin_plan"), CIN_PLAN, status)
    status = np.where(care, IN_CARE, np.where(cp, CP_PLAN, status))
    end = int(status[last]) if complete else None
    start = int(status[0])
    followed = status[1 : last + 1]
    counted = {kind: _dates(events, kind, grid, last) for kind in ("s47", "icpc")}
    stepped_down, known_until = _cp_to_cin(cp, status, last)
    again, earlier = _rereferred(grid, status, last)
    return {
        "status_t0": start,
        "status_t1": end,
        "escalated_end": end > start if end is not None else None,
        "deescalated_end": end < start if end is not None else None,
        "escalated_any": bool((followed > start).any()),
        "deescalated_any": bool((followed < start).any()),
        "cp_plan_at_end": bool(cp[last]) if complete else None,
        "cin_to_cp": not cp[0] and any(_new_plan(plan, grid, last) for plan in grid.starts("cp_plan")),
        "cp_to_cin": stepped_down,
        "cp_days": int(cp[1 : last + 1].sum()),
        "care_days": int(care[1 : last + 1].sum()),
        "s47_count": len(counted["s47"]),
        "icpc_count": len(counted["icpc"]),
        "entered_care": bool(not care[0] and care[1 : last + 1].any()),
        "closed": bool(((followed == NO_STATUS) & (status[:last] > NO_STATUS)).any()),
        "rereferred": again,
        "evidence": list(dict.fromkeys(_evidence(grid, events, row, last, known_until) + earlier)),
    }


def _is_short_break(row: Row) -> bool:
    return row["kind"] == "care" and row["legal_status"] in SHORT_BREAKS


def _within(day: date | None, grid: _Grid, last: int) -> bool:
    return day is not None and 1 <= grid.index(day) <= last


def _dates(events: list[Row], kind: str, grid: _Grid, last: int) -> set[date]:
    return {row["date"] for row in events if row["kind"] == kind and _within(row["date"], grid, last)}


def _new_plan(plan: Row, grid: _Grid, last: int) -> bool:
    return not plan["transfer_in"] and _within(plan["start"], grid, last)


def _cp_to_cin(cp: Days, status: npt.NDArray[np.int_], last: int) -> tuple[bool, int]:
    """Whether a CP plan stepped down to a CIN plan within a week of its end, and the last day that decides it."""
    without = np.flatnonzero(~cp[1 : last + 1])
    if not cp[0] or not without.size:
        return False, last
    first = int(without[0]) + 1
    until = first + _ONE_WEEK
    return bool((status[first : until + 1] == CIN_PLAN).any()), max(last, until)


def _rereferred(grid: _Grid, status: npt.NDArray[np.int_], last: int) -> tuple[bool, list[str]]:
    """Whether a referral followed an earlier one of the twelve months before, with nothing open; the earlier rows."""
    referrals = grid.starts("referral")
    again = False
    earlier: set[str] = set()
    for row in referrals:
        if _within(row["start"], grid, last) and status[grid.index(row["start"]) - 1] == NO_STATUS:
            since = add_months(row["start"], -12)
            before = {str(r["row_id"]) for r in referrals if since <= r["start"] < row["start"]}
            again, earlier = again or bool(before), earlier | before
    return again, sorted(earlier)


def _evidence(grid: _Grid, events: list[Row], row: Row, last: int, until: int) -> list[str]:
    """Rows open or begun in the days that were looked at, the row that ended the window, the events counted."""
    found = []
    for episode in grid.episodes:
        start, end = episode["start"], episode["end"]
        open_or_begun = start and grid.index(start) <= until and (start > grid.t0 or not end or end > grid.t0)
        stops = end == row["stop_date"] and any(_ends(episode, kind, codes) for _, kind, codes in _STOPS)
        if open_or_begun or stops:
            found.append(str(episode["row_id"]))
    return found + [str(event["row_id"]) for event in events if _within(event["date"], grid, last)]
