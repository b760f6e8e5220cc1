"""Which planned data can exist when each report and the review are due, and whether delivery ends in time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from attunement.study.calendar import last_allocation, window
from attunement.study.english import counted, day, listed
from attunement.study.findings import Remark
from attunement.study.planned import (
    Datum,
    exists_on,
    final_allocation,
    first_allocation,
    last_due,
    planned_data,
    said,
)
from attunement.study.schema import Report, Study


def remarks(study: Study) -> Iterator[Remark]:
    final = final_allocation(study)
    if final:
        for index, report in enumerate(study.reports):
            for datum in planned_data(study):
                yield _in_time(index, report, datum, final)
        yield from _reports_needed(study, final)
        yield from _delivery_in_time(study, final)
    yield from _review_in_time(study)
    yield from _review_levels(study)


def _in_time(index: int, report: Report, datum: Datum, final: date) -> Remark:
    """The last allocation whose datum can exist when the report is due: at its due day, and with its allowance."""
    can = last_allocation(datum.months, 0, report.due)
    sure = last_allocation(datum.months, datum.days, report.due)
    months = counted(datum.months, "month")
    text = (
        f"The report {report.code} is due on {day(report.due)}. By then {datum.name}, {months} after allocation and "
        f"with {datum.allowance}, can exist for families allocated by {day(sure)}"
    )
    text += f" (without these days: by {day(can)}). " if datum.days else ". "
    short = sure < final
    if short:
        since = sure + timedelta(1)
        span = f"on {day(final)}" if since == final else f"from {day(since)} to {day(final)}"
        text += f"Families allocated {span} are not yet known then."
    else:
        text += f"The last planned allocation is on {day(final)}, so all can be in."
    if short and report.complete:
        text += " Yet the report is marked complete."
    return Remark("problem" if short and report.complete else "note", ("reports", index, "due"), text)


def _reports_needed(study: Study, final: date) -> Iterator[Remark]:
    last, announced = last_due(study), said(study, "report")
    if last is None:
        return
    early = [report for report in study.reports if report.due < last.last]
    by = announced.end if announced else None
    if not early and (by is None or by >= last.last):
        return
    all_in = listed(f"{datum.name} on {day(exists_on(datum, final))}" for datum in planned_data(study))
    because = f"For a family allocated on the last planned day, {day(final)}, these exist: {all_in}."
    if by is not None and by < last.last:
        because += f" The report is announced for {day(by)}, before that."
    on_time = [report.code for report in early if not report.complete]
    complete = [report.code for report in study.reports if report.complete and report.due >= last.last]
    if on_time and complete:
        plan = f"The study file plans both: {listed(on_time)} (on time) and {listed(complete)} (complete)."
    else:
        lacks = [] if on_time else ["an early one marked incomplete"]
        lacks += [] if complete else [f"a complete one due on {day(last.last)} or later"]
        plan = f"The study file lacks {listed(lacks)}."
    text = (
        f"{because} So two reports are needed: one on time and marked incomplete, and a final one on "
        f"{day(last.last)} or later. {plan}"
    )
    settled = bool(on_time and complete) and (by is None or by >= last.last)
    yield Remark("note" if settled else "problem", ("reports",), text)


def _delivery_in_time(study: Study, final: date) -> Iterator[Remark]:
    line = said(study, "delivery")
    if line is None or line.end is None or not study.delivery.sessions:
        return
    weeks = max(session.week for session in study.delivery.sessions)
    closes = final + timedelta(weeks=weeks)
    latest = line.end - timedelta(weeks=weeks)
    sessions = counted(len(study.delivery.sessions), "session")
    text = (
        f"A family allocated on the last planned day, {day(final)}, has the last of its {sessions} on {day(closes)} at "
        f"the earliest; delivery ends on {day(line.end)}. "
    )
    if closes > line.end:
        text += f"For {sessions} to fit, families must be allocated by {day(latest)}."
        yield Remark("problem", ("calendar", study.calendar.index(line), "end"), text)
    else:
        text += f"That leaves {counted((line.end - closes).days, 'day')} for late starts and missed sessions."
        yield Remark("note", ("calendar", study.calendar.index(line), "end"), text)


def _review_in_time(study: Study) -> Iterator[Remark]:
    """A criterion on follow-up answers measures nothing at a review that comes before the first of them."""
    first = first_allocation(study)
    points = [point for point in study.time_points if point.months_after is not None]
    if first is None or not points:
        return
    opens = min(window(point, first)[0] for point in points)
    for index, criterion in enumerate(study.review_point.criteria):
        if criterion.measure == "follow_up_complete" and opens > study.review_point.on:
            text = (
                f"The criterion {criterion.code} cannot be measured at the review point on "
                f"{day(study.review_point.on)}: the first follow-up answers can come on {day(opens)}."
            )
            yield Remark("problem", ("review_point", "criteria", index), text)


def _review_levels(study: Study) -> Iterator[Remark]:
    for index, criterion in enumerate(study.review_point.criteria):
        better = criterion.green - criterion.amber if criterion.higher_is_better else criterion.amber - criterion.green
        if better <= 0:
            side = "above" if criterion.higher_is_better else "below"
            text = (
                f"The criterion {criterion.code} cannot be judged: green ({criterion.green}) must be {side} "
                f"amber ({criterion.amber})."
            )
            yield Remark("problem", ("review_point", "criteria", index, "green"), text)
