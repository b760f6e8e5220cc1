"""What process and cost read: a snapshot, seen from below, and the families, sessions and staff in it."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Protocol

import polars as pl

from attunement.process.errors import ProcessError
from attunement.process.families import by_family, one_a_family, programme_families
from attunement.study import Study


class SnapshotLike(Protocol):
    """An opened snapshot (`report.Snapshot`), of which the packages below the report know these words only."""

    @property
    def study(self) -> Study: ...
    @property
    def manifest(self) -> Any: ...
    def has(self, name: str) -> bool: ...
    def frame(self, name: str) -> pl.LazyFrame: ...


@dataclass(frozen=True)
class Delivery:
    """The delivery part, read once. `families`: one row a family referred. `placed`: those allocated, with `arm`
    (null while the key is not released). `programme`: those offered the programme, by the key where it is released,
    else those that delivery knows. `assignments` and `sessions` have a column `family`.
    """

    study: Study
    known_on: date
    children: pl.DataFrame
    families: pl.DataFrame
    placed: pl.DataFrame
    programme: pl.DataFrame
    assignments: pl.DataFrame
    sessions: pl.DataFrame
    supervision: pl.DataFrame
    staff_time: pl.DataFrame
    practitioners: pl.DataFrame


def known_on(snapshot: SnapshotLike) -> date:
    """The data cut."""
    cut: date = snapshot.manifest.meta.known_on
    return cut


def placed(snapshot: SnapshotLike, families: pl.DataFrame) -> pl.DataFrame:
    """The allocated of `families` (one row a family) with `arm`: the study's code, null while the key is withheld."""
    allocated = families.filter(pl.col("allocated_on").is_not_null())
    if not snapshot.has("arm_key"):
        return allocated.with_columns(arm=pl.lit(None, dtype=pl.String))
    key = snapshot.frame("arm_key/arms").select("family", "arm").collect()
    if set(key["family"]) != set(allocated["family"]) or key["family"].n_unique() != key.height:
        raise ProcessError(f"The arm key names {key.height} families, and {allocated.height} were allocated.")
    return allocated.join(key, on="family", how="left", maintain_order="left")


def programme_arms(study: Study) -> list[str]:
    return [arm.code for arm in study.arms if arm.receives_programme]


_newest: list[tuple[weakref.ref[SnapshotLike], Delivery]] = []
"""What was read last, as long as its snapshot is held: every indicator of a report asks for the same rows."""


def delivery(snapshot: SnapshotLike) -> Delivery:
    """The delivery part. ProcessError where it is withheld, or where rows contradict one another."""
    for held, had in _newest[:1]:
        if held() is snapshot:
            return had
    had = _read(snapshot)
    _newest[:] = [(weakref.ref(snapshot, lambda _gone: _newest.clear()), had)]
    return had


def _read(snapshot: SnapshotLike) -> Delivery:
    if not hasattr(snapshot, "frame") or not hasattr(snapshot, "manifest"):
        raise ProcessError("An opened snapshot is wanted: open its folder with report.Snapshot.open first.")
    if not snapshot.has("delivery"):
        raise ProcessError("This snapshot was handed over without its delivery part.")
    children = snapshot.frame("blind/families").collect()
    families = one_a_family(children)
    allocated = placed(snapshot, families)
    assignments = by_family(snapshot.frame("delivery/assignments").collect(), children)
    sessions = by_family(snapshot.frame("delivery/sessions").collect(), children)
    offered = (
        allocated.filter(pl.col("arm").is_in(programme_arms(snapshot.study)))
        if snapshot.has("arm_key")
        else programme_families(allocated, assignments, sessions)
    )
    return Delivery(
        study=snapshot.study,
        known_on=known_on(snapshot),
        children=children,
        families=families,
        placed=allocated,
        programme=offered,
        assignments=assignments,
        sessions=sessions,
        supervision=snapshot.frame("delivery/supervision").collect(),
        staff_time=snapshot.frame("delivery/staff_time").collect(),
        practitioners=snapshot.frame("delivery/practitioners").collect(),
    )


def sites(had: Delivery, by: str | None) -> Iterator[tuple[str, Delivery]]:
    """The whole as the group `all`, and with `by="site"` each site's families with what is theirs."""
    yield "all", had
    if by is None:
        return
    if by != "site":
        raise ProcessError(f"Indicators are grouped by site, not by {by!r}.")
    for site in had.study.sites:
        families, here = had.families.filter(pl.col("site") == site.code), pl.col("site") == site.code
        ours = pl.col("family").is_in(families["family"].implode())
        yield (
            site.code,
            replace(
                had,
                children=had.children.filter(here),
                families=families,
                placed=had.placed.filter(here),
                programme=had.programme.filter(here),
                assignments=had.assignments.filter(ours),
                sessions=had.sessions.filter(ours),
                supervision=had.supervision.filter(here),
                practitioners=had.practitioners.filter(here),
            ),
        )
