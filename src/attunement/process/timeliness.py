"""Timeliness: days from allocation to first session, film, review and closing, with those not there yet kept in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from attunement.process.indicator import Indicator, cut, ratio, tidy
from attunement.process.sources import SnapshotLike, delivery

DAYS = (14, 28, 56)
STEPS = ("film", "review", "closing")
"""Sessions whose time from allocation is told beside the time to start."""
ENDED = ("died", "removed", "adopted")
"""Changes of circumstances that end what can still be delivered."""


class Times(NamedTuple):
    """Days from allocation to the event, or to censoring; `left_out` families have the event before allocation."""

    days: NDArray[np.float64]
    event: NDArray[np.bool_]
    left_out: int


def timeliness(snapshot: SnapshotLike, *, days: Sequence[int] = DAYS) -> pl.DataFrame:
    """How soon, at the cut, over all families offered: `timeliness_of`; median days to first film, shared review and
    closing session; and of those offered, who withdrew, or ended by death, removal or adoption, before a start.
    """
    had = delivery(snapshot)
    own = timeliness_of(had.programme, had.sessions, known_on=had.known_on, days=days)
    rows = [_median(f"median_days_to_{kind}", time_to(had.programme, had.sessions, known_on=had.known_on, kind=kind))
            for kind in STEPS]  # fmt: skip
    began = had.sessions.filter(pl.col("state") == "held")["family"].unique()
    waiting = had.programme.filter(~pl.col("family").is_in(began.implode()))
    rows.append(ratio("withdrew_before_start", waiting.height - waiting["withdrawn_on"].null_count(),
                      had.programme.height))  # fmt: skip
    rows += [ratio(f"{change}_before_start", int((waiting["change"] == change).sum()), had.programme.height)
             for change in ENDED]  # fmt: skip
    return cut(pl.concat([own, tidy(rows)]), had.known_on)


def time_to_start(snapshot: SnapshotLike) -> pl.DataFrame:
    """The curve of the figure: `days`, `share` started by then, `at_risk` just before; a row an event time."""
    had = delivery(snapshot)
    times = time_to(had.programme, had.sessions, known_on=had.known_on)
    steps, surviving = kaplan_meier(times.days, times.event)
    risk = [int((times.days >= step).sum()) for step in steps]
    return pl.DataFrame({"days": steps, "share": 1 - surviving, "at_risk": risk},
                        schema={"days": pl.Float64, "share": pl.Float64, "at_risk": pl.Int64})  # fmt: skip


def timeliness_of(
    programme: pl.DataFrame, sessions: pl.DataFrame, *, known_on: date, days: Sequence[int] = DAYS
) -> pl.DataFrame:
    """Share started within so many days of allocation, and the median, by Kaplan and Meier: tidy frame.

    `programme` has `family`, `allocated_on`, `withdrawn_on`; `sessions` has `family`, `state`, `held_on`. A family
    that has not started is censored at withdrawal or the cut. `numerator` counts the families that started,
    `denominator` those offered; `missing` those whose first session lies before allocation, which are left out.
    """
    times = time_to(programme, sessions, known_on=known_on)
    steps, surviving = kaplan_meier(times.days, times.event)
    result = []
    for day in days:
        before = np.searchsorted(steps, day, side="right")
        share = 1 - float(surviving[before - 1]) if before else 0.0
        began, size = int((times.event & (times.days <= day)).sum()), times.days.size
        result.append(Indicator(f"started_by_day_{day}", share if size else None, began, size, times.left_out))
    return tidy([*result, _median("median_days_to_start", times)])


def time_to(programme: pl.DataFrame, sessions: pl.DataFrame, *, known_on: date, kind: str | None = None) -> Times:
    """Days to the first session held, of one `kind` or of any. Censored at withdrawal, at `changed_on` where the
    families have such a column (the day of a death or removal), and at the cut. Never-starters stay in.
    """
    wanted = (pl.col("state") == "held") & (pl.lit(True) if kind is None else pl.col("kind") == kind)
    first = sessions.filter(wanted).group_by("family").agg(first=pl.col("held_on").min())
    ends = [name for name in ("withdrawn_on", "changed_on") if name in programme.columns]
    rows = programme.select("family", "allocated_on", *ends).join(first, on="family", how="left", maintain_order="left")
    happened = pl.col("first").is_not_null()
    end = pl.when(happened).then("first").otherwise(pl.min_horizontal(*ends, pl.lit(known_on)))
    timed = rows.select(days=(end - pl.col("allocated_on")).dt.total_days(), event=happened)
    usable = timed.filter(pl.col("days") >= 0)
    return Times(usable["days"].to_numpy().astype(np.float64), usable["event"].to_numpy().astype(np.bool_),
                 timed.height - usable.height)  # fmt: skip


def kaplan_meier(
    times: NDArray[np.float64], events: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Event times (ascending) and the share without the event just after each. Kaplan and Meier 1958, JASA 53:457."""
    steps = np.unique(times[events])
    at_risk = np.array([(times >= step).sum() for step in steps], dtype=np.float64)
    happened = np.array([(events & (times == step)).sum() for step in steps], dtype=np.float64)
    surviving = np.cumprod(1 - happened / at_risk).astype(np.float64)
    return steps, surviving


def _median(indicator: str, times: Times) -> Indicator:
    steps, surviving = kaplan_meier(times.days, times.event)
    reached = steps[surviving <= 0.5 + 1e-12]
    median = float(reached[0]) if reached.size else None
    return Indicator(indicator, median, int(times.event.sum()), times.days.size, times.left_out)
