"""The returns of a rehearsal as files, with the outcomes that are true of each child beside them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from attunement.records import derive
from attunement.records.histories import CHILDREN, EPISODES, EVENTS
from attunement.records.made_up import History
from attunement.records.outcomes import RANDOMISED
from attunement.rehearsal.cases import Returned
from attunement.rehearsal.statutory import Child, statutory_files
from attunement.study import Study

TRUE_OUTCOMES = "true_outcomes.csv"
_PLANS = {"CIN": "cin_plan", "CP": "cp_plan"}
_EVENTS = {"section 47": "s47", "conference": "icpc"}


def lay_out(folder: Path, returned: Mapping[str, Returned], study: Study) -> None:
    """`folder`/SITE: the census, the looked-after files, the authority's own sheet, and the workbook that was taken in;
    `folder`/true_outcomes.csv: a row a child. The workbook says more than the others: what an analyst answered.
    """
    truths = []
    for site, one in sorted(returned.items()):
        place = folder / site
        place.mkdir(parents=True, exist_ok=True)
        for name, content in statutory_files(one.children, one.extract_on).items():
            (place / name).write_bytes(content)
        (place / "workbook.xlsx").write_bytes(one.workbook)
        truths.append(true_outcomes(one.children, one.extract_on, study).select(pl.lit(site).alias("site"), pl.all()))
    if truths:
        pl.concat(truths).write_csv(folder / TRUE_OUTCOMES)


def true_outcomes(children: Sequence[Child], extract_on: date, study: Study) -> pl.DataFrame:
    """What is true of each child, straight from its history and through no file: the columns of the outcome contract
    without the evidence, by trial number.
    """
    rules = study.records
    frames = [
        _frame((_child(past, born) for past, born, _day in children), CHILDREN),
        _frame((row for past, _born, _day in children for row in _episodes(past)), EPISODES),
        _frame((row for past, _born, _day in children for row in _events(past)), EVENTS),
        _frame(({"trial_id": past.trial_number, "t0": day, "extract_date": extract_on}
                for past, _born, day in children), RANDOMISED),
    ]  # fmt: skip
    found = derive(*frames, months=rules.months_after, lag_days=rules.lag_days)
    return found.drop("evidence").sort("trial_id")


def _frame(rows: Iterable[dict[str, Any]], schema: Mapping[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=dict(schema), orient="row")


def _child(past: History, born: date) -> dict[str, Any]:
    answer = None if past.answer is None else past.answer.replace(" ", "_")
    return {"trial_id": past.trial_number, "birth_date": born, "death_date": past.died_on, "answer": answer}


def _episodes(past: History) -> Iterable[dict[str, Any]]:
    blank = {"trial_id": past.trial_number, "end_code": None, "legal_status": None, "transfer_in": None}
    rows: list[dict[str, Any]] = [
        {"kind": "referral", "start": start, "end": end, "end_code": why} for start, end, why in past.referrals
    ]
    rows += [{"kind": _PLANS[str(kind)], "start": start, "end": end, "transfer_in": moved == "yes"}
             for kind, start, end, moved in past.plans]  # fmt: skip
    rows += [{"kind": "care", "start": start, "end": end, "legal_status": legal, "end_code": why}
             for start, end, legal, why in past.care]  # fmt: skip
    return (blank | {"row_id": f"{n}"} | row for n, row in enumerate(rows))


def _events(past: History) -> Iterable[dict[str, Any]]:
    happened = [(what, day) for what, day, _end in past.assessments if what in _EVENTS]
    return ({"trial_id": past.trial_number, "row_id": f"event {n}", "kind": _EVENTS[str(what)], "date": day}
            for n, (what, day) in enumerate(happened))  # fmt: skip
