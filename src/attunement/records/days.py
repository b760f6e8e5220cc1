"""What was open on each day of each child's window: one row a child, one column a day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

SHORT_BREAKS = ("V3", "V4")
NO_STATUS, REFERRAL, CIN_PLAN, CP_PLAN, IN_CARE = range(5)
WEEK = 7
RANKS = {"referral": REFERRAL, "cin_plan": CIN_PLAN, "cp_plan": CP_PLAN, "care": IN_CARE}
Grid = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Days:
    """Shape (children, days): column d is the day t0 + d, until a week after the longest window's end.

    `status` is the highest of RANKS that is open, `cp` and `care` say whether a CP plan or care other than a short
    break is. `last` is, a child, the last day followed: F is 1 … last, and empty where last is 0.
    """

    status: npt.NDArray[np.uint8]
    cp: Grid
    care: Grid
    last: Numbers

    @property
    def followed(self) -> Grid:
        column = np.arange(self.status.shape[1])
        return (column >= 1) & (column <= self.last[:, None])

    def week_after_cp(self) -> Numbers:
        """A child's first day of F without a CP plan where one was open at t0; -1 where there is none."""
        without = self.followed & ~self.cp & self.cp[:, :1]
        return np.where(without.any(axis=1), without.argmax(axis=1), -1)


def days(episodes: pl.DataFrame, last: Numbers, length: int) -> Days:
    """`episodes`: child (row of the grid), kind, legal_status, first and past (days from t0, null past: still open)."""
    shape = (len(last), length)
    status = np.zeros(shape, np.uint8)
    real = pl.col("legal_status").is_in(SHORT_BREAKS).fill_null(False).not_() | (pl.col("kind") != "care")
    grids = {}
    for kind, rank in RANKS.items():
        grids[kind] = _open(episodes.filter((pl.col("kind") == kind) & real), shape)
        status[grids[kind]] = rank
    return Days(status, grids["cp_plan"], grids["care"], last)


def _open(rows: pl.DataFrame, shape: tuple[int, int]) -> Grid:
    """Counts what begins and ends on each day and adds up, so that overlaps and repeats cannot matter."""
    children, length = shape
    found = rows.filter(pl.col("first").is_not_null()).select(
        "child", first=pl.col("first").clip(0, length), past=pl.col("past").fill_null(length).clip(0, length)
    )
    child, first, past = (found.filter(pl.col("past") > pl.col("first"))[name].to_numpy() for name in found.columns)
    changes = np.zeros((children, length + 1), np.int32)
    np.add.at(changes, (child, first), 1)
    np.add.at(changes, (child, past), -1)
    return np.asarray(np.cumsum(changes[:, :length], axis=1, dtype=np.int32) > 0)
