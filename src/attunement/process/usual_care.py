"""Usual care: what families of both arms had beside the programme, and whether the comparison stayed clean."""

from __future__ import annotations

import polars as pl

from attunement.process import recorded
from attunement.process.errors import ProcessError
from attunement.process.families import by_family, one_a_family
from attunement.process.indicator import Indicator, cut, ratio, tidy, unknown
from attunement.process.sources import SnapshotLike, known_on, placed, programme_arms

SERVICES = {"family": pl.String, "service": pl.String, "had": pl.Boolean, "contacts": pl.Int64}
"""A parent's answers on a service: had it or not (null: not answered), and how many contacts."""
CONTAMINATION = {"family": pl.String, "video_feedback": pl.Boolean, "trained_worker": pl.Boolean}
"""Had any video feedback; was seen by a worker of one's own who is trained in the programme. Null: not answered."""


def usual_care(snapshot: SnapshotLike, *, services: pl.DataFrame | None = None,
               contamination: pl.DataFrame | None = None) -> pl.DataFrame:  # fmt: skip
    """By arm (`group`), at the cut: share with each service and mean contacts, from the same schedule in both arms;
    of control families asked, who had video feedback or a trained worker; and control families that delivery shows.

    `services` and `contamination` have the columns of SERVICES and CONTAMINATION, `family` a family's or a child's
    number. Without them they are read from the answers to the study's own schedule; where it asks none the indicators
    are unknown: every family allocated is missing. ProcessError: the arm key is not released, a family that was not
    allocated.
    """
    if not snapshot.has("arm_key"):
        raise ProcessError("Usual care is told by arm, and the arm key is not released.")
    children = snapshot.frame("blind/families").collect()
    families = placed(snapshot, one_a_family(children))
    if services is None and contamination is None:
        services, contamination = _of_those_placed(recorded.services(snapshot), children, families)
    asked = None if services is None else _answers(services, SERVICES, children, families, ["family", "service"])
    spoilt = (
        None if contamination is None else _answers(contamination, CONTAMINATION, children, families, ["family"])
    )
    parts = []
    for arm in snapshot.study.arms:
        members = families.filter(pl.col("arm") == arm.code)
        rows = _services(asked, members)
        if arm.code not in programme_arms(snapshot.study):
            rows += [_contaminated(spoilt, members), _delivered(snapshot, children, members)]
        parts.append(cut(tidy(rows), known_on(snapshot), arm.code))
    return pl.concat(parts)


def _of_those_placed(
    found: tuple[pl.DataFrame, pl.DataFrame] | None, children: pl.DataFrame, families: pl.DataFrame
) -> tuple[pl.DataFrame | None, pl.DataFrame | None]:
    """Of index children alone: a snapshot may hold answers of others."""
    if found is None:
        return None, None
    known = pl.col("family").is_in(families["trial_number"].implode())
    return found[0].filter(known), found[1].filter(known)


def _answers(frame: pl.DataFrame, kinds: dict[str, type[pl.DataType]], children: pl.DataFrame, families: pl.DataFrame,
             once: list[str]) -> pl.DataFrame:  # fmt: skip
    for column in kinds:
        if column not in frame.columns:
            raise ProcessError(f"The answers on usual care lack the column '{column}'.")
    named = by_family(frame.rename({"family": "trial_number"}), children).drop("trial_number")
    if named.select(once).is_duplicated().any():
        raise ProcessError("A family answers on the same usual care once.")
    if not set(named["family"]) <= set(families["family"]):
        raise ProcessError("A family answered on usual care that was not allocated.")
    return named


def _services(asked: pl.DataFrame | None, members: pl.DataFrame) -> list[Indicator]:
    if asked is None:
        return [unknown("any_service", members.height)]
    own = asked.filter(pl.col("family").is_in(members["family"].implode()))
    rows = [_share("any_service", own.group_by("family").agg(pl.col("had").any(ignore_nulls=False)), members.height)]
    for service in sorted(set(asked["service"])):
        answers = own.filter(pl.col("service") == service)
        told = answers.filter(pl.col("had").is_not_null())
        contacts = told.select(pl.when("had").then("contacts").otherwise(0))["contacts"]
        rows.append(_share(f"had_{service}", answers, members.height))
        if asked["contacts"].null_count() < asked.height:
            rows.append(ratio(f"contacts_{service}", int(contacts.sum()), contacts.len() - contacts.null_count(),
                              members.height - contacts.len() + contacts.null_count()))  # fmt: skip
    return rows


def _share(name: str, answers: pl.DataFrame, of: int) -> Indicator:
    told = answers["had"].drop_nulls()
    return ratio(name, int(told.sum()), told.len(), of - told.len())


def _contaminated(answers: pl.DataFrame | None, members: pl.DataFrame) -> Indicator:
    if answers is None:
        return unknown("contaminated_of_asked", members.height)
    own = answers.filter(pl.col("family").is_in(members["family"].implode()))
    either = own.select(had=pl.col("video_feedback") | pl.col("trained_worker"))["had"].drop_nulls()
    return ratio("contaminated_of_asked", int(either.sum()), either.len(), members.height - either.len())


def _delivered(snapshot: SnapshotLike, children: pl.DataFrame, members: pl.DataFrame) -> Indicator:
    if not snapshot.has("delivery"):
        return unknown("delivered_to_control", members.height)
    sessions = by_family(snapshot.frame("delivery/sessions").collect(), children)
    held = set(sessions.filter(pl.col("state") == "held")["family"]) & set(members["family"])
    return ratio("delivered_to_control", len(held), members.height)
