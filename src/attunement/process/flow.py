"""The CONSORT flow as counts: every family referred stands in one box, and the boxes add up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from attunement.process.errors import ProcessError
from attunement.process.follow_up import ANSWERED, LOST, NOT_YET_KNOWN, RECORDS
from attunement.study import Study


class CountsDoNotAddUp(ProcessError):
    """Two counts of the same families differ; the sentence names both."""


@dataclass(frozen=True)
class Count:
    """One line of a box: zero is shown, not left out."""

    code: str
    title: str
    n: int


@dataclass(frozen=True)
class ArmFlow:
    """One arm. `received` counts families with a session held, None where delivery is withheld.

    `score_missing` are those followed up but not analysed; None where the primary outcome is no questionnaire's.
    """

    arm: str
    title: str
    allocated: int
    received: int | None
    followed_up: int
    lost: tuple[Count, ...]
    not_yet_known: int
    records: tuple[Count, ...]
    analysed: int
    score_missing: int | None


@dataclass(frozen=True)
class Flow:
    """Families from referral to analysis. Raises CountsDoNotAddUp when made from counts that do not."""

    referred: int
    excluded: tuple[Count, ...]
    allocated: int
    arms: tuple[ArmFlow, ...]
    further_children: int

    def __post_init__(self) -> None:
        out = total(self.excluded)
        _same(self.referred, out + self.allocated, "families referred", "families excluded or allocated")
        _same(self.allocated, sum(arm.allocated for arm in self.arms), "families allocated", "the arms together")
        for arm in self.arms:
            _hold_arm(arm)
        if min((count.n for count in self.excluded), default=0) < 0:
            raise CountsDoNotAddUp("A count of families is below zero.")


def _hold_arm(arm: ArmFlow) -> None:
    known = arm.followed_up + total(arm.lost) + arm.not_yet_known
    _same(arm.allocated, known, f"{arm.title}: families allocated", "followed up, lost or not yet known")
    _same(arm.allocated, total(arm.records), f"{arm.title}: families allocated", "states of the record")
    if arm.score_missing is not None:
        _same(arm.followed_up, arm.analysed + arm.score_missing, f"{arm.title}: followed up", "analysed or not")
    parts = [count.n for count in (*arm.lost, *arm.records)]
    parts += [arm.followed_up, arm.not_yet_known, arm.analysed, arm.received or 0, arm.score_missing or 0]
    if min(parts) < 0:
        raise CountsDoNotAddUp(f"{arm.title}: a count of families is below zero.")
    if max(parts) > arm.allocated:
        raise CountsDoNotAddUp(f"{arm.title}: {max(parts)} families in a box, of {arm.allocated} allocated.")


def flow(
    families: pl.DataFrame,
    participants: pl.DataFrame,
    *,
    study: Study,
    further_children: int = 0,
    questionnaire: bool = True,
) -> Flow:
    """Count the boxes. `families` has one row a family (`one_a_family`), `participants` one row an allocated family:
    `family`, `arm` (the study's code), `received` (null: not known), `follow_up` and `record` (their states),
    `analysed`. `questionnaire`: the primary outcome is asked at the follow-up. Raises CountsDoNotAddUp when the two
    disagree, or when somebody was allocated who could not be.
    """
    placed = families.filter(pl.col("allocated_on").is_not_null())
    strangers = set(placed["family"]) ^ set(participants["family"])
    if strangers or participants["family"].n_unique() != participants.height:
        raise CountsDoNotAddUp(
            f"{placed.height} families were allocated, and {participants.height} have an arm: the two must be the same."
        )
    unknown = sorted(set(participants["arm"]) - {arm.code for arm in study.arms})
    if unknown:
        raise CountsDoNotAddUp(f"A family has the arm '{unknown[0]}', which the study does not have.")
    return Flow(
        referred=families.height,
        excluded=_excluded(families, study),
        allocated=placed.height,
        arms=tuple(
            _arm(participants.filter(pl.col("arm") == arm.code), arm.code, arm.name, questionnaire)
            for arm in study.arms
        ),
        further_children=further_children,
    )


def total(counts: Iterable[Count]) -> int:
    return sum(count.n for count in counts)


def _excluded(families: pl.DataFrame, study: Study) -> tuple[Count, ...]:
    """Why a family was not allocated: the first reason that holds, in the order in which a family meets them."""
    titles = {f"ineligible:{rule.code}": rule.reason for rule in study.eligibility}
    titles |= {
        "ineligible:other": "Not eligible for another reason.",
        "eligibility_unknown": "Eligibility not yet recorded",
        "not_consented": "Did not consent",
        "withdrew_before": "Withdrew before allocation",
        "no_baseline": "No baseline questionnaire",
        "not_allocated": "Baseline done, not allocated",
    }
    counts = dict.fromkeys(titles, 0)
    for row in families.iter_rows(named=True):
        box = _box(row, titles)
        if row["allocated_on"] is None:
            counts[box] += 1
        elif box != "not_allocated":
            raise CountsDoNotAddUp(f"Family {row['family']} was allocated, yet: {titles[box].rstrip('.').lower()}.")
    return tuple(Count(code, titles[code], n) for code, n in counts.items())


def _box(row: dict[str, object], titles: dict[str, str]) -> str:
    if row["eligible"] is False:
        reason = f"ineligible:{row['ineligible_reason']}"
        return reason if reason in titles else "ineligible:other"
    if row["eligible"] is None:
        return "eligibility_unknown"
    if row["consented_on"] is None:
        return "not_consented"
    if row["withdrawn_on"] is not None and row["allocated_on"] is None:
        return "withdrew_before"
    return "no_baseline" if row["baseline_on"] is None else "not_allocated"


def _arm(members: pl.DataFrame, code: str, title: str, questionnaire: bool) -> ArmFlow:
    answered = members["follow_up"] == ANSWERED
    received = members["received"]
    if questionnaire and (members["analysed"] & ~answered).any():
        raise CountsDoNotAddUp(f"{title}: a family is analysed that was not followed up.")
    return ArmFlow(
        arm=code,
        title=title,
        allocated=members.height,
        received=None if received.null_count() else int(received.sum()),
        followed_up=int(answered.sum()),
        lost=tuple(Count(key, text, int((members["follow_up"] == key).sum())) for key, text in LOST.items()),
        not_yet_known=int((members["follow_up"] == NOT_YET_KNOWN).sum()),
        records=tuple(Count(key, text, int((members["record"] == key).sum())) for key, text in RECORDS.items()),
        analysed=int(members["analysed"].sum()),
        score_missing=int((answered & ~members["analysed"]).sum()) if questionnaire else None,
    )


def _same(a: int, b: int, first: str, second: str) -> None:
    if a != b:
        raise CountsDoNotAddUp(f"The counts do not add up: {first} {a}, {second} {b}.")
