"""Assigning and handing over, planning and recording sessions, the helping question, staff time."""

from __future__ import annotations

from datetime import date, timedelta

from attunement.journey.arms.actions import read_arm
from attunement.journey.delivery import policies
from attunement.journey.delivery.models import Assignment, HelpingQuestion, Session, StaffTime
from attunement.journey.delivery.permissions import need_caseload
from attunement.journey.delivery.visits import Noted, can_be_noted, stage_today
from attunement.journey.people.models import Person
from attunement.journey.people.permissions import need
from attunement.journey.referral.models import Family
from attunement.journey.referral.queries import lock_family
from attunement.journey.trail import clock, versions
from attunement.journey.trail.actions import action, post, record
from attunement.journey.trail.errors import Refused


@action
def assign(*, by: Person, family: Family, practitioner: Person, first_session_on: date) -> Assignment:
    """Gives a family that receives the programme its practitioner, and plans the sessions of the study file."""
    need(by, "delivery.assign", family.site.code)
    policies.day_can_be_planned(first_session_on)
    lock_family(family)
    policies.arm_receives_programme(read_arm(by=by, family=family, why="assign"))
    policies.still_offered(family)
    policies.practitioner_can_take(practitioner, family)
    if family.assignments.filter(until=None).exists():
        raise Refused("The family has a practitioner. Hand it over instead.")
    made = Assignment.objects.create(family=family, practitioner=practitioner, since=clock.today())
    Session.objects.bulk_create([
        Session(family=family, practitioner=practitioner, number=number, kind=plan.kind, cycle=plan.cycle,
                planned_for=first_session_on + timedelta(weeks=plan.week))
        for number, plan in enumerate(versions.current().delivery.sessions, start=1)])
    _tell(practitioner, family)
    record(by=by, verb="delivery.assigned", family=family.code, site=family.site.code, practitioner=practitioner.pk)
    return made


@action
def hand_over(*, by: Person, family: Family, practitioner: Person, reason: str) -> Assignment:
    """Gives the family another practitioner. The sessions still planned go over; those recorded stay as they were."""
    need(by, "delivery.assign", family.site.code)
    policies.practitioner_can_take(practitioner, family)
    if reason not in dict(policies.HAND_OVER_REASONS):
        raise Refused("Choose why the family is handed over.")
    lock_family(family)
    current = family.assignments.filter(until=None).first()
    if current is None:
        raise Refused("The family has no practitioner yet. Assign one instead.")
    if current.practitioner_id == practitioner.pk:
        raise Refused("Choose another practitioner than the present one.")
    current.until, current.reason = clock.today(), reason
    current.save(update_fields=["until", "reason"])
    made = Assignment.objects.create(family=family, practitioner=practitioner, since=clock.today())
    family.sessions.filter(state="planned").update(practitioner=practitioner)
    _tell(practitioner, family)
    record(by=by, verb="delivery.handed_over", family=family.code, site=family.site.code,
           practitioner=practitioner.pk, reason=reason)
    return made


def _tell(practitioner: Person, family: Family) -> None:
    post(route="mail", address=practitioner.email, subject="Something new on your list", family=family.code,
         body="There is something new on your list. Sign in to see it.")


@action
def record_session(*, by: Person, session: Session, state: str, held_on: date | None = None,
                   minutes: int | None = None, travel_minutes: int | None = None,
                   preparation_minutes: int | None = None, noted: Noted | None = None, key: str = "") -> Session:
    """Records what became of a planned session: held, not attended, or cancelled and by whom.

    A retry with the same `key` finds what it recorded the first time.
    """
    need_caseload(by, session.family)
    session, noted = _locked(session), noted or Noted()
    if key and session.client_key == key:
        return session
    held = state == "held"
    spent = {"minutes": minutes if held else None, "travel_minutes": travel_minutes,
             "preparation_minutes": preparation_minutes}
    policies.can_record(session, state, held_on, spent)
    can_be_noted(state, noted)
    facts = noted.facts() | {"training_stage": noted.training_stage or (stage_today(by) if held else "")}
    session.state, session.held_on, session.practitioner = state, held_on if held else None, by
    session.recorded_at, session.client_key = clock.now(), key or None
    for field, value in (spent | facts).items():
        setattr(session, field, value)
    session.save()
    record(by=by, verb="delivery.session_recorded", family=session.family.code, site=session.family.site.code,
           number=session.number, state=state, held_on=session.held_on, **spent, **noted.for_trail())
    return session


def _locked(session: Session) -> Session:
    return Session.objects.select_for_update(of=("self",)).select_related("family__site").get(pk=session.pk)


@action
def move_session(*, by: Person, session: Session, planned_for: date) -> Session:
    """Plans a session for another day."""
    need_caseload(by, session.family)
    policies.day_can_be_planned(planned_for)
    session = _locked(session)
    policies.still_planned(session)
    before, session.planned_for = session.planned_for, planned_for
    session.save(update_fields=["planned_for"])
    record(by=by, verb="delivery.session_moved", family=session.family.code, site=session.family.site.code,
           number=session.number, before=before, planned_for=planned_for)
    return session


@action
def plan_session(*, by: Person, family: Family, place: int, planned_for: date) -> Session:
    """Plans one more session of a kind that the study file has: again after one that was missed, or a further one.

    `place` counts the study file's sessions from 1.
    """
    need_caseload(by, family)
    policies.day_can_be_planned(planned_for)
    policies.still_offered(family)
    plans = versions.current().delivery.sessions
    if not 1 <= place <= len(plans):
        raise Refused("Choose which session it will be.")
    lock_family(family)
    last = family.sessions.order_by("-number").first()
    made = Session.objects.create(family=family, practitioner=by, number=last.number + 1 if last else 1,
                                  kind=plans[place - 1].kind, cycle=plans[place - 1].cycle, planned_for=planned_for)
    record(by=by, verb="delivery.session_planned", family=family.code, site=family.site.code, number=made.number,
           kind=made.kind, cycle=made.cycle, planned_for=planned_for)
    return made


@action
def ask_helping_question(*, by: Person, family: Family, text: str) -> HelpingQuestion:
    """Keeps the parent's own question. A later wording replaces it; the trail notes that, not the words."""
    need_caseload(by, family)
    if not 3 <= len(text.strip()) <= 500:
        raise Refused("Write the parent's question in 3 to 500 characters.")
    question, _new = HelpingQuestion.objects.update_or_create(
        family=family, defaults={"text": text.strip(), "asked_on": clock.today()})
    record(by=by, verb="delivery.helping_question", family=family.code, site=family.site.code)
    return question


@action
def log_time(*, by: Person, category: str, on: date, minutes: int, key: str | None = None) -> StaffTime:
    """Logs time that belongs to no one session. A retry with the same key is the same row."""
    need(by, "delivery.time")
    if category not in dict(policies.TIME_CATEGORIES):
        raise Refused("Choose what the time was for.")
    if on > clock.today():
        raise Refused("The day lies in the future.")
    if on < clock.today() - policies.FAR:
        raise Refused("The day is more than a year ago. Check the year.")
    if not 0 < minutes <= 1440:
        raise Refused("Minutes lie between 1 and 1440.")
    site = next((held.site for held in by.held if held.site), None)
    facts = {"person": by, "site": site, "category": category, "on": on, "minutes": minutes}
    if key is None:
        row, new = StaffTime.objects.create(**facts), True
    else:
        row, new = StaffTime.objects.get_or_create(key=f"{by.pk}:{key}", defaults=facts)
    if new:
        record(by=by, verb="delivery.time_logged", site=site.code if site else "", category=category, on=on,
               minutes=minutes)
    return row
