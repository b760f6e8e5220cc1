"""What a snapshot itself holds of usual care, of parents' ratings and of changes to sessions."""

from __future__ import annotations

import polars as pl

from attunement.instruments import InstrumentError, Key
from attunement.instruments import load as load_key
from attunement.process.sources import SnapshotLike, delivery
from attunement.study import Study


def schedules(study: Study) -> tuple[tuple[str, Key], ...]:
    """The last time point after allocation that asks a schedule of usual care, with each such schedule; empty where
    the study asks none. A schedule is an instrument whose key says which service each of its items is.
    """
    for point in reversed([one for one in study.time_points if one.months_after is not None]):
        found = [(point.code, key) for key in map(_key, point.instruments) if key is not None and key.services]
        if found:
            return tuple(found)
    return ()


def services(snapshot: SnapshotLike) -> tuple[pl.DataFrame, pl.DataFrame] | None:
    """Answers on services (`usual_care.SERVICES`) and on contamination; None where no schedule is asked.

    An answer above an item's lowest is having had the service. How often is a code and no number of contacts, so
    contacts are null. Whether a family's own worker is trained in the programme was asked of the coordinator; in a
    snapshot without it (`own_workers`) it is taken as no.
    """
    asked = schedules(snapshot.study)
    if not asked:
        return None
    answers = snapshot.frame("blind/answers").collect()
    parts = []
    for point, key in asked:
        own = answers.filter((pl.col("time_point") == point) & (pl.col("instrument") == key.slug))
        items = pl.DataFrame([(one.item, one.code, key.item(one.item).low, one.contaminates) for one in key.services],
                             schema={"item": pl.Int64, "service": pl.String, "low": pl.Int64, "spoils": pl.Boolean},
                             orient="row")  # fmt: skip
        parts.append(own.join(items, on="item", how="inner", maintain_order="left"))
    rows = pl.concat(parts).select(family="trial_number", service="service", had=pl.col("value") > pl.col("low"),
                                   contacts=pl.lit(None, dtype=pl.Int64), spoils="spoils")  # fmt: skip
    had = pl.col("had").any(ignore_nulls=False)
    spoilt = rows.filter("spoils").group_by("family", maintain_order=True).agg(video_feedback=had)
    if not own_workers(snapshot):
        return rows.drop("spoils"), spoilt.with_columns(trained_worker=pl.lit(value=False))
    families = snapshot.frame("blind/families").select(family="trial_number", trained_worker="own_worker_trained").collect()
    return rows.drop("spoils"), spoilt.join(families, on="family", how="left", maintain_order="left")


def own_workers(snapshot: SnapshotLike) -> bool:
    """Does the snapshot hold whether families' own workers are trained in the programme?"""
    return "own_worker_trained" in snapshot.frame("blind/families").collect_schema()


def ratings(snapshot: SnapshotLike) -> pl.DataFrame | None:
    """Parents' ratings of sessions held: trial_number, number, rating; None where the snapshot has no such column."""
    had = delivery(snapshot)
    if "rating" not in had.sessions.columns:
        return None
    return had.sessions.filter(pl.col("state") == "held").select("trial_number", "number", "rating")


def changes(snapshot: SnapshotLike) -> pl.DataFrame | None:
    """Sessions held that were changed: kind, planned, agreed, on, why; None where the snapshot has no such column.

    Whether a kind of change was agreed with the developer, and whether a reason forces one, the study file says; where
    it is silent both are null.
    """
    had = delivery(snapshot)
    if not {"adaptation", "adaptation_why"} <= set(had.sessions.columns):
        return None
    visit = had.study.delivery.visit
    agreed = {one.code: one.agreed for one in visit.adaptations}
    forced = {one.code: one.forced for one in visit.adaptation_reasons}
    held = had.sessions.filter((pl.col("state") == "held") & pl.col("adaptation").is_not_null())
    rows = [(kind, None if forced.get(why) is None else not forced[why], agreed.get(kind), on, why)
            for kind, why, on in held.select("adaptation", "adaptation_why", "held_on").iter_rows()]  # fmt: skip
    schema = {"kind": pl.String, "planned": pl.Boolean, "agreed": pl.Boolean, "on": pl.Date, "why": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _key(slug: str) -> Key | None:
    try:
        return load_key(slug)
    except InstrumentError:
        return None
