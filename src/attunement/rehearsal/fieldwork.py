"""The survey team's work: reminders, calls and how they end, searches, vouchers, alerts that somebody takes."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np

from attunement import instruments
from attunement.rehearsal.cases import FAMILY, Case, Rehearsal
from attunement.rehearsal.days import add_days, instant, working
from attunement.rehearsal.diary import Course
from attunement.rehearsal.people import made_up_carer
from attunement.study.schema import TimePoint

REMINDERS, VOUCHER, ALERTS = 10, 11, 12
CALLED_FOR = 8
"""Days on which a family is called after the step that put it on the list."""
# Cumulative shares of how a call ends, with a family that will answer in the end and with one that never does.
_ANSWERS = (("no_answer", 0.35), ("later", 0.45), ("own_page", 0.65), ("appointment", 0.88), ("interpreter", 0.92),
            ("not_alone", 0.95), ("wrong_number", 1.0))
_SILENT = (("no_answer", 0.75), ("later", 0.8), ("refused", 0.88), ("wrong_number", 1.0))
_FOUND, _COMES_BACK, _AT_ONCE = 0.5, 0.1, 0.7


def reminders(rehearsal: Rehearsal, case: Case, number: int, point: TimePoint, opens_on: date) -> Course:
    """The mornings on which something may be due to a family, until it has answered or may not be asked any more."""
    steps = rehearsal.study.fieldwork.steps
    called = {step.day + after for step in steps if step.route == "call" for after in range(CALLED_FOR)}
    for day in sorted({step.day for step in steps} | called):
        yield instant(rehearsal.study, add_days(opens_on, day), 9, 30)
        if point.code in case.answered or not rehearsal.may_ask(case) or (number == 0 and case.allocated_on):
            return
        _morning(rehearsal, add_days(opens_on, day), day in {step.day for step in steps})


def _morning(rehearsal: Rehearsal, day: date, sends: bool) -> None:
    """What is due goes out, and on a weekday families are called; each once a day, for all families."""
    if sends and ("sent", day) not in rehearsal.mornings:
        rehearsal.mornings.add(("sent", day))
        rehearsal.programme.send_due()
    if ("called", day) in rehearsal.mornings or day != working(day):
        return
    rehearsal.mornings.add(("called", day))
    cases = {case.family: case for case in rehearsal.cases.values()}
    for family, code in rehearsal.programme.to_call() or ():
        _call(rehearsal, cases[family], code, day)


def _call(rehearsal: Rehearsal, case: Case, code: str, day: date) -> None:
    number = next(n for n, point in enumerate(rehearsal.study.time_points) if point.code == code)
    tried = case.calls.get(code, 0)
    case.calls[code] = tried + 1
    random = rehearsal.chance.stream("fieldwork", *case.life.place, number, tried)
    drawn, shares = float(random.random()), _SILENT if code in case.silent else _ANSWERS
    outcome = next(name for name, share in shares if drawn < share)
    at = instant(rehearsal.study, working(add_days(day, 1)), 9, 30) if outcome == "appointment" else None
    if rehearsal.programme.call(family=case.family, time_point=code, outcome=outcome, at=at):
        _look_for(rehearsal, case, code, random)


def _look_for(rehearsal: Rehearsal, case: Case, code: str, random: np.random.Generator) -> None:
    """A family that is looked for turns up under a new number, unless it is one that never answers."""
    there = code not in case.silent or random.random() < _FOUND
    rehearsal.programme.look_for(family=case.family, time_point=code, found=made_up_carer(random) if there else None)


def handed_in(rehearsal: Rehearsal, case: Case, code: str, at: datetime) -> None:
    """After the last answer: a voucher within a few days, and somebody takes what the answers raised."""
    number = next(n for n, point in enumerate(rehearsal.study.time_points) if point.code == code)
    case.answered.add(code)
    place = FAMILY, *case.life.place
    if any(voucher.time_point == code for voucher in rehearsal.study.fieldwork.vouchers):
        rehearsal.begin(_voucher(rehearsal, case, number, code, at), *place, VOUCHER, number)
    asked = next(point.instruments for point in rehearsal.asked.time_points if point.code == code)
    if any(instruments.load(slug).alerts for slug in asked):
        rehearsal.begin(_alerts(rehearsal, at), *place, ALERTS, number)


def _voucher(rehearsal: Rehearsal, case: Case, number: int, code: str, at: datetime) -> Course:
    random = rehearsal.chance.stream("fieldwork", *case.life.place, number, 1000)
    yield instant(rehearsal.study, working(add_days(at.date(), 1 + int(random.integers(4)))), 11)
    if rehearsal.may_meet(case):
        rehearsal.programme.voucher(family=case.family, time_point=code, comes_back=bool(random.random() < _COMES_BACK))


def _alerts(rehearsal: Rehearsal, at: datetime) -> Course:
    """Most are taken before the next person is called."""
    late = rehearsal.chance.stream("fieldwork", at.toordinal(), at.hour * 60 + at.minute).random() >= _AT_ONCE
    yield at + timedelta(minutes=75 if late else 25)
    rehearsal.programme.take_alerts()
