"""Data queries: a value is asked about, the question is answered, and it is closed. Nothing here changes a value."""

from __future__ import annotations

from attunement.journey.people.models import Person
from attunement.journey.people.permissions import need
from attunement.journey.surveys.models import DataQuery, QueryLine, Questionnaire
from attunement.journey.surveys.questions import named
from attunement.journey.trail import clock, versions
from attunement.journey.trail.actions import action, record
from attunement.journey.trail.errors import Refused

# What may follow a state, and the right of whoever does it.
STEPS = {("asked", "answered"): "surveys.send", ("answered", "asked"): "surveys.correct",
         ("answered", "closed"): "surveys.correct", ("asked", "closed"): "surveys.correct"}


@action
def ask(*, by: Person, questionnaire: Questionnaire, instrument: str, item: int, text: str) -> DataQuery:
    """Asks about one value of a form that was handed in."""
    site = questionnaire.family.site.code
    need(by, "surveys.correct", site)
    named(questionnaire.study_version, questionnaire.time_point, questionnaire.language, f"{instrument}:{item}")
    if questionnaire.state != "complete":
        raise Refused("These questions have not been handed in.")
    if questionnaire.queries.filter(instrument=instrument, item=item).exclude(state="closed").exists():
        raise Refused("There is an open query about this value already.")
    query = DataQuery.objects.create(questionnaire=questionnaire, instrument=instrument, item=item,
                                     study_version=versions.latest_number())
    _line(query, by, "asked", text)
    return query


@action
def go_on(*, by: Person, query: DataQuery, state: str, text: str) -> DataQuery:
    """Answers a query, asks again, or closes it."""
    query = DataQuery.objects.select_for_update().get(pk=query.pk)
    right = STEPS.get((query.state, state))
    if right is None:
        raise Refused(f"A query that is {query.get_state_display().lower()} cannot be {state} now.")
    need(by, right, query.questionnaire.family.site.code)
    query.state = state
    query.save(update_fields=["state"])
    _line(query, by, state, text)
    return query


def _line(query: DataQuery, by: Person, state: str, text: str) -> None:
    if not text.strip():
        raise Refused("Write a sentence.")
    QueryLine.objects.create(query=query, by=by, at=clock.now(), state=state, text=text.strip(),
                             study_version=versions.latest_number())
    family = query.questionnaire.family
    record(by=by, verb=f"surveys.query_{state}", family=family.code, site=family.site.code, query=query.pk,
           instrument=query.instrument, item=query.item)
