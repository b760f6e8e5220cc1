"""Whether rows go together: rules of our own between the rows of a child."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import chain

import polars as pl

from attunement.records.plausible import Hit

C = pl.col
_FOR_EVER = date(9999, 1, 1)
_ONE_AT_A_TIME = ("referrals", "cin_plans", "cp_plans", "care_episodes", "in_need")
_OWN = (
    "source_line",
    "child",
    "within",
    "latest",
    "as_of",
    "census_year",
    "born",
    "unborn",
    "died",
    "referred",
    "closed",
)
_BIRTH_IN_ROW = ("sex", "ethnicity", "birth_date")


def hits(tables: Mapping[str, pl.DataFrame], format: str) -> Iterator[Hit]:
    """What the rules between rows find; the tables carry the facts of `facts.with_facts`."""
    yield from _children(tables, format)
    for name in (*_ONE_AT_A_TIME, "assessments", "s47"):
        if (frame := tables.get(name)) is not None and frame.height:
            twice = _twice(frame)
            yield from _hit("row_twice", name, twice, ("start",))
            if name in _ONE_AT_A_TIME:
                yield from _hit("overlap", name, _overlap(frame) & ~twice, ("start",))
    if (care := tables.get("care_episodes")) is not None and care.height and format == "ssda903":
        yield from _chains(care)
    if (referrals := tables.get("referrals")) is not None and "within" in referrals.columns and format == "cin_census":
        yield from _referrals(tables, referrals)


def _children(tables: Mapping[str, pl.DataFrame], format: str) -> Iterator[Hit]:
    children = tables.get("children")
    if children is None or not children.height:
        return
    known = C("child_id").is_not_null()
    again = known & ~C("child_id").is_first_distinct()
    births = C("birth_date").drop_nulls().n_unique().over("child_id")
    found = children.select(again=again, differs=again & (births > 1))
    yield from _hit("child_differs", "children", found["differs"], ("birth_date",))
    yield from _hit("child_twice", "children", found["again"] & ~found["differs"], ("child_id",))
    referrals = tables.get("referrals")
    if referrals is not None and format == "cin_census":
        numbers = pl.int_range(children.height, dtype=pl.Int64, eager=True)
        yield from _hit(
            "child_without_rows", "children", ~numbers.is_in(referrals["child"].unique().implode()), ("child_id",)
        )


def _twice(frame: pl.DataFrame) -> pl.Series:
    """Rows that say the same as an earlier one of the child."""
    known = frame["child_id"].is_not_null() & frame["start"].is_not_null()
    if not (known & frame["child_id"].is_duplicated()).any():
        return _mask(frame.height, [])
    facts = [
        n
        for n in frame.columns
        if n not in _OWN
        and not n.startswith("no_fault")
        and n not in _BIRTH_IN_ROW
        and frame[n].null_count() < frame.height
        and not isinstance(frame.schema[n], pl.List)
    ]
    return ~frame.select(pl.struct(facts).is_first_distinct()).to_series() & known


def _overlap(frame: pl.DataFrame) -> pl.Series:
    """Rows that start before the latest end of the child's earlier rows. Rows that never were open do not count."""
    real = C("start").is_not_null() & C("child_id").is_not_null() & (C("end").is_null() | (C("end") > C("start")))
    rows = frame[["child_id", "start", "end"]].with_row_index("row").filter(real & C("child_id").is_duplicated())
    if not rows.height:
        return _mask(frame.height, [])
    ends = C("end").fill_null(_FOR_EVER)
    ordered = rows.sort("child_id", "start", maintain_order=True).with_columns(
        before=ends.cum_max().over("child_id").shift(1), same=C("child_id") == C("child_id").shift(1)
    )
    at = ordered.filter(C("same") & (C("start") < C("before")))["row"].to_list()
    return _mask(frame.height, at)


def _chains(care: pl.DataFrame) -> Iterator[Hit]:
    """Episodes in care, in order: X1 leads to an episode on the same day, care that ended starts anew with S."""
    known = (
        care.select("child_id", "start", "end", "end_code", "why_started")
        .with_row_index("row")
        .filter(C("child_id").is_not_null() & C("start").is_not_null())
    )
    rows = known.sort("child_id", "start", "end", maintain_order=True, nulls_last=True)
    before = C("child_id") == C("child_id").shift(1)
    after = (C("child_id") == C("child_id").shift(-1)).fill_null(False)
    told = rows.select(
        "row",
        nowhere=(C("end_code") == "X1")
        & C("end").is_not_null()
        & ~(after & (C("start").shift(-1) <= C("end")).fill_null(False)),
        again=before & (C("end_code").shift(1) != "X1") & (C("why_started") != "S") & (C("start") >= C("end").shift(1)),
        within=before
        & (C("end_code").shift(1) == "X1")
        & (C("why_started") == "S")
        & (C("start") == C("end").shift(1)),
    )
    for name, cause, shown in (
        ("nowhere", "continues_nowhere", ("end_code", "end")),
        ("again", "starts_again", ("why_started", "start")),
        ("within", "starts_within", ("why_started", "start")),
    ):
        at = told.filter(C(name).fill_null(False))["row"].to_list()
        yield from _hit(cause, "care_episodes", _mask(care.height, at), shown)


def _referrals(tables: Mapping[str, pl.DataFrame], referrals: pl.DataFrame) -> Iterator[Hit]:
    numbers = pl.int_range(referrals.height, dtype=pl.Int64, eager=True)
    work = [tables[name]["within"] for name in ("assessments", "s47", "cin_plans", "cp_plans") if name in tables]
    followed = numbers.is_in(
        pl.Series(list(chain.from_iterable(one.to_list() for one in work)), dtype=pl.Int64).implode()
    )
    yield from _hit("nfa_with_work", "referrals", referrals["nfa"].fill_null(False) & followed, ("nfa",))
    ended = (
        referrals.filter(C("end_code").is_in(["RC1", "RC2"]) & C("end").is_not_null())
        .group_by("child")
        .agg(over=C("end").min())
    )
    later = referrals.select("child", "start").join(ended, on="child", how="left", maintain_order="left")
    yield from _hit("open_after_adoption_or_death", "referrals", later["start"] > later["over"], ("start",))
    dead = referrals.select((C("end_code") == "RC2") & C("died").is_null()).to_series()
    yield from _hit("dead_without_date", "referrals", dead, ("end_code",))


def _mask(height: int, at: list[int]) -> pl.Series:
    return (
        pl.Series([False], dtype=pl.Boolean).new_from_index(0, height).scatter(at, True)
        if height
        else pl.Series([], dtype=pl.Boolean)
    )


def _hit(cause: str, table: str, where: pl.Series, shown: tuple[str, ...]) -> Iterator[Hit]:
    rows = where.fill_null(False).arg_true().to_list()
    if rows:
        yield Hit(cause, table, rows, shown)
