"""From returns as read to the frames of the outcome contract: `children`, `episodes`, `events`, one trial id a child."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

import polars as pl

from attunement.records.facts import last_day
from attunement.records.histories import CHILDREN, EPISODES, EVENTS, Histories
from attunement.records.returns import Returned

C = pl.col
_CASES = {
    "referrals": "referral",
    "in_need": "referral",
    "cin_plans": "cin_plan",
    "cp_plans": "cp_plan",
    "care_episodes": "care",
}
_BEGINNING = date(1900, 1, 1)
_DUE_AFTER_REFERRAL = 45


def to_histories(returns: Returned | Iterable[Returned], sheet: pl.DataFrame | None = None) -> Histories:
    """The histories in one return or several.

    `sheet` has the columns trial_number and child_id (two rows for two ids) and chooses the children; without it every
    child is its own trial_id. Where two returns hold the same episode of a child (same kind, same start), the return
    that reaches further holds. A referral without further action ends on its day. `row_id` is return, table and row.
    `answer` is that of our workbook; for other returns `found` where a child has a record, else null.
    """
    files = [returns] if isinstance(returns, Returned) else list(returns)
    ordered = sorted(files, key=reach)
    ids = None if sheet is None else sheet.select(trial_id="trial_number", child_id=C("child_id").str.to_lowercase())
    children, episodes, events = [], [], []
    for number, one in enumerate(ordered):
        tables = {name: _named(frame, one, name, files.index(one) + 1, ids) for name, frame in one.tables.items()}
        children += [_children(tables, one.format)]
        episodes += [part.with_columns(order=pl.lit(number)) for part in _episodes(tables, one.format)]
        events += _events(tables, one.format)
    found = pl.concat([pl.DataFrame(schema=CHILDREN), *children])
    return Histories(_once(found, ids), _newest(episodes), pl.concat([pl.DataFrame(schema=EVENTS), *events]))


def reach(returned: Returned) -> date:
    """The last day that the file can know of; for one that does not say so, the last day in it."""
    return returned.reaches or last_day(returned.tables, date.today()) or _BEGINNING


def _named(frame: pl.DataFrame, returned: Returned, table: str, number: int, ids: pl.DataFrame | None) -> pl.DataFrame:
    """The rows of the children asked about, with `trial_id` and `row_id`."""
    lines = frame["source_line"]
    mark = (
        pl.format("{}", "source_line")
        if lines.n_unique() == len(lines)
        else pl.format("{}.{}", "source_line", C("row") + 1)
    )
    rows = frame.with_row_index("row").with_columns(row_id=pl.format("{}:{}:{}", pl.lit(number), pl.lit(table), mark))
    if returned.format == "workbook":
        named = rows.with_columns(trial_id="trial_number")
    elif ids is None:
        named = rows.with_columns(trial_id="child_id")
    else:
        named = rows.with_columns(C("child_id").str.to_lowercase()).join(
            ids, on="child_id", how="inner", maintain_order="left"
        )
    return named.filter(C("trial_id").is_not_null())


def _children(tables: dict[str, pl.DataFrame], format: str) -> pl.DataFrame:
    if format == "workbook":
        return tables["children"].select(
            "trial_id", birth_date=pl.lit(None, pl.Date), death_date="died_on", answer=C("answer").str.replace(" ", "_")
        )
    parts = [pl.DataFrame(schema=CHILDREN)]
    for frame in tables.values():
        facts = {
            name: C(name) if name in frame.columns else pl.lit(None, pl.Date) for name in ("birth_date", "death_date")
        }
        parts.append(frame.select("trial_id", **facts, answer=pl.lit("found")).unique(maintain_order=True))
    return pl.concat(parts)


def _once(children: pl.DataFrame, ids: pl.DataFrame | None) -> pl.DataFrame:
    """One row a child; children of the sheet that no return holds have no answer."""
    known = children.group_by("trial_id", maintain_order=True).agg(
        C("birth_date").drop_nulls().first(), C("death_date").drop_nulls().first(), C("answer").drop_nulls().last()
    )
    if ids is None:
        return known.select(*CHILDREN)
    asked = ids.select("trial_id").unique(maintain_order=True)
    return asked.join(known, on="trial_id", how="left", maintain_order="left").select(*CHILDREN)


def _episodes(tables: dict[str, pl.DataFrame], format: str) -> list[pl.DataFrame]:
    found = []
    for table, kind in _CASES.items():
        frame = tables.get(table)
        if frame is None or (table == "referrals" and format == "annex_a"):
            continue
        if table == "referrals":
            frame = _never_open(frame, tables)
        found.append(_cut(frame.with_columns(kind=pl.lit(kind))))
    if format == "annex_a":
        found += _of_lists(tables)
    return found


def _cut(frame: pl.DataFrame) -> pl.DataFrame:
    """The columns of the contract; rows without a start cannot be placed."""
    if frame.schema.get("transfer_in") == pl.String:
        frame = frame.with_columns(transfer_in=C("transfer_in") == "yes")
    given = [
        (C(name) if name in frame.columns else pl.lit(None)).cast(kind).alias(name) for name, kind in EPISODES.items()
    ]
    return frame.select(given).filter(C("start").is_not_null())


def _never_open(referrals: pl.DataFrame, tables: dict[str, pl.DataFrame]) -> pl.DataFrame:
    if "nfa" not in referrals.columns:
        return referrals
    return referrals.with_columns(end=pl.when(C("end").is_null() & C("nfa")).then("start").otherwise("end"))


def _of_lists(tables: dict[str, pl.DataFrame]) -> list[pl.DataFrame]:
    """Annex A: a case in need (list 6) is the open referral, and by its status a CIN plan. A referral (list 3) that went
    no further, or that became such a case within 45 days, is an episode of no length: a referral made, nothing open."""
    found = []
    in_need = tables.get("in_need")
    if in_need is not None:
        found.append(
            _cut(in_need.filter(C("status") == "cin_plan").with_columns(kind=pl.lit("cin_plan"), end_code=pl.lit(None)))
        )
    referrals = tables.get("referrals")
    if referrals is not None:
        later = (
            pl.DataFrame(schema={"trial_id": pl.String, "case": pl.Date})
            if in_need is None
            else in_need.select("trial_id", case="start")
        )
        became = referrals.join(later, on="trial_id", how="left", maintain_order="left").filter(
            (C("case") - C("start")).dt.total_days().is_between(0, _DUE_AFTER_REFERRAL)
        )["row_id"]
        short = C("nfa").fill_null(False) | C("row_id").is_in(became.implode())
        ended = pl.when(short).then("start").otherwise(pl.lit(None, pl.Date))
        found.append(_cut(referrals.with_columns(kind=pl.lit("referral"), end=ended)))
    return found


def _events(tables: dict[str, pl.DataFrame], format: str) -> list[pl.DataFrame]:
    found = []
    if (s47 := tables.get("s47")) is not None:
        if format == "workbook":
            kind = C("what").replace_strict({"section 47": "s47", "conference": "icpc"}, return_dtype=pl.String)
            found.append(s47.select("trial_id", "row_id", kind=kind, date="start"))
        else:
            found.append(s47.select("trial_id", "row_id", kind=pl.lit("s47"), date="start"))
    for table in ("referrals", "s47"):
        frame = tables.get(table)
        if frame is not None and "icpc_date" in frame.columns:
            found.append(frame.select("trial_id", "row_id", kind=pl.lit("icpc"), date="icpc_date"))
    return [part.filter(C("date").is_not_null()) for part in found]


def _newest(parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Of the same episode in two returns the one of the later return; rows of one return all stay."""
    whole = pl.concat([pl.DataFrame(schema={**EPISODES, "order": pl.Int32}), *parts])
    newest = C("order").max().over("trial_id", "kind", "start")
    return whole.filter(C("order") == newest).drop("order")
