"""The schedule: once a day each family whose questionnaire is open gets what is due, by a way that is safe for it."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from attunement.journey.consent.models import Statement
from attunement.journey.fieldwork import policies
from attunement.journey.fieldwork.models import Call, Sending, Trace
from attunement.journey.referral.models import Family
from attunement.journey.referral.queries import lock_family
from attunement.journey.surveys import actions as surveys
from attunement.journey.surveys import policies as surveys_policies
from attunement.journey.surveys.models import Questionnaire
from attunement.journey.surveys.queries import standings
from attunement.journey.surveys.questions import asked
from attunement.journey.trail import clock, senders, versions
from attunement.journey.trail.actions import Actor, Rule, action, record
from attunement.journey.trail.errors import Refused
from attunement.study.calendar import window
from attunement.study.schema import Step, TimePoint

RULE = Rule("schedule")
OPEN = ("due", "begun")
TOO_LATE = timedelta(days=7)
HOUR = 9
_log = logging.getLogger("attunement.fieldwork")


def run() -> Counter[str]:
    """Takes every step that is due; how many of each state came of it, and how many were held up."""
    taken: Counter[str] = Counter()
    for point in versions.current().time_points:
        if any(_answered(model, point.code).exists() for model in (Call, Trace)):
            close_answered(by=RULE, code=point.code)
        for family, steps in due(point):
            try:
                state = take_step(by=RULE, family=family, code=point.code, steps=steps)
            except Refused:
                state = "held_up"
            taken.update([state] * bool(state))
    return taken


def due(point: TimePoint) -> Iterator[tuple[Family, list[Step]]]:
    """Families that may be asked now, with the steps that are due and not taken: the last is to be taken, the others are
    passed over. Days count from the first on which the questionnaire may be answered: consent for one before allocation,
    the window's first day, and so randomisation alone, for one after it.
    """
    taken: dict[int, set[int]] = {}
    for number, day in Sending.objects.filter(time_point=point.code).values_list("family_id", "day"):
        taken.setdefault(number, set()).add(day)
    planned, today = versions.current().fieldwork.steps, clock.today()
    steps = {number: come for number, first in first_days(point).items()
             if (come := steps_due(planned, first, today, taken.get(number, set())))}
    families = Family.objects.filter(pk__in=steps).select_related("site")
    for standing in standings(list(families), point) if steps else ():
        if standing.state in OPEN:
            yield standing.family, steps[standing.family.pk]


def why_held_up(family: Family, code: str) -> str:
    """Why a step that is due cannot be taken: no words in the family's language, an ended licence, nobody on call."""
    version = versions.latest_number()
    try:
        asked(version, code, family.language)
        surveys_policies.licence_holds(code, version, family.language)
        surveys_policies.somebody_is_on_call(family, code, version)
    except Refused as refusal:
        return str(refusal)
    return ""


def first_days(point: TimePoint) -> dict[int, date]:
    """Family → the day from which its steps count, of those that have not answered yet."""
    answered = Questionnaire.objects.filter(time_point=point.code, state="complete").values("family")
    asked = Family.objects.filter(children__index=True, agreed=True, erased="").exclude(pk__in=answered)
    ids = list(asked.values_list("pk", flat=True))
    allocated = surveys_policies.allocated_on(ids)
    if point.months_after is not None:
        return {family: window(point, day)[0] for family, day in allocated.items()}
    return consent_days([family for family in ids if family not in allocated])


def steps_due(planned: Sequence[Step], first: date, today: date, taken: set[int]) -> list[Step]:
    """Of the study's steps, those whose day has come and that were not taken; none when the last of them is a week old."""
    come = [step for step in planned if first + timedelta(step.day) <= today and step.day > max(taken, default=-1)]
    return come if come and today < first + timedelta(come[-1].day) + TOO_LATE else []


