"""What the rules need to know beside a row: the child's birth and death, the referral around it, what was unreadable."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

import polars as pl

from attunement.records.plausible import DAYS, FAULTY
from attunement.records.typed import Fault

C = pl.col


def last_day(tables: Mapping[str, pl.DataFrame], latest: date) -> date | None:
    """The last day, up to `latest`, that stands in the tables: how far a file reaches that does not say so."""
    days = [("children", ("birth_date",)), *DAYS.items()]
    found = [
        tables[name][column].filter(tables[name][column] <= latest).max()
        for name, columns in days
        if name in tables
        for column in columns
        if column in tables[name].columns
    ]
    known = [day for day in found if isinstance(day, date)]
    return max(known, default=None)


def with_facts(
    tables: Mapping[str, pl.DataFrame],
    faults: Iterable[Fault],
    made_on: date | None,
    has_fields: Mapping[str, set[str]],
    census_year: int | None,
) -> dict[str, pl.DataFrame]:
    """The tables with `born` (or expected), `unborn`, `died`, `referred`, `closed`, `latest` (the day on which the
    return was made, or today), `as_of` (that day, or the last in the file) and the `no_fault_at_…` flags; `has_fields`
    says which fields a table of this format has, `census_year` which year's rules hold."""
    latest = made_on or date.today()
    as_of = made_on or last_day(tables, latest) or latest
    unread: dict[tuple[str, str], list[int]] = {}
    for fault in faults:
        if fault.table and fault.field and fault.row is not None:
            unread.setdefault((fault.table, fault.field), []).append(fault.row)
    born = _of_children(tables.get("children"))
    around = _around(tables.get("referrals"))
    found = {}
    for name, frame in tables.items():
        made = frame.lazy().with_columns(
            latest=pl.lit(latest), as_of=pl.lit(as_of), census_year=pl.lit(census_year, pl.Int64)
        )
        if name != "children":
            made = made.join(born.lazy(), on="child_id", how="left", maintain_order="left")
            if around is not None and name != "referrals":
                made = made.join(around.lazy(), on="within", how="left", maintain_order="left")
            else:
                made = made.with_columns(referred=pl.lit(None, pl.Date), closed=pl.lit(None, pl.Date))
        flags = [
            _flag(
                flag, frame.height, [unread.get((name, one), []) for one in fields], bool({*fields} & has_fields[name])
            )
            for flag, fields in FAULTY.items()
            if set(fields) <= set(frame.columns)
        ]
        found[name] = made.with_columns(flags).collect()
    return found


def _flag(name: str, height: int, rows: Iterable[list[int]], there: bool) -> pl.Series:
    """True where the fields are part of the format and nothing unreadable stands in them."""
    flag = pl.Series(name, [there], pl.Boolean).new_from_index(0, height)
    at = sorted({row for some in rows for row in some})
    return flag.scatter(at, False) if at else flag


def _of_children(children: pl.DataFrame | None) -> pl.DataFrame:
    """One row a child id. A birth date is a fact only where all records of the child agree on it."""
    if children is None:
        schema = {"child_id": pl.String, "born": pl.Date, "unborn": pl.Boolean, "died": pl.Date}
        return pl.DataFrame(schema=schema)
    known = children.lazy().filter(C("child_id").is_not_null())
    agreed = C("birth_date").drop_nulls().n_unique() <= 1
    found = known.group_by("child_id").agg(
        birth=pl.when(agreed).then(C("birth_date").drop_nulls().first()),
        expected=pl.when(agreed).then(C("expected_birth_date").drop_nulls().first()),
        died=C("death_date").drop_nulls().first(),
    )
    return found.select(
        "child_id", born=pl.coalesce("birth", "expected"), unborn=C("birth").is_null(), died="died"
    ).collect()


def _around(referrals: pl.DataFrame | None) -> pl.DataFrame | None:
    if referrals is None or "within" not in referrals.columns:
        return None
    return referrals.select("start", "end").with_row_index("within").select(
        C("within").cast(pl.Int64), referred="start", closed="end"
    )  # fmt: skip
