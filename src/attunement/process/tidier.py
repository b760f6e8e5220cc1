"""TIDieR's twelve items, one form an arm: what was planned from the study, what happened from delivery."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from attunement.process.errors import ProcessError
from attunement.process.sources import Delivery, SnapshotLike, delivery, programme_arms

ITEMS = ("name", "why", "what materials", "what procedures", "who", "how", "where", "when and how much", "tailoring",
         "changes", "how well planned", "how well actual")  # fmt: skip
"""Our short words for the items of Hoffmann and others 2014, from memory: check the published list."""
TO_WRITE = "To be written."


def tidier(snapshot: SnapshotLike, written: Mapping[str, Mapping[str, str]] | None = None) -> pl.DataFrame:
    """One row an arm and item: arm, number, item, planned, actual. `written` maps arm → item → what was planned.

    `planned` comes from `written`, else from the study, else says that it is to be written. `actual` is filled from
    delivery for the arms that receive the programme; it is null where no data can say it.
    """
    had, own = delivery(snapshot), written or {}
    arms = {arm.code: arm for arm in had.study.arms}
    for code, texts in own.items():
        strange = next((item for item in texts if item not in ITEMS), None)
        if code not in arms or strange:
            raise ProcessError(f"TIDieR has no item '{strange}'." if strange else f"The study has no arm '{code}'.")
    rows = []
    for code, arm in arms.items():
        offered = code in programme_arms(had.study)
        planned = {"name": arm.offers} | (_planned(had) if offered else {}) | dict(own.get(code, {}))
        actual = _actual(had) if offered else {}
        rows += [(code, number, item, planned.get(item, TO_WRITE), actual.get(item))
                 for number, item in enumerate(ITEMS, start=1)]  # fmt: skip
    schema = {"arm": pl.String, "number": pl.Int64, "item": pl.String, "planned": pl.String, "actual": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _planned(had: Delivery) -> dict[str, str]:
    plan = had.study.delivery
    cycles = len({session.cycle for session in plan.sessions if session.cycle is not None})
    return {
        "why": had.study.summary,
        "what procedures": "; ".join(session.title for session in plan.sessions),
        "who": f"{plan.practitioners} practitioners; families a practitioner: {plan.families_per_practitioner}",
        "where": ", ".join(site.name for site in had.study.sites),
        "when and how much": f"{len(plan.sessions)} sessions in {cycles} cycles",
    }


def _actual(had: Delivery) -> dict[str, str]:
    held = had.sessions.filter((pl.col("state") == "held") & pl.col("family").is_in(had.programme["family"].implode()))
    minutes = held["minutes"].median()
    began = held["family"].n_unique()
    return {
        "who": f"{had.assignments['practitioner'].n_unique()} practitioners with a family",
        "where": ", ".join(sorted(set(had.programme["site"]))),
        "when and how much": f"{held.height} sessions held with {began} of {had.programme.height} families offered; "
        f"median {minutes:g} minutes" if isinstance(minutes, int | float) else "No session was held.",
        "how well actual": f"{held.filter(pl.col('kind') == 'closing')['family'].n_unique()} of "
        f"{had.programme.height} families offered had the closing session",
    }  # fmt: skip
