"""A family's course: referral, consent, baseline, allocation; then the programme, and what befalls it."""

from __future__ import annotations

from datetime import date

from attunement.rehearsal.asking import baseline, follow_up
from attunement.rehearsal.cases import FAMILY, Case, Rehearsal
from attunement.rehearsal.days import add_days, working
from attunement.rehearsal.diary import Course
from attunement.rehearsal.fieldwork import REMINDERS, reminders
from attunement.rehearsal.lives import Life, withdrawal
from attunement.rehearsal.people import made_up_carer
from attunement.rehearsal.sessions import sessions

_PROGRAMME, _CHANGE, _WITHDRAWAL, _QUESTIONS, _TOLD = range(5)
_OWN_WORKER_TRAINED = 0.08


def family(rehearsal: Rehearsal, life: Life) -> Course:
    """From referral to allocation, or as far as the family goes."""
    path, place, day = life.path, life.place, life.referred_on
    yield rehearsal.moment(day, place)
    case = _refer(rehearsal, life)
    if not life.eligible or path.consents == "silent":
        return
    day = _day(day, path.consent_days, path.consent_mode)
    yield rehearsal.moment(day, place, evening=path.consent_mode == "self")
    rehearsal.programme.consent(family=case.family, given=path.given, mode=path.consent_mode)
    case.agreed = dict(path.given)
    if path.consents == "no":
        return
    for number, point in enumerate(rehearsal.study.time_points):
        if point.months_after is None:
            opens_on = rehearsal.diary.today
            rehearsal.begin(reminders(rehearsal, case, number, point, opens_on), FAMILY, *place, REMINDERS, number)
            day = _day(day, path.baseline_days, path.baseline_mode)
            yield from baseline(rehearsal, case, point, day)
            day = add_days(day, 1 if path.pauses else 0)
    if not path.finishes_baseline:
        return
    day = working(add_days(day, 1 + path.allocation_days))
    yield rehearsal.moment(day, place)
    if path.withdraws_first:
        required = next(purpose.code for purpose in rehearsal.study.consent.purposes if purpose.required)
        _withdraw(rehearsal, case, required)
        return
    case.arm, case.allocated_on = rehearsal.programme.allocate(family=case.family), day
    _afterwards(rehearsal, case)


def _day(before: date, days: int, mode: str) -> date:
    """A family answers by itself on any day, with staff on a weekday."""
    day = add_days(before, days)
    return day if mode == "self" else working(day)


def _refer(rehearsal: Rehearsal, life: Life) -> Case:
    programme = rehearsal.programme
    referred = programme.refer(
        site=life.site,
        carer=life.carer,
        born_on=life.born_on,
        answers=life.answers,
        language=life.language,
        help_needed=life.help_needed,
        agreed=None if life.path.consents == "silent" else True,
    )
    if life.sibling_born_on is not None and life.eligible:
        programme.refer_sibling(family=referred.family, born_on=life.sibling_born_on, answers=life.answers)
    case = Case(life, referred.family, referred.trial_number)
    rehearsal.cases[referred.trial_number] = case
    return case


def _afterwards(rehearsal: Rehearsal, case: Case) -> None:
    """Begins what follows an allocation."""
    place = FAMILY, *case.life.place
    rehearsal.begin(_told(rehearsal, case), *place, _TOLD)
    if rehearsal.in_programme(case):
        rehearsal.begin(sessions(rehearsal, case), *place, _PROGRAMME)
    if case.life.place in rehearsal.happenings:
        rehearsal.begin(_change(rehearsal, case), *place, _CHANGE)
    rehearsal.begin(_withdrawal(rehearsal, case), *place, _WITHDRAWAL)
    for number, point in enumerate(rehearsal.study.time_points):
        if point.months_after is not None:
            rehearsal.begin(follow_up(rehearsal, case, number, point), *place, _QUESTIONS, number)


def _told(rehearsal: Rehearsal, case: Case) -> Course:
    """Either arm is told in the same step, a few days after the draw."""
    assert case.allocated_on is not None
    random = rehearsal.chance.stream("visits", *case.life.place, 0)
    day = working(add_days(case.allocated_on, 1 + int(random.integers(4))))
    yield rehearsal.moment(day, case.life.place)
    rehearsal.programme.record_own_worker(family=case.family, trained=bool(random.random() < _OWN_WORKER_TRAINED))
    rehearsal.programme.tell(family=case.family, told_on=day)


def _change(rehearsal: Rehearsal, case: Case) -> Course:
    assert case.allocated_on is not None
    kind, days = rehearsal.happenings[case.life.place]
    happened_on = add_days(case.allocated_on, days)
    yield rehearsal.moment(working(add_days(happened_on, 2)), case.life.place)
    rehearsal.programme.record_change(family=case.family, kind=kind, happened_on=happened_on)
    case.change, case.changed_on = kind, happened_on
    if kind == "other_carer":
        yield from _new_carer(rehearsal, case)


def _new_carer(rehearsal: Rehearsal, case: Case) -> Course:
    """Somebody else has the child now: who that is is entered, and what the family agreed to is asked anew."""
    said, place = dict(case.agreed), case.life.place
    case.agreed = {}
    day = working(add_days(rehearsal.diary.today, 3))
    yield rehearsal.moment(day, place)
    carer = made_up_carer(rehearsal.chance.stream("fieldwork", *place))
    rehearsal.programme.enter_carer(family=case.family, carer=carer)
    yield rehearsal.moment(working(add_days(day, 2)), place)
    rehearsal.programme.consent(family=case.family, given=said, mode="visit")
    case.agreed = said


def _withdrawal(rehearsal: Rehearsal, case: Case) -> Course:
    assert case.allocated_on is not None
    drawn = withdrawal(rehearsal.study, rehearsal.truth, rehearsal.chance, case.life)
    if drawn is None:
        return
    purpose, after = drawn
    yield rehearsal.moment(working(case.allocated_on + after), case.life.place)
    if rehearsal.may_meet(case):
        _withdraw(rehearsal, case, purpose)


def _withdraw(rehearsal: Rehearsal, case: Case, purpose: str) -> None:
    mode = "self" if case.life.path.consent_mode == "self" else "telephone"
    rehearsal.programme.withdraw(family=case.family, purpose=purpose, mode=mode)
    case.agreed[purpose] = False
