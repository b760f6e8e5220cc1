"""What is known of each family at the cut: answered, lost and why, or not yet known."""

from __future__ import annotations

from datetime import date

import polars as pl

from attunement.study import Study
from attunement.study.calendar import due

ANSWERED = "followed_up"
NOT_YET_KNOWN = "not_yet_known"
LOST = {
    "withdrew": "Withdrew",
    "died": "Child died",
    "removed": "Child removed into care",
    "adopted": "Child adopted",
    "parent_died": "Parent or carer died",
    "moved": "Moved away",
    "other_carer": "Lives with another carer",
    "no_answer": "Did not answer",
}
"""Why a family was lost to a questionnaire, in order of precedence."""

RECORDS = {
    "found": "Record found",
    "no_record": "No record",
    "moved_out": "Moved out of the authority",
    "transferred": "Transferred to another authority",
    "adopted": "Child adopted",
    "died": "Child died",
    "no_consent": "Family did not agree to records",
    "no_extract": "No extract from the authority",
    NOT_YET_KNOWN: "Not yet known",
}
"""The states of a family's record, as in a snapshot."""

_AT_ONCE = ("died", "removed", "adopted", "parent_died")


def questionnaire_states(
    families: pl.DataFrame, scores: pl.DataFrame, *, study: Study, time_point: str, known_on: date
) -> pl.DataFrame:
    """`family`, `state` of every allocated family at `time_point`: `followed_up`, `not_yet_known` or a key of LOST.

    A family is followed up when its index child has an instrument completed. Otherwise it is lost at once by
    withdrawal, death, removal or adoption, and by anything else only when its window has closed by the cut.
    """
    answered = scores.filter((pl.col("time_point") == time_point) & pl.col("completed_on").is_not_null())
    numbers = set(answered["trial_number"])
    states = []
    for row in families.filter(pl.col("allocated_on").is_not_null()).iter_rows(named=True):
        closed = _complete_on(study, row["allocated_on"], time_point) <= known_on
        states.append((row["family"], _questionnaire_state(row, row["trial_number"] in numbers, closed)))
    return _frame(states)


def records_states(families: pl.DataFrame, outcomes: pl.DataFrame, *, study: Study, known_on: date) -> pl.DataFrame:
    """`family`, `state` of every allocated family's record at the cut: a key of RECORDS.

    Before the months and the recording lag are over, or when the extract was taken before that, a record is not
    yet known, whatever it says; after that a family without a row has no extract.
    """
    rows = {row["trial_number"]: row for row in outcomes.iter_rows(named=True)}
    states = []
    for family in families.filter(pl.col("allocated_on").is_not_null()).iter_rows(named=True):
        complete_on = _complete_on(study, family["allocated_on"], "records")
        row = rows.get(family["trial_number"])
        early = row is not None and row["extract_on"] is not None and row["extract_on"] < complete_on
        if complete_on > known_on or early:
            state = NOT_YET_KNOWN
        else:
            state = "no_extract" if row is None or row["status"] is None else row["status"]
        states.append((family["family"], state))
    return _frame(states)


def _questionnaire_state(row: dict[str, object], answered: bool, closed: bool) -> str:
    if answered:
        return ANSWERED
    if row["withdrawn_on"] is not None:
        return "withdrew"
    change = str(row["change"]) if row["change"] is not None else "no_answer"
    if change in _AT_ONCE or closed:
        return change if change in LOST else "no_answer"
    return NOT_YET_KNOWN


def _complete_on(study: Study, allocated_on: date, code: str) -> date:
    return next(planned.last for planned in due(study, allocated_on) if planned.code == code)


def _frame(states: list[tuple[str, str]]) -> pl.DataFrame:
    return pl.DataFrame(states, schema={"family": pl.String, "state": pl.String}, orient="row")
