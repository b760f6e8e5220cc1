"""Whom to interview: a sampling frame from the trial's own data, quotas, and a draw that anybody can repeat."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from attunement.process.errors import ProcessError
from attunement.process.sources import Delivery, SnapshotLike, delivery

QUOTA_COLUMNS = ("site", "arm", "completer", "language", "stage")
FRAME = {"family": pl.String} | dict.fromkeys(QUOTA_COLUMNS, pl.String)


@dataclass(frozen=True)
class Quota:
    """At least `least` families of one `level` of a column, say Quota("language", "en-xr", 4)."""

    column: str
    level: str
    least: int

    def __post_init__(self) -> None:
        if self.column not in QUOTA_COLUMNS:
            raise ProcessError(f"Quotas are on {', '.join(QUOTA_COLUMNS)}, not on {self.column!r}.")
        if self.least < 0:
            raise ProcessError("A quota is 0 or more families.")


@dataclass(frozen=True)
class Drawn:
    """`chosen`: the frame's rows in the order drawn. `reserve`: the others, in the order to turn to. `quotas`: a row
    each with column, level, least, in_frame, chosen, short (how many are wanting).
    """

    chosen: pl.DataFrame
    reserve: pl.DataFrame
    quotas: pl.DataFrame


def sampling_frame(snapshot: SnapshotLike, agreed: Collection[str]) -> pl.DataFrame:
    """Families that may be asked for an interview: family, site, arm (null while the key is withheld), completer
    (yes, no, not yet), language, stage (not started, meeting, cycle 1, …, closed).

    `agreed`: families with their own consent to be asked; no other is in the frame, and none that withdrew.
    ProcessError: somebody agreed who was not allocated; or delivery has ended, so that memories are no sample.
    """
    had = delivery(snapshot)
    strangers = sorted(set(agreed) - set(had.placed["family"]))
    if strangers:
        raise ProcessError(f"{strangers[0]} agreed to an interview and was not allocated.")
    stages = _stages(had)
    if had.programme.height and all(stages.get(family) == "closed" for family in had.programme["family"]):
        raise ProcessError("Every family has closed: the sample is drawn before delivery ends.")
    rows = []
    willing = pl.col("family").is_in(list(agreed)) & pl.col("withdrawn_on").is_null()
    offered = set(had.programme["family"])
    for row in had.placed.filter(willing).sort("family").iter_rows(named=True):
        stage = stages.get(row["family"], "not started") if row["family"] in offered else "usual care"
        done = {"closed": "yes", "usual care": "not offered"}.get(stage, "not yet")
        done = "no" if done == "not yet" and row["change"] else done
        rows.append((row["family"], row["site"], row["arm"], done, row["language"], stage))
    return pl.DataFrame(rows, schema=FRAME, orient="row")


def draw(frame: pl.DataFrame, quotas: Sequence[Quota], *, size: int, seed: int) -> Drawn:
    """Draw `size` families: in an order shuffled by `seed`, each time the one that serves most quotas still open.

    The same frame, quotas and seed draw the same, whatever the order of rows. ProcessError: no size, more than there
    are, or quotas of a column that the frame does not know.
    """
    if not 0 < size <= frame.height:
        raise ProcessError(f"{size} interviews are wanted, of {frame.height} families in the frame.")
    for quota in quotas:
        if frame[quota.column].null_count():
            raise ProcessError(f"There can be no quota on {quota.column}: it is not known of every family.")
    order = np.random.default_rng(seed).permutation(frame.height)
    left = frame.sort("family")[order.tolist()].to_dicts()
    need = {quota: quota.least for quota in quotas}
    chosen = []
    for _place in range(size):
        best = max(range(len(left)), key=lambda place: (_serves(left[place], need), -place))
        row = left.pop(best)
        chosen.append(row)
        for quota in need:
            need[quota] -= row[quota.column] == quota.level
    told = [(quota.column, quota.level, quota.least, int((frame[quota.column] == quota.level).sum()),
             quota.least - short, max(short, 0)) for quota, short in need.items()]  # fmt: skip
    kinds = {"column": pl.String, "level": pl.String} | dict.fromkeys(("least", "in_frame", "chosen", "short"), pl.Int64)
    return Drawn(pl.DataFrame(chosen, schema=FRAME), pl.DataFrame(left, schema=FRAME),
                 pl.DataFrame(told, schema=kinds, orient="row"))  # fmt: skip


def achieved(drawn: Drawn, interviewed: Collection[str]) -> pl.DataFrame:
    """Quotas planned and achieved: column, level, least, chosen, interviewed. For the report's own table.

    ProcessError: somebody was interviewed who is not in the frame, and so did not agree to it.
    """
    frame = pl.concat([drawn.chosen, drawn.reserve])
    strangers = sorted(set(interviewed) - set(frame["family"]))
    if strangers:
        raise ProcessError(f"{strangers[0]} was interviewed and is not in the frame: there is no consent to that.")
    done = frame.filter(pl.col("family").is_in(list(interviewed)))
    counts = [int((done[column] == level).sum()) for column, level in drawn.quotas.select("column", "level").iter_rows()]
    return drawn.quotas.select("column", "level", "least", "chosen", pl.Series("interviewed", counts, dtype=pl.Int64))


def _serves(row: dict[str, object], need: dict[Quota, int]) -> int:
    return sum(need[quota] > 0 and row[quota.column] == quota.level for quota in need)


def _stages(had: Delivery) -> dict[str, str]:
    held = had.sessions.filter(pl.col("state") == "held")
    stages = {}
    for family, rows in held.partition_by("family", as_dict=True).items():
        cycles = max(rows["cycle"].drop_nulls().to_list(), default=None)
        stages[str(family[0])] = "closed" if (rows["kind"] == "closing").any() else (
            f"cycle {cycles}" if cycles is not None else "meeting")  # fmt: skip
    return stages
