"""What an authority's analyst sends back: histories as known on a day, in the workbook, at first with faults."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta

from openpyxl import load_workbook  # type: ignore[import-untyped]
from python_calamine import CalamineWorkbook

from attunement.records.made_up import Cells, History, fill, make_history
from attunement.records.sheets import CHILDREN, PLAN_SHEET
from attunement.rehearsal.cases import Case, Rehearsal
from attunement.rehearsal.statutory import Child, by_cohort
from attunement.study.calendar import add_months

IMPOSSIBLE = "31/02/2022"


def history(rehearsal: Rehearsal, case: Case) -> History:
    """The child's whole history: by chance of its own, in its arm, with what befell it."""
    assert case.allocated_on is not None
    random = rehearsal.chance.stream("records", *case.life.place)
    strange, days = random.random(), int(random.integers(30, 150))
    end = add_months(case.allocated_on, rehearsal.study.records.months_after)
    worse = rehearsal.truth.worse_of(programme=rehearsal.in_programme(case))
    made = make_history(
        case.trial_number, allocated_on=case.allocated_on, window_end=end, worse=worse, random=random
    )
    if case.change and case.changed_on is not None:
        return _changed(made, case.change, case.changed_on)
    if strange < rehearsal.truth.no_record:
        return History(case.trial_number, "no record")
    if strange < rehearsal.truth.no_record + rehearsal.truth.transferred:
        return _transferred(made, case.allocated_on + timedelta(days))
    return made


def _changed(made: History, change: str, on: date) -> History:
    if change == "removed":
        return replace(made, care=((on, None, "C2", None),))
    if change not in ("died", "moved"):
        return made
    before = known_on(made, on)
    if change == "died":
        closed = tuple((start, on, "RC2") for start, _end, _code in before.referrals)
        return replace(before, answer="died", died_on=on, referrals=closed)
    return replace(before, answer="moved out")


def _transferred(made: History, on: date) -> History:
    before = known_on(made, on)
    moved = tuple((start, on, "RC5") for start, _end, _code in before.referrals)
    return replace(before, answer="transferred", referrals=moved)


def known_on(whole: History, day: date) -> History:
    """The history without what lies after `day`; an end that is still to come is blank, and so is its reason."""
    late = whole.died_on is not None and whole.died_on > day
    ended = [end for _start, end, code in whole.referrals if code in ("RC2", "RC5")]
    unknown = late or any(isinstance(end, date) and end > day for end in ended)
    return History(
        whole.trial_number,
        "found" if unknown else whole.answer,
        None if late else whole.died_on,
        referrals=_until(whole.referrals, day, start=0, end=1, reason=2),
        assessments=_until(whole.assessments, day, start=1, end=2),
        plans=_until(whole.plans, day, start=1, end=2),
        care=_until(whole.care, day, start=0, end=1, reason=3),
    )


def _until(rows: Sequence[Cells], day: date, *, start: int, end: int, reason: int | None = None) -> tuple[Cells, ...]:
    found = []
    for row in rows:
        began, ended = row[start], row[end]
        if isinstance(began, date) and began > day:
            continue
        cells = list(row)
        if isinstance(ended, date) and ended > day:
            cells[end] = None
            if reason is not None:
                cells[reason] = None
        found.append(tuple(cells))
    return tuple(found)


def asked_about(rehearsal: Rehearsal, workbook: bytes, extract_on: date) -> list[Child]:
    """The children that the workbook asks about, with what the authority knows of them on that day."""
    cases = [rehearsal.cases[number] for number in _asked(workbook)]
    return [(known_on(history(rehearsal, case), extract_on), case.life.born_on, case.allocated_on)
            for case in cases if case.allocated_on is not None]  # fmt: skip


def filled(workbook: bytes, children: Sequence[Child], extract_on: date) -> bytes:
    """The workbook filled for every child that it asks about."""
    target = io.BytesIO()
    fill(io.BytesIO(workbook), target, [past for past, _born, _day in children], extract_on=extract_on)
    return target.getvalue()


def cut_out(workbook: bytes, children: Sequence[Child], extract_on: date) -> bytes:
    """The same from an authority that cuts the cohort out of its statutory returns."""
    return by_cohort(children, extract_on) if children else filled(workbook, children, extract_on)


def spoilt(workbook: bytes) -> bytes:
    """A filled workbook as a hurried analyst sends it: a child without an answer, and a day that never was."""
    book = load_workbook(io.BytesIO(workbook))
    book[CHILDREN.name].cell(2, 4).value = None
    place = next(n for n, column in enumerate(PLAN_SHEET.columns, start=1) if column.name == "start")
    plans = book[PLAN_SHEET.name]
    plans.cell(2, 1).value = book[CHILDREN.name].cell(2, 1).value
    plans.cell(2, place).value = IMPOSSIBLE
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _asked(workbook: bytes) -> Iterable[str]:
    rows = CalamineWorkbook.from_filelike(io.BytesIO(workbook)).get_sheet_by_name(CHILDREN.name).to_python()
    return [str(row[0]) for row in rows[1:] if row and row[0]]
