"""The journey's tables as the frames of a snapshot: codes, numbers and dates; no name, no contact, no free text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import polars as pl
from django.db.models import Count, Q

from attunement.journey.arms.models import Allocation
from attunement.journey.consent import queries as consent
from attunement.journey.consent.models import Change, Statement
from attunement.journey.delivery.models import Assignment, OwnWorker, Session, StaffTime
from attunement.journey.outcomes.queries import newest
from attunement.journey.oversight import cutting
from attunement.journey.people.models import Holding
from attunement.journey.referral.models import Child
from attunement.journey.supervision.models import Supervision
from attunement.journey.surveys.models import Answer, Questionnaire, Score
from attunement.journey.trail import clock
from attunement.report.contract import COLUMNS, MAY_BE_WANTING
from attunement.study import Study

Rows = Iterable[Mapping[str, Any]]


def frames(study: Study, *, cut_on: date, blind: bool = False) -> dict[str, pl.DataFrame]:
    """Every file of a snapshot as of the end of `cut_on`, by its name in the contract; `blind`: those of the blind part."""
    numbers = dict(Child.objects.filter(index=True).values_list("family_id", "family__code"))
    letters = dict(Child.objects.filter(index=True).values_list("family_id", "letter"))
    index = {family: f"{code}{letters[family]}" for family, code in numbers.items()}
    made: dict[str, Rows] = {
        "blind/families": _families(study, cut_on), "blind/scores": _scores(index), "blind/answers": _answers(index)}
    if not blind:
        made |= {
            "delivery/assignments": _assignments(index), "delivery/sessions": _sessions(index, cut_on),
            "delivery/supervision": _supervision(), "delivery/staff_time": _staff_time(),
            "delivery/practitioners": _practitioners(), "arm_key/arms": _arms()}
    found = {name: pl.DataFrame(list(rows), schema=_columns(name)) for name, rows in made.items()}
    return cutting.as_of(found | {"blind/outcomes": _outcomes(study, cut_on)}, cut_on)


def _columns(name: str) -> dict[str, type[pl.DataType]]:
    return {**COLUMNS[name], **MAY_BE_WANTING.get(name, {})}


def _families(study: Study, cut_on: date) -> Rows:
    required = {purpose.code for purpose in study.consent.purposes if purpose.required}
    before = {point.code for point in study.time_points if point.months_after is None}
    allocated = _days(Allocation.objects.values_list("family_id", "at"))
    baseline = _days(Questionnaire.objects.filter(time_point__in=before, state="complete")
                     .values_list("family_id", "completed_at"))
    consented, withdrawn = _consent_days(required)
    own = dict(OwnWorker.objects.filter(asked_on__lte=cut_on).values_list("family_id", "trained"))
    changes = dict(Change.objects.filter(ended_on=None).order_by("id").values_list("family_id", "kind"))
    for child in Child.objects.select_related("family__site").order_by("family__code", "letter"):
        family = child.family_id
        yield {"trial_number": child.trial_number, "family": child.family.code, "site": child.family.site.code,
               "language": child.family.language, "referred_on": child.referred_on, "eligible": child.eligible,
               "ineligible_reason": child.reason or None, "consented_on": consented.get(family),
               "baseline_on": baseline.get(family), "allocated_on": allocated.get(family),
               "help_needed": child.family.help_needed, "withdrawn_on": withdrawn.get(family),
               "change": changes.get(family), "index_child": child.index,
               "own_worker_trained": own.get(family)}


def _days(rows: Iterable[tuple[int, Any]]) -> dict[int, date]:
    return {family: clock.day_of(at) for family, at in rows}


def _consent_days(required: set[str]) -> tuple[dict[int, date], dict[int, date]]:
    """The day each family had agreed to all that is required, and the day it first took a required part back."""
    said: dict[int, set[str]] = {}
    consented: dict[int, date] = {}
    withdrawn: dict[int, date] = {}
    rows = Statement.objects.filter(purpose__in=required).order_by("id")
    for family, purpose, given, back, at in rows.values_list("family_id", "purpose", "given", "withdrawal", "made_at"):
        if back:
            withdrawn.setdefault(family, clock.day_of(at))
        elif given:
            said.setdefault(family, set()).add(purpose)
            if said[family] == required:
                consented.setdefault(family, clock.day_of(at))
    return consented, withdrawn


def _scores(index: Mapping[int, str]) -> Rows:
    for score in Score.objects.select_related("questionnaire").order_by("id"):
        paper = score.questionnaire
        if paper.state == "complete" and paper.completed_at is not None:
            yield {"trial_number": index[paper.family_id], "time_point": paper.time_point,
                   "instrument": score.instrument, "scale": score.scale, "value": score.value,
                   "completed_on": clock.day_of(paper.completed_at), "mode": paper.mode, "language": paper.language,
                   "minutes_help": paper.help_minutes}


def _answers(index: Mapping[int, str]) -> Rows:
    rows = Answer.objects.filter(questionnaire__state="complete").values_list(
        "questionnaire__family_id", "questionnaire__time_point", "instrument", "item", "value")
    for family, point, instrument, item, value in rows.order_by("id"):
        yield {"trial_number": index[family], "time_point": point, "instrument": instrument, "item": item, "value": value}


def _outcomes(study: Study, cut_on: date) -> pl.DataFrame:
    codes = [outcome.code for outcome in study.records.outcomes]
    schema = dict(COLUMNS["blind/outcomes"]) | dict.fromkeys(codes, pl.Int64)
    rows = [{"trial_number": row.child.trial_number, "extract_on": row.extract.taken_on, "status": row.status,
             **{code: row.values.get(code) for code in codes}}
            for row in newest(until=cut_on).values()]
    known = {row["trial_number"] for row in rows}
    for child in Child.objects.filter(index=True, family__allocation__isnull=False).select_related("family__site"):
        if child.trial_number not in known and not consent.allows(child.family, "records"):
            rows.append({"trial_number": child.trial_number, "status": "no_consent"})
    return pl.DataFrame(rows, schema=schema)


def _assignments(index: Mapping[int, str]) -> Rows:
    for row in Assignment.objects.select_related("practitioner").order_by("id"):
        yield {"trial_number": index[row.family_id], "practitioner": row.practitioner.code, "from_on": row.since,
               "until_on": row.until, "reason": row.reason or None}


def _sessions(index: Mapping[int, str], cut_on: date) -> Rows:
    rows = Session.objects.select_related("practitioner").annotate(
        film_count=Count("films", distinct=True),
        clip_count=Count("films__clips", filter=Q(films__clips__taken_out_at=None), distinct=True)).order_by("id")
    for row in rows:
        late = row.state == "planned" and row.planned_for < cut_on
        yield {"trial_number": index[row.family_id], "practitioner": row.practitioner.code, "number": row.number,
               "kind": row.kind, "cycle": row.cycle, "planned_on": row.planned_for,
               "state": "not_logged" if late else row.state, "held_on": row.held_on, "minutes": row.minutes,
               "travel_minutes": row.travel_minutes, "preparation_minutes": row.preparation_minutes,
               "films": row.film_count, "clips": row.clip_count, **_noted(row)}


def _noted(row: Session) -> dict[str, Any]:
    """What was noted of a visit; empty is not said."""
    said = {name: getattr(row, name) or None for name in ("reason", "place", "adaptation", "adaptation_why",
                                                          "training_stage")}
    return said | {"present": " ".join(row.present) or None, "interpreter": row.interpreter, "filmed": row.filmed,
                   "rating": row.rating}


def _supervision() -> Rows:
    sites = dict(Holding.objects.filter(role="practitioner").values_list("person_id", "site__code"))
    for row in Supervision.objects.select_related("trainee").order_by("id"):
        yield {"practitioner": row.trainee.code, "site": sites.get(row.trainee_id), "booked_on": row.booked_for,
               "minutes_booked": row.minutes_booked, "minutes_held": row.minutes_held, "state": row.state}


def _staff_time() -> Rows:
    for row in StaffTime.objects.select_related("person").order_by("id"):
        yield {"practitioner": row.person.code, "category": row.category, "on": row.on, "minutes": row.minutes}


def _practitioners() -> Rows:
    for row in Holding.objects.filter(role="practitioner").select_related("person", "site").order_by("id"):
        yield {"practitioner": row.person.code, "site": row.site.code if row.site else None, "trained_on": row.since,
               "left_on": row.until}


def _arms() -> Rows:
    rows = Allocation.objects.select_related("family", "stratum__scheme").order_by("family__code")
    for row in rows:
        yield {"family": row.family.code, "arm": row.stratum.scheme.arms[row.arm],
               "allocated_on": clock.day_of(row.at), "salt": row.salt}


