"""Child-protection outcomes in the months after randomisation, each as it is defined, or honestly unknown."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from attunement.records import ending, evidence
from attunement.records.contract_types import typed
from attunement.records.days import CIN_PLAN, NO_STATUS, RANKS, WEEK, Days, days
from attunement.records.errors import RecordsError
from attunement.records.histories import CHILDREN, EPISODES, EVENTS

RANDOMISED = {"trial_id": pl.String, "t0": pl.Date, "extract_date": pl.Date}
COLUMNS: Mapping[str, Any] = {
    "trial_id": pl.String,
    "t1": pl.Date,
    "state": pl.String,
    "stop_date": pl.Date,
    "status_t0": pl.Int64,
    "status_t1": pl.Int64,
    "escalated_end": pl.Boolean,
    "deescalated_end": pl.Boolean,
    "escalated_any": pl.Boolean,
    "deescalated_any": pl.Boolean,
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
_AT_END = ("status_t1", "escalated_end", "deescalated_end")
_YEARS = (date(1900, 1, 1), date(2200, 1, 1))


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
    come in any order, further columns are left. The window is (t0, t1] with t1 = t0 + `months` calendar months; no
    extract, or one before t1 + `lag_days` days, gives `not_yet_known`. Outcomes are null where the state has no
    `stop_date`; what needs the window's end is null unless the state is `complete`. `evidence` holds, sorted, the
    row_ids that the values rest on. RecordsError for a missing column, a wrong type or kind, a child randomised on two
    days or on none, or two answers for one child.
    """
    who = _randomised(randomised, months, lag_days)
    happened = _placed(typed(episodes, EPISODES, "episodes"), who, "kind", tuple(RANKS))
    happened = happened.with_columns(first=_day("start"), past=_day("end"))
    dated = _placed(typed(events, EVENTS, "events"), who, "kind", ("s47", "icpc")).with_columns(on=_day("date"))
    told = _placed(typed(children, CHILDREN, "children"), who, "answer", (*ending.ANSWERS, None))
    ended = ending.states(told, happened, who)
    # What is counted where the window has no end is thrown away below.
    followed = _days_to("stop_date").fill_null(0) - (pl.col("state") != "complete").cast(pl.Int64)
    last = ended.select(followed.clip(0)).to_series().to_numpy()
    length = int(who.select(_days_to("t1")).max().item() or 0) + WEEK + 1
    grid = days(happened, last, length)
    again = _rereferrals(happened, grid)
    seen = dated.join(pl.DataFrame({"child": np.arange(len(last)), "last": last}), on="child")
    seen = seen.filter(pl.col("on").is_between(1, pl.col("last")))
    values = pl.DataFrame(_read_off(grid)).with_columns(
        s47_count=_counted(seen, "s47", len(last)),
        icpc_count=_counted(seen, "icpc", len(last)),
        cin_to_cp=~grid.cp[:, 0] & _among(_new_plans(happened, grid), len(last)),
        rereferred=_among(again["child"], len(last)),
        evidence=evidence.rows(happened, seen, again, ended, grid),
    )
    frame = _blanked(pl.concat([ended, values], how="horizontal"))
    as_it_came = randomised.schema.get("trial_id", pl.String)
    return frame.with_columns(pl.col("trial_id").cast(pl.String if as_it_came == pl.Null else as_it_came))


def _randomised(randomised: pl.DataFrame, months: int, lag_days: int) -> pl.DataFrame:
    """child (0, 1, …), trial_id, t0, t1, known: was the extract late enough. One row a child, the latest extract's."""
    rows = typed(randomised, RANDOMISED, "randomised children")
    who = rows.group_by("trial_id", maintain_order=True).agg(
        pl.col("t0").first(), pl.col("t0").n_unique().alias("starts"), pl.col("extract_date").max()
    )
    if who["trial_id"].has_nulls() or who["t0"].has_nulls() or (who["starts"] > 1).any():
        raise RecordsError("Each child must be randomised once: a trial number with one day; please mend the list.")
    if not who["t0"].is_between(*_YEARS).all():
        raise RecordsError("A child was randomised before 1900 or after 2200; please mend that day.")
    t1 = pl.col("t0").dt.offset_by(f"{months}mo")
    return who.with_row_index("child").select(
        pl.col("child").cast(pl.Int64), "trial_id", "t0", t1.alias("t1"),
        known=(pl.col("extract_date") >= t1.dt.offset_by(f"{lag_days}d")).fill_null(False),
    )  # fmt: skip


