"""How each child's window ended: followed to the end, interrupted on a day, or not known."""

from __future__ import annotations

import polars as pl

from attunement.records.errors import RecordsError

ANSWERS = ("found", "no_record", "moved_out", "transferred", "adopted", "died")
# On one day the earlier in this order counts.
_ORDER = ("died", "adopted", "transferred")
_CODES = {
    ("referral", "died"): ("RC2",),
    ("care", "died"): ("E2",),
    ("referral", "adopted"): ("RC1",),
    ("care", "adopted"): ("E11", "E12"),
    ("referral", "transferred"): ("RC5",),
    ("care", "transferred"): ("E3",),
}


def stops() -> pl.Expr:
    """The place in _ORDER of what an episode's end code says; null for any other end."""
    rank = pl.lit(None, pl.Int64)
    for (kind, state), codes in _CODES.items():
        rank = pl.when((pl.col("kind") == kind) & pl.col("end_code").is_in(codes)).then(_ORDER.index(state)).otherwise(rank)
    return rank


def states(children: pl.DataFrame, episodes: pl.DataFrame, who: pl.DataFrame) -> pl.DataFrame:
    """`who` with `state` and `stop_date`: null where the day on which the window ended is not known."""
    deaths = children.select("child", day="death_date", rank=pl.lit(_ORDER.index("died"), pl.Int64))
    ends = episodes.select("child", day="end", rank=stops()).drop_nulls("rank")
    first = (
        pl.concat([deaths, ends])
        .join(who.select("child", "t0", "t1", "known"), on="child")
        .filter(pl.col("known") & (pl.col("day") > pl.col("t0")) & (pl.col("day") <= pl.col("t1")))
        .sort("day", "rank")
        .unique("child", keep="first", maintain_order=True)
        .select("child", "day", stopped=pl.col("rank").replace_strict(dict(enumerate(_ORDER)), return_dtype=pl.String))
    )
    whole = pl.col("stopped").is_null() & (pl.col("answer") == "found")
    return (
        who.join(first, on="child", how="left", maintain_order="left")
        .join(_answers(children), on="child", how="left", maintain_order="left")
        .with_columns(
            state=pl.when(~pl.col("known")).then(pl.lit("not_yet_known"))
            .when(whole).then(pl.lit("complete"))
            .otherwise(pl.coalesce("stopped", "answer", pl.lit("missing"))),
            stop_date=pl.when(pl.col("known") & whole).then("t1").otherwise("day"),
        )
        .drop("answer", "stopped", "day")
    )  # fmt: skip


def _answers(children: pl.DataFrame) -> pl.DataFrame:
    """One answer a child. A child of two ids has no record under one of them: the other answer holds."""
    given = children.select("child", "answer").drop_nulls().unique()
    other = (pl.col("answer") != "no_record").any().over("child")
    given = given.filter((pl.col("answer") != "no_record") | ~other)
    if given["child"].is_duplicated().any():
        raise RecordsError("A child has two different answers; please settle which one holds.")
    return given
