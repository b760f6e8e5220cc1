"""The rows that figures of delivery are drawn from. A family is a number of order, never its code."""

from __future__ import annotations

import polars as pl

from attunement.process.dose import due_sessions, sessions_a_family
from attunement.process.sources import Delivery, SnapshotLike, delivery


def funnel(snapshot: SnapshotLike) -> pl.DataFrame:
    """`step`, `families`: referred, eligible, consented, baseline, allocated, offered, started, each session number
    of the plan reached, completed. Zeros are rows too.
    """
    had = delivery(snapshot)
    rows = [("referred", had.families.height), ("eligible", int(had.families["eligible"].sum()))]
    rows += [(name, had.families[f"{name}_on"].count()) for name in ("consented", "baseline", "allocated")]
    counts = _held(had).group_by("family").agg(n=pl.len())["n"]
    rows += [("offered", had.programme.height), ("started", counts.len())]
    rows += [(f"{n} sessions or more", int((counts >= n).sum())) for n in range(2, len(had.study.delivery.sessions) + 1)]
    closed = _held(had).filter(pl.col("kind") == "closing")["family"].n_unique()
    return pl.DataFrame([*rows, ("completed", closed)], schema={"step": pl.String, "families": pl.Int64}, orient="row")


def sessions(snapshot: SnapshotLike) -> pl.DataFrame:
    """`sessions`, `families`, `enough` (the planned number reached): the bars of sessions a family."""
    had = delivery(snapshot)
    planned = len(had.study.delivery.sessions)
    return sessions_a_family(had.programme, had.sessions).with_columns(enough=pl.col("sessions") >= planned)


def swimmer(snapshot: SnapshotLike) -> pl.DataFrame:
    """A row a session that was due: `family` (1 is the longest known), `day` from allocation, `kind`, `state`, and
    `end`, the family's last day known: closing, withdrawal or the cut. A family without a session has one row of
    nulls, so that it keeps its lane.
    """
    had = delivery(snapshot)
    due = due_sessions(had.programme, had.sessions, had.known_on)
    closed = _held(had).filter(pl.col("kind") == "closing").group_by("family").agg(closed=pl.col("held_on").min())
    lanes = had.programme.select("family", "allocated_on", "withdrawn_on").join(closed, on="family", how="left")
    last = pl.min_horizontal(pl.coalesce("closed", "withdrawn_on", pl.lit(had.known_on)), pl.lit(had.known_on))
    lanes = lanes.with_columns(end=(last - pl.col("allocated_on")).dt.total_days()).sort(
        "end", "allocated_on", "family", descending=[True, False, False])  # fmt: skip
    numbered = lanes.with_row_index("lane", offset=1).join(due, on="family", how="left", maintain_order="left")
    day = (pl.coalesce("held_on", "planned_on") - pl.col("allocated_on")).dt.total_days()
    return numbered.select(pl.col("lane").cast(pl.Int64).alias("family"), day.alias("day"), "kind", "state", "end").sort(
        "family", "day", nulls_last=True)  # fmt: skip


def heat_map(snapshot: SnapshotLike) -> pl.DataFrame:
    """Supervision by `site` and `month`: `minutes_booked`, `minutes_held`, `share`. By site: never one practitioner's."""
    had = delivery(snapshot)
    due = had.supervision.filter(pl.col("booked_on") <= had.known_on).with_columns(
        month=pl.col("booked_on").dt.truncate("1mo"))  # fmt: skip
    grouped = due.group_by("site", "month").agg(pl.col("minutes_booked").sum(), pl.col("minutes_held").sum())
    share = pl.when(pl.col("minutes_booked") > 0).then(pl.col("minutes_held") / pl.col("minutes_booked"))
    return grouped.with_columns(share=share).sort("site", "month", nulls_last=True)


def logic_model(snapshot: SnapshotLike) -> pl.DataFrame:
    """The programme's chain with what was counted: `stage` (inputs, activities, outputs, outcomes), `node`, `count`.

    An outcome's count is of families in whom it is known, not an effect.
    """
    had = delivery(snapshot)
    held = _held(had)
    cycles = held.filter(pl.col("kind") == "review").select("family", "cycle").n_unique()
    rows: list[tuple[str, str, int]] = [
        ("inputs", "practitioners trained", had.practitioners.drop_nulls("trained_on")["practitioner"].n_unique()),
        ("inputs", "supervisions held", had.supervision["minutes_held"].count()),
        ("activities", "families offered", had.programme.height),
        ("activities", "sessions held", held.height),
        ("activities", "films", int(held["films"].sum())),
        ("outputs", "shared reviews", cycles),
        ("outputs", "families who completed", held.filter(pl.col("kind") == "closing")["family"].n_unique()),
    ]
    after = {point.code for point in had.study.time_points if point.months_after is not None}
    scores = snapshot.frame("blind/scores").filter(pl.col("time_point").is_in(after)
                                                   & pl.col("value").is_not_null()).collect()  # fmt: skip
    rows += [("outcomes", f"{key[0]}.{key[1]}", group["trial_number"].n_unique())
             for key, group in scores.sort("instrument", "scale").group_by("instrument", "scale", maintain_order=True)]
    return pl.DataFrame(rows, schema={"stage": pl.String, "node": pl.String, "count": pl.Int64}, orient="row")


def _held(had: Delivery) -> pl.DataFrame:
    return had.sessions.filter((pl.col("state") == "held") & pl.col("family").is_in(had.programme["family"].implode()))
