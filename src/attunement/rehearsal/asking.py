"""Questionnaires: sent, answered one answer at a time, broken off, or never begun."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from attunement.rehearsal.cases import FAMILY, Case, Rehearsal
from attunement.rehearsal.days import add_days, working
from attunement.rehearsal.diary import Course
from attunement.rehearsal.fieldwork import REMINDERS, handed_in, reminders
from attunement.rehearsal.lives import answering
from attunement.study.calendar import add_months, window
from attunement.study.schema import TimePoint

_AN_ANSWER = timedelta(seconds=12)


@dataclass(frozen=True)
class Sitting:
    """One go at a questionnaire; `pauses`: half of it a day later; not `finishes`: half of it never."""

    time_point: str
    start: datetime
    mode: str
    help_minutes: int
    pauses: bool = False
    finishes: bool = True


def baseline(rehearsal: Rehearsal, case: Case, point: TimePoint, day: date) -> Course:
    """The questionnaire before allocation."""
    path = case.life.path
    start = rehearsal.moment(day, case.life.place, evening=path.baseline_mode == "self")
    yield start
    rehearsal.programme.open_questionnaire(family=case.family, time_point=point.code)
    sitting = Sitting(
        point.code, start, path.baseline_mode, path.help_minutes, path.pauses, path.finishes_baseline
    )
    yield from _answers(rehearsal, case, sitting)


def follow_up(rehearsal: Rehearsal, case: Case, number: int, point: TimePoint) -> Course:
    """One after allocation: sent when its window opens, answered around its due day, or never.

    `number` counts the study's time points from 0.
    """
    assert case.allocated_on is not None and point.months_after is not None
    life, programme = case.life, rehearsal.in_programme(case)
    first, last = window(point, case.allocated_on)
    due = add_months(case.allocated_on, point.months_after)
    rehearsal.begin(reminders(rehearsal, case, number, point, first), FAMILY, *life.place, REMINDERS, number)
    meets = answering(rehearsal.truth, rehearsal.chance, life, number, (due - first).days, (last - due).days)
    answers_on = add_days(due, meets.days)
    yield rehearsal.moment(min(working(first), answers_on), life.place)
    if not rehearsal.may_ask(case):
        return
    rehearsal.programme.open_questionnaire(family=case.family, time_point=point.code)
    if meets.dropout < rehearsal.truth.dropout_of(site=life.place[0], programme=programme):
        case.silent.add(point.code)
        return
    start = rehearsal.moment(answers_on, life.place, evening=meets.mode == "self")
    yield start
    yield from _answers(rehearsal, case, Sitting(point.code, start, meets.mode, meets.help_minutes))


def _answers(rehearsal: Rehearsal, case: Case, sitting: Sitting) -> Course:
    """Each answer is saved by itself; a family that may not be asked any more is left alone at once."""
    programme, code, now = rehearsal.programme, sitting.time_point, sitting.start
    given = rehearsal.minds.answers(
        case.life.place, code, programme=rehearsal.in_programme(case), practitioner=case.practitioner_effect
    )
    half = len(given) // 2
    for place, answer in enumerate(given if sitting.finishes else given[:half]):
        now += timedelta(days=1) if sitting.pauses and place == half else _AN_ANSWER
        yield now
        if not rehearsal.may_ask(case):
            return
        programme.answer(family=case.family, time_point=code, given=answer, mode=sitting.mode)
    if sitting.finishes:
        yield now + _AN_ANSWER
        if rehearsal.may_ask(case):
            programme.finish(
                family=case.family, time_point=code, mode=sitting.mode, help_minutes=sitting.help_minutes
            )
            handed_in(rehearsal, case, code, now + _AN_ANSWER)
