"""Who was reached and who was not: the two groups' characteristics side by side, as standardised differences."""

from __future__ import annotations

from math import sqrt
from typing import Literal

import polars as pl

from attunement.process.errors import ProcessError
from attunement.process.families import one_a_family
from attunement.process.sources import SnapshotLike, delivery

Stage = Literal["consented", "allocated", "started"]
CHARACTERISTICS = ("site", "language", "help_needed")
SCHEMA = {"characteristic": pl.String, "level": pl.String, "reached": pl.Float64, "n_reached": pl.Int64,
          "not_reached": pl.Float64, "n_not_reached": pl.Int64, "missing": pl.Int64,
          "standardised_difference": pl.Float64}  # fmt: skip


def reached(snapshot: SnapshotLike, *, stage: Stage = "consented") -> pl.DataFrame:
    """One row a level of a characteristic, shares among those reached and those not: of eligible families at
    `consented` and `allocated`, of families offered the programme at `started`, where baseline scores are rows too
    (means). A share's difference is (p₁ − p₀) / √((p₁q₁ + p₀q₀)/2), a mean's over √((s₁² + s₀²)/2) (Austin 2009);
    null where a group is empty or nothing varies.
    """
    if stage == "started":
        had = delivery(snapshot)
        began = had.sessions.filter(pl.col("state") == "held")["family"].unique()
        families = had.programme.with_columns(reached=pl.col("family").is_in(began.implode()))
    elif stage in ("consented", "allocated"):
        every = one_a_family(snapshot.frame("blind/families").collect()).filter(pl.col("eligible"))
        families = every.with_columns(reached=pl.col(f"{stage}_on").is_not_null())
    else:
        raise ProcessError(f"Families are reached at consented, allocated or started, not at {stage!r}.")
    rows = [row for name in CHARACTERISTICS for row in _shares(families, name)]
    if stage == "started":
        rows += _scores(snapshot, families)
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def _shares(families: pl.DataFrame, name: str) -> list[tuple[object, ...]]:
    known = families.select("reached", level=pl.col(name).cast(pl.String)).drop_nulls()
    yes, no = (known.filter(pl.col("reached") == side)["level"] for side in (True, False))
    rows: list[tuple[object, ...]] = []
    for level in sorted(set(known["level"])):
        shares = [int((side == level).sum()) / side.len() if side.len() else None for side in (yes, no)]
        rows.append(_row(name, level, shares, [None if p is None else p * (1 - p) for p in shares], yes.len(), no.len(),
                         families.height - known.height))  # fmt: skip
    return rows


def _scores(snapshot: SnapshotLike, families: pl.DataFrame) -> list[tuple[object, ...]]:
    before = {point.code for point in snapshot.study.time_points if point.months_after is None}
    scores = snapshot.frame("blind/scores").filter(pl.col("time_point").is_in(before)).collect()
    rows: list[tuple[object, ...]] = []
    for (instrument, scale), part in scores.sort("instrument", "scale").group_by(
            "instrument", "scale", maintain_order=True):  # fmt: skip
        joined = families.join(part.select("trial_number", "value"), on="trial_number", how="left")
        sides = [joined.filter(pl.col("reached") == side)["value"].drop_nulls() for side in (True, False)]
        means = [float(side.mean()) if side.len() else None for side in sides]  # type: ignore[arg-type]
        spread = [float(side.var()) if side.len() > 1 else None for side in sides]  # type: ignore[arg-type]
        rows.append(_row(f"{instrument}.{scale}", "mean", means, spread, sides[0].len(), sides[1].len(),
                         joined["value"].null_count()))  # fmt: skip
    return rows


def _row(name: str, level: str, values: list[float | None], spread: list[float | None], yes: int, no: int,
         missing: int) -> tuple[object, ...]:  # fmt: skip
    apart = None
    if values[0] is not None and values[1] is not None and spread[0] is not None and spread[1] is not None:
        pooled = sqrt((spread[0] + spread[1]) / 2)
        apart = (values[0] - values[1]) / pooled if pooled else None
    return name, level, values[0], yes, values[1], no, missing, apart
