"""What the chapters are written from: the snapshot's rows, read once, a row a family."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import polars as pl

from attunement import process
from attunement.report.arms import ArmKey, Pair, arm_key, pair
from attunement.report.errors import ReportError
from attunement.report.snapshot import Snapshot
from attunement.study import Study


@dataclass(frozen=True)
class Deliveries:
    """The delivery part. `assignments` and `sessions` have a column `family`; `programme` are the families offered."""

    programme: pl.DataFrame
    assignments: pl.DataFrame
    sessions: pl.DataFrame
    supervision: pl.DataFrame
    staff_time: pl.DataFrame
    practitioners: pl.DataFrame


@dataclass(frozen=True)
class Material:
    """`families`: one row a family referred. `placed`: those allocated, with `arm` (code) and `treated` (0 or 1)."""

    snapshot: Snapshot
    study: Study
    key: ArmKey
    arms: Pair
    children: int
    families: pl.DataFrame
    placed: pl.DataFrame
    scores: pl.DataFrame
    outcomes: pl.DataFrame
    deliveries: Deliveries | None

    @property
    def known_on(self) -> date:
        return self.snapshot.manifest.meta.known_on

    @cached_property
    def indicators(self) -> pl.DataFrame:
        """Every indicator of the snapshot; those of reach alone where delivery is withheld. Several chapters ask."""
        return process.indicators(self.snapshot) if self.deliveries is not None else process.reach(self.snapshot)

    @property
    def dummy(self) -> bool:
        return self.key.state == "dummy"

    def arm_name(self, code: str) -> str:
        return next(arm.name for arm in self.study.arms if arm.code == code)


def gather(snapshot: Snapshot) -> Material:
    """Read a snapshot's frames. ReportError or a ProcessError for rows that contradict one another."""
    children = snapshot.frame("blind/families").collect()
    families = process.one_a_family(children)
    arms, key = pair(snapshot.study), arm_key(snapshot, families)
    placed = families.filter(pl.col("allocated_on").is_not_null())
    codes = [key.arm_of[family] for family in placed["family"]]
    placed = placed.with_columns(
        arm=pl.Series(codes, dtype=pl.String),
        treated=pl.Series([int(code == arms.programme) for code in codes], dtype=pl.Int64),
    )
    scores = snapshot.frame("blind/scores").collect()
    outcomes = snapshot.frame("blind/outcomes").collect()
    _once(scores, ["trial_number", "time_point", "instrument", "scale"], "blind/scores")
    _once(outcomes, ["trial_number"], "blind/outcomes")
    strange = sorted(set(families["site"]) - {site.code for site in snapshot.study.sites})
    if strange:
        raise ReportError(f"A family has the site '{strange[0]}', which the study does not have.")
    wanting = [outcome.code for outcome in snapshot.study.records.outcomes if outcome.code not in outcomes.columns]
    if wanting:
        raise ReportError(f"blind/outcomes lacks the outcome '{wanting[0]}' that the study asks for.")
    _yes_or_no(snapshot.study, outcomes)
    return Material(
        snapshot=snapshot,
        study=snapshot.study,
        key=key,
        arms=arms,
        children=children.height,
        families=families,
        placed=placed,
        scores=scores,
        outcomes=outcomes,
        deliveries=_deliveries(snapshot, children, families, placed, key),
    )


def _deliveries(
    snapshot: Snapshot, children: pl.DataFrame, families: pl.DataFrame, placed: pl.DataFrame, key: ArmKey
) -> Deliveries | None:
    if not snapshot.has("delivery"):
        return None
    assignments = process.by_family(snapshot.frame("delivery/assignments").collect(), children)
    sessions = process.by_family(snapshot.frame("delivery/sessions").collect(), children)
    offered = (
        placed.filter(pl.col("treated") == 1)
        if key.state == "released"
        else process.programme_families(placed, assignments, sessions)
    )
    return Deliveries(
        programme=offered,
        assignments=assignments,
        sessions=sessions,
        supervision=snapshot.frame("delivery/supervision").collect(),
        staff_time=snapshot.frame("delivery/staff_time").collect(),
        practitioners=snapshot.frame("delivery/practitioners").collect(),
    )


def _yes_or_no(study: Study, outcomes: pl.DataFrame) -> None:
    for outcome in study.records.outcomes:
        if outcome.kind == "binary" and not set(outcomes[outcome.code].drop_nulls()) <= {0, 1}:
            raise ReportError(f"The outcome '{outcome.code}' holds other values than 0 and 1.")


def _once(frame: pl.DataFrame, keys: list[str], name: str) -> None:
    if frame.select(keys).n_unique() != frame.height:
        raise ReportError(f"{name} holds the same {' and '.join(keys).replace('_', ' ')} twice.")
