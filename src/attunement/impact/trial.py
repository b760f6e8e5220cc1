"""A snapshot's rows as the estimators take them: one row a family allocated."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import polars as pl

from attunement import instruments, process
from attunement.impact.asked import said
from attunement.impact.errors import ImpactError
from attunement.study import Study
from attunement.study.schema import Estimand


class Snapshot(Protocol):
    """What is asked of an opened snapshot."""

    @property
    def study(self) -> Study: ...
    @property
    def manifest(self) -> Any: ...
    def has(self, name: str) -> bool: ...
    def frame(self, name: str) -> pl.LazyFrame: ...


@dataclass(frozen=True)
class Trial:
    """`placed`: family, trial_number, site, came (order of allocation), arm (0/1), practitioner. `dummy`: the arms are
    made up, and so are the practitioners; `key_sha256` is the hash of a real key."""

    study: Study
    placed: pl.DataFrame
    scores: pl.DataFrame
    outcomes: pl.DataFrame
    states: pl.DataFrame
    dummy: bool
    key_sha256: str | None

    def rows(self, estimand: Estimand) -> pl.DataFrame:
        """The families with `outcome` (and `baseline` for a score), null where it is not known."""
        if estimand.analysis != "ancova":
            values = self.outcomes.select("trial_number", outcome=pl.col(estimand.outcome))
            rows = self.placed.join(values, on="trial_number", how="left", maintain_order="left")
            rows = rows.join(self.states, on="family", how="left", maintain_order="left")
            return rows.with_columns(outcome=pl.when(pl.col("state") == "found").then("outcome")).drop("state")
        first = next((point.code for point in self.study.time_points if point.months_after is None), None)
        if first is None or estimand.time_point is None:
            raise ImpactError(f"The estimand '{estimand.code}' needs a time point after a baseline.")
        instrument, scale = scale_of(estimand.outcome, self.scores)
        own = self.scores.filter((pl.col("instrument") == instrument) & (pl.col("scale") == scale))
        rows = self.placed
        for name, point in (("outcome", estimand.time_point), ("baseline", first)):
            values = own.filter(pl.col("time_point") == point).select("trial_number", pl.col("value").alias(name))
            rows = rows.join(values, on="trial_number", how="left", maintain_order="left")
        return rows


def read(
    snapshot: Snapshot, arm: Mapping[str, Any] | pl.DataFrame | None, made_up: Mapping[str, Any] | None = None
) -> Trial:
    """The trial under dummy arms (`arm` None), or under a key: family -> arm code, or a frame with those columns.

    `made_up`: the dummy arms, where the caller has already made some up. ImpactError where the key and the families
    allocated differ, or the study has not one arm with the programme and one without.
    """
    study = snapshot.study
    codes = {choice.receives_programme: choice.code for choice in study.arms}
    if len(study.arms) != 2 or len(codes) != 2:
        raise ImpactError("The engine compares one arm that receives the programme with one that does not.")
    children = snapshot.frame("blind/families").collect()
    families = process.one_a_family(children)
    outcomes = snapshot.frame("blind/outcomes").collect()
    states = process.records_states(families, outcomes, study=study, known_on=snapshot.manifest.meta.known_on)
    placed = families.filter(pl.col("allocated_on").is_not_null()).sort("allocated_on", "trial_number")
    placed = placed.select("family", "trial_number", "site").with_row_index("came")
    key = None if arm is None else _key(arm, placed, codes)
    given = _key(made_up, placed, codes) if key is None and made_up is not None else key
    arms = _dummy(placed) if given is None else {family: int(code == codes[True]) for family, code in given.items()}
    placed = placed.with_columns(pl.Series("arm", [arms[family] for family in placed["family"]], dtype=pl.Int64))
    digest = None if key is None else hashlib.sha256(repr(sorted(key.items())).encode()).hexdigest()
    return Trial(study, _served(placed, snapshot, children, key is None), snapshot.frame("blind/scores").collect(),
                 outcomes, states.select("family", "state"), key is None, digest)  # fmt: skip


def scale_of(outcome: str, scores: pl.DataFrame) -> tuple[str, str]:
    """Instrument and scale: `slug.scale`, or `slug` of an instrument that has one scale."""
    instrument, _, scale = outcome.partition(".")
    if scale:
        return instrument, scale
    try:
        found = [one.name for one in instruments.load(instrument).scales]
    except instruments.InstrumentError:
        found = scores.filter(pl.col("instrument") == instrument)["scale"].unique().to_list()
    if len(found) != 1:
        raise ImpactError(f"The outcome '{outcome}' has {len(found)} scales: write it as instrument.scale.")
    return instrument, found[0]


def _key(arm: Mapping[str, Any] | pl.DataFrame, placed: pl.DataFrame, codes: Mapping[bool, str]) -> dict[str, str]:
    if isinstance(arm, pl.DataFrame):
        if not {"family", "arm"} <= set(arm.columns) or arm["family"].n_unique() != arm.height:
            raise ImpactError("An arm key has the columns family and arm, and each family once.")
        arm = dict(zip(arm["family"], arm["arm"], strict=True))
    if not isinstance(arm, Mapping):
        raise ImpactError(f"An arm key is a frame, or the arm of each family, not {said(arm)}.")
    differ = set(arm) ^ set(placed["family"])
    if differ:
        raise ImpactError(f"The arm key and the families allocated differ in {len(differ)} families.")
    strange = sorted({str(code) for code in arm.values()} - set(codes.values()))
    if strange:
        raise ImpactError(f"The arm key has the arm '{strange[0]}', which the study does not have.")
    return dict(arm)


def _dummy(placed: pl.DataFrame) -> dict[str, int]:
    """Arms that say nothing: within each site in turn, in an order drawn from the families' own codes."""
    arms: dict[str, int] = {}
    for site in sorted(set(placed["site"])):
        members = placed.filter(pl.col("site") == site)["family"].to_list()
        drawn = sorted(members, key=lambda family: hashlib.sha256(f"dry run {family}".encode()).digest())
        arms |= {family: turn % 2 for turn, family in enumerate(drawn)}
    return arms


def _served(placed: pl.DataFrame, snapshot: Snapshot, children: pl.DataFrame, dummy: bool) -> pl.DataFrame:
    """With the practitioner of each family of arm 1: the first one assigned, or in a dry run a made-up one."""
    if dummy or not snapshot.has("delivery"):
        turn = (pl.col("arm").cum_sum() - 1) % -(-snapshot.study.delivery.practitioners // len(snapshot.study.sites))
        name = pl.col("site") + " " + turn.over("site").cast(pl.String)
        return placed.with_columns(practitioner=pl.when(pl.col("arm") == 1).then(name if dummy else None))
    found = process.by_family(snapshot.frame("delivery/assignments").collect(), children)
    first = found.sort("from_on").unique("family", keep="first").select("family", "practitioner")
    joined = placed.join(first, on="family", how="left", maintain_order="left")
    return joined.with_columns(practitioner=pl.when(pl.col("arm") == 1).then("practitioner"))
