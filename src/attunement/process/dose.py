"""Dose: sessions, cycles and minutes; what did not take place, and what nobody logged, each apart."""

from __future__ import annotations

from datetime import date
from typing import Literal

import polars as pl

from attunement.process.errors import ProcessError
from attunement.process.indicator import Indicator, cut, ratio, tidy
from attunement.process.sources import SnapshotLike, delivery, sites

STATES = ("planned", "held", "not_attended", "cancelled_family", "cancelled_practitioner", "not_logged",
          "rearranged")  # fmt: skip


def dose(snapshot: SnapshotLike, *, by: Literal["site"] | None = None) -> pl.DataFrame:
    """Sessions, cycles and minutes that the families offered had, at the cut; with `by`, a group a site.

    Beside `dose_of`: minutes a family offered, sessions rearranged (of those planned), and the share of families
    with a session that nobody logged.
    """
    whole = delivery(snapshot)
    plan = whole.study.delivery.sessions
    cycles = len({session.cycle for session in plan if session.cycle is not None})
    parts = []
    for group, had in sites(whole, by):
        own = had.sessions.filter(pl.col("family").is_in(had.programme["family"].implode()))
        due = due_sessions(had.programme, own, had.known_on)
        late = due.filter(pl.col("state") == "not_logged")["family"].n_unique()
        minutes = due.filter(pl.col("state") == "held")["minutes"]
        rows = [
            ratio("minutes_a_family", int(minutes.sum()), had.programme.height, minutes.null_count()),
            ratio("rearranged_of_planned", int((own["state"] == "rearranged").sum()), own.height),
            ratio("families_with_a_session_not_logged", late, had.programme.height),
        ]
        counted = dose_of(had.programme, own, planned=len(plan), cycles=cycles, known_on=had.known_on)
        parts.append(cut(pl.concat([counted, tidy(rows)]), had.known_on, group))
    return pl.concat(parts)


def cycles_held(sessions: pl.DataFrame) -> pl.DataFrame:
    """`practitioner`, `cycles`: films whose shared review was held too, of whatever family."""
    held = sessions.filter((pl.col("state") == "held") & pl.col("cycle").is_not_null())
    pairs = held.group_by("practitioner", "family", "cycle").agg(kinds=pl.col("kind").n_unique())
    return pairs.group_by("practitioner").agg(cycles=(pl.col("kinds") > 1).sum()).sort("practitioner")


def dose_of(programme: pl.DataFrame, sessions: pl.DataFrame, *, planned: int, cycles: int, known_on: date) -> pl.DataFrame:
    """Tidy indicators of dose over the families offered (`programme`, a column `family`), starters or not.

    `sessions` has `family` and the columns of `delivery/sessions`; `planned` and `cycles` are what the study
    plans a family. A session due by the cut and still `planned` counts as not logged, and not logged is never
    counted as not delivered: `missing` is the number of families, or of sessions, that it leaves unsure.
    A cycle is delivered when its film and then its shared review were held; it is complete with a clip besides.
    """
    own = due_sessions(programme, sessions, known_on)
    held = own.filter(pl.col("state") == "held")
    families = programme.height
    unsure = own.filter(pl.col("state") == "not_logged")["family"].n_unique()
    a_family = _a_family(programme, held)
    delivered, complete = cycles_a_family(programme, held)
    logged = held["minutes"].drop_nulls()
    return tidy(
        [
            ratio("sessions_a_family", held.height, families, unsure),
            ratio("planned_sessions_or_more", int((a_family["held"] >= planned).sum()), families, unsure),
            ratio("cycles_a_family", int(delivered.sum()), families, unsure),
            ratio("all_cycles", int((delivered >= cycles).sum()), families, unsure),
            ratio("cycles_with_a_clip", int(complete.sum()), int(delivered.sum())),
            ratio("minutes_a_session", int(logged.sum()), logged.len(), held.height - logged.len()),
            *_not_held(own),
        ]
    )


def due_sessions(programme: pl.DataFrame, sessions: pl.DataFrame, known_on: date) -> pl.DataFrame:
    """The sessions of these families that were due by the cut; those nobody closed become `not_logged`.

    One that was rearranged is neither missed nor cancelled: it is due on its new day, as a session of its own.
    """
    unknown = set(sessions["state"].drop_nulls()) - set(STATES)
    if unknown or sessions["state"].null_count():
        raise ProcessError(f"A session has the state '{min(unknown, default='')}', which means nothing here.")
    if sessions.filter((pl.col("state") == "held") & pl.col("held_on").is_null()).height:
        raise ProcessError("A session is held and has no day.")
    open_ = pl.col("state") == "planned"
    return sessions.filter(
        (pl.col("state") != "rearranged"),
        pl.col("family").is_in(programme["family"].implode()) & ~(open_ & (pl.col("planned_on") >= known_on))
    ).with_columns(state=pl.when(open_).then(pl.lit("not_logged")).otherwise("state"))


def sessions_a_family(programme: pl.DataFrame, sessions: pl.DataFrame) -> pl.DataFrame:
    """`sessions` (0 to the most held), `families`: how many families had that many sessions, without a gap."""
    counts = _a_family(programme, sessions.filter(pl.col("state") == "held"))["held"]
    most = int(counts.max() or 0)  # type: ignore[arg-type]
    return pl.DataFrame({"sessions": range(most + 1), "families": [int((counts == n).sum()) for n in range(most + 1)]})


def cycles_a_family(programme: pl.DataFrame, held: pl.DataFrame) -> tuple[pl.Series, pl.Series]:
    """Cycles delivered and cycles complete of each family of `programme`, in its order."""
    cycles = (
        held.filter(pl.col("cycle").is_not_null())
        .group_by("family", "cycle")
        .agg(
            film=pl.col("held_on").filter(pl.col("kind") == "film").min(),
            review=pl.col("held_on").filter(pl.col("kind") == "review").max(),
            clips=pl.col("clips").sum(),
        )
        .filter(pl.col("review") >= pl.col("film"))
        .group_by("family")
        .agg(delivered=pl.len().cast(pl.Int64), complete=(pl.col("clips") > 0).sum().cast(pl.Int64))
    )
    joined = programme.select("family").join(cycles, on="family", how="left", maintain_order="left").fill_null(0)
    return joined["delivered"], joined["complete"]


def _a_family(programme: pl.DataFrame, held: pl.DataFrame) -> pl.DataFrame:
    counts = held.group_by("family").agg(held=pl.len().cast(pl.Int64))
    joined = programme.select("family").join(counts, on="family", how="left", maintain_order="left")
    return joined.with_columns(pl.col("held").fill_null(0))


def _not_held(own: pl.DataFrame) -> list[Indicator]:
    unknown = int((own["state"] == "not_logged").sum())
    rows = [
        ratio(f"{state}_of_due", int((own["state"] == state).sum()), own.height, unknown)
        for state in ("held", "not_attended", "cancelled_family", "cancelled_practitioner")
    ]
    return [*rows, ratio("not_logged_of_due", unknown, own.height)]
