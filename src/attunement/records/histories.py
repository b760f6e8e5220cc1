"""From a return's sheets to what happened to each child: the three frames that `outcomes.derive` takes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from attunement.records.errors import RecordsError
from attunement.records.reading import Return

CHILDREN = {"trial_id": pl.String, "birth_date": pl.Date, "death_date": pl.Date, "answer": pl.String}
EPISODES = {
    "trial_id": pl.String,
    "row_id": pl.String,
    "kind": pl.String,
    "start": pl.Date,
    "end": pl.Date,
    "end_code": pl.String,
    "legal_status": pl.String,
    "transfer_in": pl.Boolean,
}
EVENTS = {"trial_id": pl.String, "row_id": pl.String, "kind": pl.String, "date": pl.Date}
_EPISODES_OF = {"CIN": "cin_plan", "CP": "cp_plan"}
_EVENTS_OF = {"section 47": "s47", "conference": "icpc"}


@dataclass(frozen=True, slots=True)
class Histories:
    """`children`, `episodes` and `events` with the columns of CHILDREN, EPISODES and EVENTS."""

    children: pl.DataFrame
    episodes: pl.DataFrame
    events: pl.DataFrame


def histories(returned: Return) -> Histories:
    """The histories in one return of our workbook; `row_id` is sheet and row. RecordsError unless it is `ok`."""
    if not returned.ok:
        raise RecordsError("A return with errors cannot be used; please have it mended first.")
    tables = returned.tables
    children = tables["children"].select(
        pl.col("trial_number").alias("trial_id"),
        pl.lit(None, pl.Date).alias("birth_date"),
        pl.col("died_on").alias("death_date"),
        pl.col("answer").str.replace(" ", "_"),
    )
    plans = tables["plans"].with_columns(
        kind=pl.col("what").replace_strict(_EPISODES_OF, return_dtype=pl.String),
        transfer_in=pl.col("transfer_in") == "yes",
    )
    episodes = [
        _rows(tables["referrals"].with_columns(kind=pl.lit("referral")), "referrals", EPISODES),
        _rows(plans, "plans", EPISODES),
        _rows(tables["care"].with_columns(kind=pl.lit("care")), "care", EPISODES),
    ]
    happened = tables["assessments"].filter(pl.col("what").is_in(list(_EVENTS_OF)))
    dated = happened.with_columns(
        kind=pl.col("what").replace_strict(_EVENTS_OF, return_dtype=pl.String), date=pl.col("start")
    )
    return Histories(children, pl.concat(episodes), _rows(dated, "assessments", EVENTS))


def together(parts: Iterable[Histories]) -> Histories:
    """The histories of several returns (one a site) as one. `row_id` stays unique within a child only."""
    found = list(parts)
    return Histories(
        pl.concat([pl.DataFrame(schema=CHILDREN), *(p.children for p in found)]),
        pl.concat([pl.DataFrame(schema=EPISODES), *(p.episodes for p in found)]),
        pl.concat([pl.DataFrame(schema=EVENTS), *(p.events for p in found)]),
    )


def _rows(table: pl.DataFrame, sheet: str, schema: dict[str, type[pl.DataType]]) -> pl.DataFrame:
    named = table.with_columns(
        trial_id=pl.col("trial_number"), row_id=pl.format("{}:{}", pl.lit(sheet), pl.col("source_line"))
    )
    return named.select(
        (pl.col(name) if name in named.columns else pl.lit(None)).cast(kind).alias(name)
        for name, kind in schema.items()
    )