def consent_days(families: list[int]) -> dict[int, date]:
    """Family → the day on which it first gave everything that is required, of these families' ids."""
    required = {purpose.code for purpose in versions.current().consent.purposes if purpose.required}
    said: dict[int, set[str]] = {}
    found: dict[int, date] = {}
    rows = Statement.objects.filter(purpose__in=required, given=True, family__in=families).order_by("id")
    for family, purpose, at in rows.values_list("family_id", "purpose", "made_at"):
        said.setdefault(family, set()).add(purpose)
        if said[family] == required:
            found.setdefault(family, clock.day_of(at))
    return found


@action
def close_answered(*, by: Actor, code: str) -> int:
    """Families that have answered are neither rung up nor looked for any more."""
    closed = sum(_answered(model, code).update(state="stopped", closed_at=clock.now()) for model in (Call, Trace))
    if closed:
        record(by=by, verb="fieldwork.closed_answered", time_point=code, closed=closed)
    return closed


def _answered(model: type[Call] | type[Trace], code: str) -> QuerySet[Any]:
    """The calls or searches that are open though the family has answered."""
    answered = Questionnaire.objects.filter(time_point=code, state="complete").values("family")
    return model.objects.filter(time_point=code, state="open", family__in=answered)


@action
def take_step(*, by: Actor, family: Family, code: str, steps: list[Step]) -> str:
    """Takes the last of these steps and marks the others as passed over; the state that came of it, empty for none.

    The row and the message are written together, and the row is unique: no step is taken twice.
    """
    lock_family(family)
    step, day = steps[-1], max(Sending.objects.filter(family=family, time_point=code).values_list("day", flat=True),
                               default=-1)
    if step.day <= day or policies.why_stopped(family, code):
        return ""
    route, address = policies.route_of(family, step)
    message, state = None, "nowhere"
    if route == "call":
        state = "call"
        open_call(by=by, family=family, code=code)
    elif route == "post" and "post" not in senders.chosen().CARRIES:
        state = "letter"
    elif route:
        state = "posted"
        message = surveys.post_link(by=RULE, family=family, code=code, route=route, address=address, once=True)[1]
    known = {"family": family, "time_point": code, "made_at": clock.now(), "study_version": versions.latest_number()}
    passed = [Sending(day=early.day, state="passed", **known) for early in steps[:-1] if early.day > day]
    Sending.objects.bulk_create([*passed, Sending(day=step.day, route=route, state=state, message=message, **known)])
    record(by=by, verb="fieldwork.step_taken", family=family.code, site=family.site.code, time_point=code, day=step.day,
           state=state)
    return state


@action
def open_call(*, by: Actor, family: Family, code: str) -> Call:
    """Puts a family on the call list, once."""
    surveys.open_questionnaire(by=RULE, family=family, code=code)
    call, new = Call.objects.get_or_create(family=family, time_point=code, state="open", defaults={
        "opened_at": clock.now(), "next_at": clock.now()})
    if new:
        record(by=by, verb="fieldwork.call_opened", family=family.code, site=family.site.code, time_point=code,
               call=call.pk)
    return call


@task()
def daily() -> int:
    """Takes what is due, and comes again the next morning."""
    try:
        taken = run()
    finally:
        wake(after=_to_the_morning())
    if taken["held_up"]:
        _log.warning("%s families could not be written to. The page Messages says why.", taken["held_up"])
    return sum(taken.values()) - taken["held_up"]


def _to_the_morning() -> timedelta:
    now = clock.now()
    return clock.local(clock.today() + timedelta(days=clock.local(clock.today(), HOUR) <= now), HOUR) - now


def wake(after: timedelta | None = None) -> None:
    """Has the worker take what is due, by one task however often it is asked."""
    if not DBTaskResult.objects.filter(task_path=daily.module_path, status="READY").exists():
        after = _first_look() if after is None else after
        daily.using(run_after=timezone.now() + after).enqueue() if after else daily.enqueue()


def _first_look() -> timedelta:
    """A server that starts in the night waits for the morning."""
    early = clock.local(clock.today(), HOUR) - clock.now()
    return max(early, timedelta(0))
