"""Made-up histories, and the workbook filled with them as an authority's analyst would."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, BinaryIO

import numpy as np
from openpyxl import load_workbook  # type: ignore[import-untyped]

from attunement.records.cells import safe_cell
from attunement.records.errors import RecordsError
from attunement.records.sheets import (
    ASSESSMENT_SHEET,
    CARE,
    CHILDREN,
    EXTRACT_LABEL,
    PLAN_SHEET,
    READ_ME,
    REFERRALS,
    SHEETS,
)
from attunement.records.template import DATE_FORMAT

_SHORTEST = 60
Cells = tuple[str | date | None, ...]


@dataclass(frozen=True, slots=True)
class History:
    """What an authority knows of one child. Each row holds the cells right of the trial number, in the sheet's order:

    `referrals` (start, end, reason), `assessments` (what, start, end), `plans` (CIN or CP, start, end, yes or no),
    `care` (start, end, legal status, reason). Dates are dates, None is a blank cell.
    """

    trial_number: str
    answer: str | None
    died_on: date | None = None
    referrals: Sequence[Cells] = ()
    assessments: Sequence[Cells] = ()
    plans: Sequence[Cells] = ()
    care: Sequence[Cells] = ()


def make_history(
    trial_number: str, *, allocated_on: date, window_end: date, worse: float, random: np.random.Generator
) -> History:
    """A plausible history that is `found`: `worse`, from 0 to 1, is the chance that protection is stepped up.

    The child is on a child in need or a child protection plan at allocation; conferences follow enquiries.
    RecordsError for a window under 60 days or another chance.
    """
    span = (window_end - allocated_on).days
    if span < _SHORTEST or not 0 <= worse <= 1:
        raise RecordsError(f"A made-up history needs a window of {_SHORTEST} days or more and a chance from 0 to 1.")

    def within(first: int, last: int) -> date:
        return allocated_on + timedelta(int(random.integers(first, last + 1)))

    referral: Cells = (within(-200, -60), None, None)
    opened = within(-55, -10)
    assessments: list[Cells] = [("assessment", max(opened - timedelta(30), _day(referral)), opened - timedelta(3))]
    kind = "CP" if random.random() < 0.35 else "CIN"
    plan: Cells = (kind, opened, None, "no" if kind == "CP" else None)
    plans, care = [plan], []
    if random.random() < worse:
        day = within(20, span - 30)
        assessments += [("section 47", day, None), ("conference", day + timedelta(14), None)]
        if kind == "CIN":
            changed = day + timedelta(14)
            plans = [("CIN", opened, changed, None), ("CP", changed, None, "no")]
        elif random.random() < 0.3:
            care = [(day + timedelta(15), None, "C2", None)]
    elif random.random() < 0.5:
        day = within(40, span)
        plans = [(kind, opened, day, plan[3])]
        if kind == "CP":
            plans.append(("CIN", day, None, None))
        elif random.random() < 0.6:
            referral = (referral[0], day, "RC7")
    return History(trial_number, "found", None, (referral,), tuple(assessments), tuple(plans), tuple(care))


def _day(row: Cells) -> date:
    assert isinstance(row[0], date)
    return row[0]


def fill(template: BinaryIO, target: BinaryIO, histories: Iterable[History], *, extract_on: date | None) -> None:
    """Fill the workbook in `template` and write it to `target`; without `extract_on` its cell stays blank.

    RecordsError for a child that it does not ask about.
    """
    book = load_workbook(template)
    for cells in book[READ_ME].iter_rows():
        if cells[0].value == EXTRACT_LABEL:
            cells[1].value, cells[1].number_format = extract_on, DATE_FORMAT
    children = {cells[0].value: cells for cells in book[CHILDREN.name].iter_rows(min_row=2)}
    # A sheet's own max_row walks through all its cells.
    filled = {sheet.name: 1 for sheet in SHEETS}
    for history in histories:
        if history.trial_number not in children:
            raise RecordsError("The workbook does not ask about one of these children.")
        _put(children[history.trial_number][3:5], (history.answer, history.died_on))
        for sheet, rows in (
            (REFERRALS, history.referrals),
            (ASSESSMENT_SHEET, history.assessments),
            (PLAN_SHEET, history.plans),
            (CARE, history.care),
        ):
            page = book[sheet.name]
            for row in rows:
                filled[sheet.name] += 1
                _put([page.cell(filled[sheet.name], n + 1) for n in range(len(row) + 1)], (history.trial_number, *row))
    book.save(target)


def _put(cells: Sequence[Any], values: Cells) -> None:
    for cell, value in zip(cells, values, strict=True):
        cell.value = safe_cell(value)
        if isinstance(value, date):
            cell.number_format = DATE_FORMAT
