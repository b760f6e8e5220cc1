"""Timeliness: days from allocation to the first session, with those who have not started kept in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from attunement.process.indicator import Indicator, tidy

DAYS = (14, 28, 56)


def timeliness(
    programme: pl.DataFrame, sessions: pl.DataFrame, *, known_on: date, days: Sequence[int] = DAYS
) -> pl.DataFrame:
    """Share started within so many days of allocation, and the median, by Kaplan and Meier: tidy frame.

    `programme` has `family`, `allocated_on`, `withdrawn_on`; `sessions` has `family`, `state`, `held_on`. A family
    that has not started is censored at withdrawal or the cut. `numerator` counts the families that started,
    `denominator` those offered; `missing` those whose first session lies before allocation, which are left out.
    """
    first = sessions.filter(pl.col("state") == "held").group_by("family").agg(first=pl.col("held_on").min())
    rows = programme.select("family", "allocated_on", "withdrawn_on").join(
        first, on="family", how="left", maintain_order="left"
    )
    started = pl.col("first").is_not_null()
    end = pl.min_horizontal("withdrawn_on", pl.lit(known_on))
    timed = rows.select(
        days=(pl.when(started).then("first").otherwise(end) - pl.col("allocated_on")).dt.total_days(), event=started
    )
    usable = timed.filter(pl.col("days") >= 0)
    left_out = timed.height - usable.height
    times, events = usable["days"].to_numpy().astype(np.float64), usable["event"].to_numpy().astype(np.bool_)
    steps, surviving = kaplan_meier(times, events)
    result = []
    for day in days:
        before = np.searchsorted(steps, day, side="right")
        share = 1 - float(surviving[before - 1]) if before else 0.0
        began = int((events & (times <= day)).sum())
        result.append(Indicator(f"started_by_day_{day}", share if times.size else None, began, times.size, left_out))
    reached = steps[surviving <= 0.5 + 1e-12]
    median = float(reached[0]) if reached.size else None
    return tidy([*result, Indicator("median_days_to_start", median, int(events.sum()), times.size, left_out)])


def kaplan_meier(
    times: NDArray[np.float64], events: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Event times (ascending) and the share without the event just after each. Kaplan and Meier 1958, JASA 53:457."""
    steps = np.unique(times[events])
    at_risk = np.array([(times >= step).sum() for step in steps], dtype=np.float64)
    happened = np.array([(events & (times == step)).sum() for step in steps], dtype=np.float64)
    surviving = np.cumprod(1 - happened / at_risk).astype(np.float64)
    return steps, surviving
