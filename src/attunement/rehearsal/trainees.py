"""Practitioners: trained, supervised every month, and one who leaves and hands over."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from attunement.rehearsal.cases import Case, Practitioner, Rehearsal
from attunement.rehearsal.days import Span, add_days, instant, working
from attunement.rehearsal.diary import Course
from attunement.rehearsal.people import colleague
from attunement.rehearsal.sessions import free_practitioner
from attunement.study.calendar import add_months

_A_DAY = 420
_LEAVERS = 9
_AHEAD = 1


def training(rehearsal: Rehearsal, trainee: Practitioner, start: date) -> Course:
    """The course, day by day."""
    days = next((pathway.course_days for pathway in rehearsal.study.accreditation if pathway.adopted), 0)
    for number in range(days):
        day = working(add_days(start, 14 + 7 * number))
        yield instant(rehearsal.study, day, 17, trainee.number % 60)
        rehearsal.programme.log_time(
            practitioner=trainee.colleague.key, category="training", on=day, minutes=_A_DAY
        )


def courses(rehearsal: Rehearsal, trainees: Sequence[Practitioner], start: date) -> Course:
    """The course that all attend; the last of several misses its last day, and makes it up a month later."""
    path = next((pathway for pathway in rehearsal.study.accreditation if pathway.adopted), None)
    if path is None or not path.course_days or not trainees:
        return
    programme, late = rehearsal.programme, trainees[-1] if len(trainees) > 1 else None
    first = working(add_days(start, 14))
    yield instant(rehearsal.study, first, 8)
    course = programme.open_course(title="First course", starts_on=first, days=path.course_days)
    for day in range(1, path.course_days + 1):
        yield instant(rehearsal.study, working(add_days(start, 7 + 7 * day)), 16)
        missing = late if day == path.course_days else None
        there = {each.colleague.key: each is not missing for each in trainees}
        programme.take_attendance(course=course, day=day, there=there)
    for each in trainees:
        if each is not late:
            programme.say_ready(practitioner=each.colleague.key)
    if late is not None:
        again = working(add_days(start, 45))
        yield instant(rehearsal.study, again, 8)
        course = programme.open_course(title="The last day again", starts_on=again, days=1)
        yield instant(rehearsal.study, again, 16)
        programme.take_attendance(course=course, day=1, there={late.colleague.key: True})
        programme.say_ready(practitioner=late.colleague.key)


def practice(rehearsal: Rehearsal, trainee: Practitioner, start: date) -> Course:
    """The own staff record, and cycles with practice families; one trainee does a whole stage of them."""
    programme, key = rehearsal.programme, trainee.colleague.key
    yield instant(rehearsal.study, working(add_days(start, 50)), 12, trainee.number % 60)
    job = ("Social worker", "Family worker")[trainee.number % 2]
    programme.keep_staff_record(practitioner=key, job=job, pay_band=f"Band {6 + trainee.number % 3}", weekly_hours=7)
    for number in range(6 if trainee.number == _AHEAD else 1):
        day = working(add_days(start, 60 + 7 * number))
        yield instant(rehearsal.study, day, 13, trainee.number % 60)
        programme.practise(practitioner=key, filmed_on=add_days(day, -7), clips=3, reviewed_on=day,
                           new_family=number % 3 == 0)  # fmt: skip


def supervision(rehearsal: Rehearsal, trainee: Practitioner, span: Span) -> Course:
    """Every month: an hour or more is booked, then held, with the films since the last, or missed."""
    random = rehearsal.chance.stream("staff", 3, trainee.number)
    programme, key, offset = rehearsal.programme, trainee.colleague.key, int(random.integers(20))
    months = list(_months(span))
    for start in months:
        minutes, missed, talking = int(random.choice((60, 60, 90))), random.random(), int(random.integers(30, 180))
        booked_on = working(add_days(start, offset))
        held_on = working(add_days(booked_on, 7))
        if held_on > span.last or not trainee.present:
            return
        yield instant(rehearsal.study, booked_on, 9, trainee.number % 60)
        if not trainee.present:
            return
        booked = programme.book_supervision(practitioner=key, booked_for=held_on, minutes=minutes)
        yield instant(rehearsal.study, held_on, 16, trainee.number % 60)
        held = trainee.present and missed >= rehearsal.truth.supervision_missed
        programme.hold_supervision(
            supervision=booked, minutes=minutes if held else None, films=_shown(rehearsal, trainee) if held else []
        )
        if trainee.present:
            programme.log_time(practitioner=key, category="meeting", on=held_on, minutes=talking)
        if trainee.number == _AHEAD and start == months[len(months) * 3 // 4] and trainee.present:
            _meeting(rehearsal, key)


def _meeting(rehearsal: Rehearsal, practitioner: str) -> None:
    """The meeting at the end of the first stage, for one trainee."""
    path = next((pathway for pathway in rehearsal.study.accreditation if pathway.adopted), None)
    if path is not None and path.stages and path.stages[0].ends_with:
        rehearsal.programme.meet_about(practitioner=practitioner, stage=path.stages[0].name)


def leaving(rehearsal: Rehearsal, leaver: Practitioner, day: date) -> Course:
    """A successor is invited and joins; every family still with the leaver is handed over; the role is laid down."""
    site = leaver.colleague.site
    key = f"{leaver.colleague.key}_successor"
    who = colleague(rehearsal.chance, key, "practitioner", site, _LEAVERS, leaver.number)
    yield instant(rehearsal.study, working(add_days(day, -7)), 10, leaver.number % 60)
    rehearsal.programme.join(colleague=who)
    successor = Practitioner(who, _LEAVERS * 1000 + leaver.number, 0.0)
    rehearsal.practitioners[who.key] = successor
    yield instant(rehearsal.study, working(day), 12, leaver.number % 60)
    leaver.present = False
    for case in cases_of(rehearsal, leaver):
        taken = free_practitioner(rehearsal, site)
        rehearsal.programme.hand_over(family=case.family, practitioner=taken.colleague.key, reason="left")
        case.practitioner = taken.colleague.key
        taken.families += 1
    rehearsal.programme.leave(practitioner=leaver.colleague.key)


def _shown(rehearsal: Rehearsal, trainee: Practitioner) -> list[str]:
    """The films since the last supervision that their families let the supervisor see."""
    new, trainee.films = trainee.films, []
    return [film for case, film in new if rehearsal.allows(case, "supervision") and rehearsal.allows(case, "filming")]


def cases_of(rehearsal: Rehearsal, practitioner: Practitioner) -> list[Case]:
    return [case for case in rehearsal.cases.values() if case.practitioner == practitioner.colleague.key]


def _months(span: Span) -> Iterator[date]:
    number = 0
    while (day := add_months(span.first, number)) <= span.last:
        yield day
        number += 1
