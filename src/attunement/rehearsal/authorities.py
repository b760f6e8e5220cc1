"""When each authority returns its workbook: before every report and once between, one late, one faulty at first."""

from __future__ import annotations

from datetime import date, timedelta

from attunement.rehearsal.cases import Rehearsal, Returned
from attunement.rehearsal.days import add_days, instant, working
from attunement.rehearsal.diary import Course
from attunement.rehearsal.errors import RehearsalError
from attunement.rehearsal.returns import asked_about, cut_out, filled, spoilt
from attunement.study.calendar import add_months
from attunement.study.planned import first_allocation

_BEFORE_REPORT = 28
_LATE = 35
_BETWEEN = 120


def rounds(rehearsal: Rehearsal) -> list[date]:
    """The days on which every authority is asked: once along the way, then before each report."""
    study = rehearsal.study
    before = sorted(add_days(report.due, -_BEFORE_REPORT) for report in study.reports)
    start = first_allocation(study)
    if start is None:
        raise RehearsalError("The study's calendar does not say when families can be allocated.")
    records = study.records
    between = add_days(add_months(start, records.months_after), records.lag_days + _BETWEEN)
    return [day for day in [between] if day < before[0]] + before


def authority(rehearsal: Rehearsal, number: int) -> Course:
    """One authority's returns: the first sites are late before the first report, the next send faults at first."""
    study, truth = rehearsal.study, rehearsal.truth
    site = study.sites[number].code
    first_report = min(report.due for report in study.reports)
    late, faulty = number < truth.late_sites, truth.late_sites <= number < truth.late_sites + truth.faulty_sites
    for asked_on in rounds(rehearsal):
        before_first = asked_on == add_days(first_report, -_BEFORE_REPORT)
        day = working(add_days(asked_on, number + (_LATE if late and before_first else 0)))
        start = instant(study, day, 10, number % 60)
        yield start
        if not _anybody_due(rehearsal, site, day):
            continue
        workbook = rehearsal.programme.workbook(site=site)
        yield start + timedelta(hours=3)
        # The last authority sends what the cohort command makes of its census and looked-after return.
        send = cut_out if number == len(study.sites) - 1 else filled
        children = asked_about(rehearsal, workbook, day)
        content = send(workbook, children, day)
        if faulty:
            if not rehearsal.programme.return_workbook(site=site, content=spoilt(content)):
                raise RehearsalError("A workbook with faults was taken in.")
            yield start + timedelta(hours=5)
            faulty = False
        faults = rehearsal.programme.return_workbook(site=site, content=content)
        if faults:
            raise RehearsalError(f"A workbook without faults was not taken in: {faults[0]}")
        rehearsal.returned[site] = Returned(day, tuple(children), content)


def _anybody_due(rehearsal: Rehearsal, site: str, day: date) -> bool:
    months = rehearsal.study.records.months_after
    return any(
        case.life.site == site
        and case.allocated_on is not None
        and add_months(case.allocated_on, months) <= day
        and rehearsal.allows(case, "records")
        for case in rehearsal.cases.values()
    )