def _placed(rows: pl.DataFrame, who: pl.DataFrame, column: str, allowed: tuple[str | None, ...]) -> pl.DataFrame:
    """The rows of randomised children, each with its child and t0."""
    mine = rows.join(who.select("trial_id", "child", "t0"), on="trial_id", how="inner", maintain_order="left")
    if not set(mine[column].unique()) <= set(allowed):
        known = ", ".join(word for word in allowed if word)
        raise RecordsError(f"A row has a {column} that is not known; please use one of {known}.")
    return mine


def _day(column: str) -> pl.Expr:
    return (pl.col(column) - pl.col("t0")).dt.total_days()


def _days_to(column: str) -> pl.Expr:
    return _day(column).cast(pl.Int64)


def _read_off(grid: Days) -> dict[str, Any]:
    """The outcomes that the grid alone decides."""
    rows, followed = np.arange(len(grid.last)), grid.followed
    start, end = grid.status[:, 0].astype(np.int64), grid.status[rows, grid.last].astype(np.int64)
    above, below = grid.status > grid.status[:, :1], grid.status < grid.status[:, :1]
    closing = (grid.status[:, 1:] == NO_STATUS) & (grid.status[:, :-1] > NO_STATUS)
    without = grid.week_after_cp()
    week = without[:, None] + np.arange(WEEK + 1)
    stepped_down = (grid.status[rows[:, None], week] == CIN_PLAN).any(axis=1) & (without > 0)
    return {
        "status_t0": start,
        "status_t1": end,
        "escalated_end": end > start,
        "deescalated_end": end < start,
        "escalated_any": (above & followed).any(axis=1),
        "deescalated_any": (below & followed).any(axis=1),
        "cp_to_cin": stepped_down,
        "cp_days": (grid.cp & followed).sum(axis=1),
        "care_days": (grid.care & followed).sum(axis=1),
        "entered_care": ~grid.care[:, 0] & (grid.care & followed).any(axis=1),
        "closed": (closing & followed[:, 1:]).any(axis=1),
    }


def _among(children: pl.Series, height: int) -> np.ndarray[Any, Any]:
    return np.isin(np.arange(height), children.to_numpy())


def _counted(seen: pl.DataFrame, kind: str, height: int) -> np.ndarray[Any, Any]:
    days_of = seen.filter(pl.col("kind") == kind).select("child", "on").unique()["child"]
    return np.bincount(days_of.to_numpy(), minlength=height)


def _new_plans(episodes: pl.DataFrame, grid: Days) -> pl.Series:
    """The children with a CP plan that began in F and was not taken over from another authority."""
    own = (pl.col("kind") == "cp_plan") & ~pl.col("transfer_in").fill_null(False)
    plans = episodes.filter(own & pl.col("first").is_not_null())
    return plans["child"].filter(plans["first"].is_between(1, pl.Series(grid.last[plans["child"].to_numpy()])))


def _rereferrals(episodes: pl.DataFrame, grid: Days) -> pl.DataFrame:
    """child and row_id of each earlier referral that makes one in F, of a child with nothing open, a re-referral."""
    referrals = episodes.filter((pl.col("kind") == "referral") & pl.col("first").is_not_null())
    child, first = referrals["child"].to_numpy(), referrals["first"].to_numpy()
    inside = (first >= 1) & (first <= grid.last[child])
    day_before = np.where(inside, first - 1, 0)
    alone = inside & (grid.status[child, day_before] == NO_STATUS)
    second = referrals.filter(pl.Series(alone)).select("child", again="start")
    both = referrals.join(second, on="child")
    since = pl.col("again").dt.offset_by("-12mo")
    return both.filter(pl.col("start").is_between(since, pl.col("again"), closed="left")).select("child", "row_id")


def _blanked(frame: pl.DataFrame) -> pl.DataFrame:
    ended, complete = pl.col("stop_date").is_not_null(), pl.col("state") == "complete"
    outcomes = [name for name in COLUMNS if name not in ("trial_id", "t1", "state", "stop_date", "evidence")]
    return frame.with_columns(
        pl.when(complete if name in _AT_END else ended).then(pl.col(name)).alias(name) for name in outcomes
    ).select(pl.col(name).cast(kind) for name, kind in COLUMNS.items())
