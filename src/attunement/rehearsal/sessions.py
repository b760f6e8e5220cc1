"""The programme for one family: a practitioner, sessions held or not, the helping question, a film or none."""

from __future__ import annotations

import io
from datetime import date, timedelta

import numpy as np

from attunement.film import RATE
from attunement.film.made_up import make_film
from attunement.rehearsal.cases import Case, Practitioner, Rehearsal
from attunement.rehearsal.days import add_days, working
from attunement.rehearsal.diary import Course
from attunement.rehearsal.programme import Minutes
from attunement.rehearsal.visits import goal, noted
from attunement.study.schema import PlannedSession

_STATES = ("held", "not_attended", "cancelled_family", "cancelled_practitioner")
_QUESTIONS = (
    "How can I help my baby to settle?",
    "How do I know what my baby wants to tell me?",
    "How can I play with my baby when I am tired?",
    "How can I help my baby to like meal times?",
)
FILM_SECONDS = 5


def sessions(rehearsal: Rehearsal, case: Case) -> Course:
    """From the assignment to the last session, each recorded on its day, or forgotten."""
    assert case.allocated_on is not None
    study, place = rehearsal.study, case.life.place
    random = rehearsal.chance.stream("sessions", *place)
    yield rehearsal.moment(working(add_days(case.allocated_on, 1 + int(random.integers(3)))), place)
    first = working(add_days(case.allocated_on, 7 + int(random.integers(10))))
    if not rehearsal.may_meet(case):
        return
    _assign(rehearsal, case, first)
    starts, asked = random.random() >= rehearsal.truth.never_started, False
    for number, plan in enumerate(study.delivery.sessions, start=1):
        drawn = random.random()
        days = int(random.integers(3)) if drawn < rehearsal.truth.held else 0
        minutes = _minutes(random, study.delivery.minutes_per_session)
        day = working(first + timedelta(weeks=plan.week, days=days))
        yield rehearsal.moment(day, place) + timedelta(hours=1)
        state = _state(rehearsal, case, drawn) if starts else "cancelled_family"
        if state is None:
            continue
        held = state == "held"
        rehearsal.programme.record_session(
            family=case.family,
            number=number,
            by=case.practitioner,
            state=state,
            held_on=day if held else None,
            minutes=minutes if held else None,
            visit=noted(rehearsal, case, plan, number, state),
        )
        if held and study.delivery.helping_question and not asked:
            text = _QUESTIONS[int(random.integers(len(_QUESTIONS)))]
            rehearsal.programme.ask_helping_question(family=case.family, by=case.practitioner, text=text,
                                                     goal=goal(rehearsal, case))
            asked = True
        if held and _is_filmed(rehearsal, case, plan):
            _film(rehearsal, case, number)


def _assign(rehearsal: Rehearsal, case: Case, first: date) -> None:
    """The site's practitioner with the fewest families so far."""
    taken = free_practitioner(rehearsal, case.life.site)
    rehearsal.programme.assign(family=case.family, practitioner=taken.colleague.key, first_session_on=first)
    taken.families += 1
    case.practitioner, case.practitioner_effect = taken.colleague.key, taken.effect


def free_practitioner(rehearsal: Rehearsal, site: str) -> Practitioner:
    present = [one for one in rehearsal.practitioners.values() if one.present and one.colleague.site == site]
    return min(present, key=lambda one: (one.families, one.number))


def _state(rehearsal: Rehearsal, case: Case, drawn: float) -> str | None:
    """What becomes of a session: as drawn, but called off where the family is no longer met. None: nobody logs it."""
    if not rehearsal.may_meet(case) or case.change:
        return "cancelled_family"
    for state, share in zip(_STATES, rehearsal.truth.session_shares, strict=True):
        if drawn < share:
            return state
    return None


def _minutes(random: np.random.Generator, whole: int | None) -> Minutes:
    """Two fifths with the family, one on the way, the rest before and after; around the study's own figure."""
    each = (whole or 150) * np.array([0.4, 0.2, 0.4]) * np.exp(random.normal(0, 0.2, 3))
    session, travel, preparation = (int(part) for part in np.clip(each, (20, 5, 5), 300).round())
    return Minutes(session, travel, preparation)


def _is_filmed(rehearsal: Rehearsal, case: Case, plan: PlannedSession) -> bool:
    wanted = plan.kind == "film" and plan.cycle == 1 and rehearsal.films < rehearsal.truth.films
    return wanted and rehearsal.allows(case, "filming")


def _film(rehearsal: Rehearsal, case: Case, number: int) -> None:
    """Adds a short film, and marks as many clips as the study plans for one."""
    rehearsal.films += 1
    file = io.BytesIO()
    frames = make_film(file, seconds=FILM_SECONDS, seed=rehearsal.films)
    file.seek(0)
    by = case.practitioner
    film = rehearsal.programme.add_film(family=case.family, number=number, by=by, file=file)
    delivery = rehearsal.study.delivery
    for clip in range(delivery.clips_per_film):
        first = clip * frames // delivery.clips_per_film
        principle = 1 + (clip + rehearsal.films) % len(delivery.principles)
        last = min(frames - 1, first + RATE)
        rehearsal.programme.mark_clip(film=film, by=by, first=first, last=last, principle=principle)
    rehearsal.practitioners[by].films.append((case, film))
