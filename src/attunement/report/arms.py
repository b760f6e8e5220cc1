"""The arm of each family: from the released key, or from a made-up one that says nothing about the programme."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import polars as pl

from attunement.process import CountsDoNotAddUp
from attunement.report.errors import ReportError
from attunement.report.snapshot import Snapshot
from attunement.study import Study


@dataclass(frozen=True)
class ArmKey:
    """`arm_of` maps family -> arm code. `dummy`: drawn from the blind files' hashes, balanced within site."""

    state: Literal["released", "dummy"]
    arm_of: Mapping[str, str]


@dataclass(frozen=True)
class Pair:
    """The two arms that are compared: `control` is arm 0 of the analysis, `programme` arm 1."""

    control: str
    programme: str


def pair(study: Study) -> Pair:
    """ReportError unless the study has one arm that receives the programme and one that does not."""
    programme = [arm.code for arm in study.arms if arm.receives_programme]
    control = [arm.code for arm in study.arms if not arm.receives_programme]
    if len(programme) != 1 or len(control) != 1:
        raise ReportError("This report compares one arm that receives the programme with one that does not.")
    return Pair(control[0], programme[0])


def arm_key(snapshot: Snapshot, families: pl.DataFrame) -> ArmKey:
    """The arm of every allocated family of `families` (one row a family)."""
    allocated = families.filter(pl.col("allocated_on").is_not_null())
    if snapshot.has("arm_key"):
        return ArmKey("released", _released(snapshot, allocated))
    return ArmKey("dummy", _dummy(snapshot, allocated))


def _released(snapshot: Snapshot, allocated: pl.DataFrame) -> dict[str, str]:
    key = snapshot.frame("arm_key/arms").collect()
    if key["family"].n_unique() != key.height or key["arm"].null_count():
        raise CountsDoNotAddUp("The arm key names a family twice, or leaves an arm empty.")
    differ = set(key["family"]) ^ set(allocated["family"])
    if differ:
        raise CountsDoNotAddUp(
            f"The arm key and the families allocated differ in {len(differ)} families, the first {min(differ)}."
        )
    unknown = sorted(set(key["arm"]) - {arm.code for arm in snapshot.study.arms})
    if unknown:
        raise ReportError(f"The arm key has the arm '{unknown[0]}', which the study does not have.")
    return dict(zip(key["family"], key["arm"], strict=True))


def _dummy(snapshot: Snapshot, allocated: pl.DataFrame) -> dict[str, str]:
    """Within each site the families in an order drawn from the seed take the arms in turn, by the study's ratio."""
    study = snapshot.study
    turn = [arm.code for arm, times in zip(study.arms, study.allocation.ratio, strict=True) for _ in range(times)]
    blind = snapshot.manifest.parts["blind"]
    seed = hashlib.sha256("".join(f"{path} {blind[path]}\n" for path in sorted(blind)).encode()).hexdigest()

    def drawn(name: str) -> str:
        return hashlib.sha256(f"{seed} {name}".encode()).hexdigest()

    arm_of: dict[str, str] = {}
    for site in sorted(set(allocated["site"])):
        members = sorted(allocated.filter(pl.col("site") == site)["family"], key=drawn)
        start = int(drawn(f"site {site}"), 16) % len(turn)
        arm_of |= {family: turn[(start + place) % len(turn)] for place, family in enumerate(members)}
    return arm_of
