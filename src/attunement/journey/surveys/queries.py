"""Who has answered, and where a family is in its questionnaire."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.db.models import Count

from attunement.journey.consent import queries as consent
from attunement.journey.consent.models import Link
from attunement.journey.people.models import Person
from attunement.journey.referral.models import Family
from attunement.journey.surveys import policies
from attunement.journey.surveys.models import Questionnaire, SwitchedOff
from attunement.journey.surveys.questions import Question, asked
from attunement.journey.trail import clock
from attunement.study.calendar import window
from attunement.study.schema import TimePoint

# SQL as it stands: read for every answer of every family.
_PAPER = ("SELECT q.*, f.code AS family_code, s.code AS site_code FROM surveys_questionnaire q "
          "JOIN referral_family f ON f.id = q.family_id JOIN people_site s ON s.id = f.site_id WHERE ")
_BY_LINK = (" AND EXISTS (SELECT 1 FROM consent_link l WHERE l.id = %s AND l.family_id = q.family_id "
            "AND l.leads_to = q.time_point AND l.revoked_at IS NULL)")
_DONE = "SELECT instrument, item FROM surveys_answer WHERE questionnaire_id = %s"


def of_link(link: Link) -> Questionnaire | None:
    return next(iter(Questionnaire.objects.raw(_PAPER + "q.family_id = %s AND q.time_point = %s",
                                               [link.family_id, link.leads_to])), None)


def held(questionnaire_id: int, link_id: int | None = None) -> Questionnaire | None:
    """A questionnaire, locked to the end of the transaction; with `link_id`, only when that link leads to it now."""
    text, values = _PAPER + "q.id = %s", [questionnaire_id]
    if link_id is not None:
        text, values = text + _BY_LINK, [questionnaire_id, link_id]
    if connection.vendor == "postgresql":
        text += " FOR UPDATE OF q"
    return next(iter(Questionnaire.objects.raw(text, values)), None)


def next_open(paper: Questionnaire) -> Question | None:
    """The first question that has no answer yet; None when all have one."""
    with connection.cursor() as cursor:
        cursor.execute(_DONE, [paper.pk])
        done = set(cursor.fetchall())
    for question in asked(paper.study_version, paper.time_point, paper.language):
        if (question.instrument, question.item) not in done:
            return question
    return None


def earlier(paper: Questionnaire, following: Question, place: str) -> Question:
    """The question at `place`, as an address gives it, if it lies before `following`; else `following`."""
    if place.isascii() and place.isdigit() and 1 <= int(place[:4]) < following.place:
        return asked(paper.study_version, paper.time_point, paper.language)[int(place[:4]) - 1]
    return following


@dataclass(frozen=True)
class Standing:
    """Where a family is with one questionnaire. `first` and `last`: the days between which it may be answered."""

    family: Family
    state: str
    first: date | None = None
    last: date | None = None
    answered: int = 0
    paper: Questionnaire | None = None

    @property
    def words(self) -> str:
        return STATES[self.state][0]

    @property
    def colour(self) -> str:
        return STATES[self.state][1]


# In the order of a list: whom somebody should turn to comes first.
STATES = {
    "overdue": ("Overdue", "red"), "begun": ("Begun", "yellow"), "due": ("Due now", "blue"),
    "later": ("Not due yet", "grey"), "complete": ("Answered", "green"), "closed": ("Not asked any more", "grey"),
    "waiting": ("Earlier step first", "grey"),
}


def families_seen_by(person: Person) -> list[Family]:
    """Those that somebody may have to turn to: with an eligible child."""
    return list(Family.visible_to(person, "surveys.see").filter(children__index=True))


def standings(families: list[Family], point: TimePoint) -> list[Standing]:
    """Where each family is with this questionnaire, by its window and never by arm; four queries for the whole list."""
    ids = [family.pk for family in families]
    papers = {paper.family_id: paper for paper in Questionnaire.objects.filter(time_point=point.code, family__in=ids)
              .annotate(given=Count("answers"))}
    days, ready = policies.allocated_on(ids), consent.who_may_be_asked(ids)
    off = SwitchedOff.objects.filter(time_point=point.code).exists()
    asked_ever = consent.who_ever_agreed(ids)
    found = []
    for family in families:
        paper, day = papers.get(family.pk), days.get(family.pk)
        first, last = window(point, day) if point.months_after is not None and day else (None, None)
        may = family.pk in ready and not off
        state = _state(point, paper, day, first, last, may, family.pk in asked_ever)
        found.append(Standing(family, state, first, last, getattr(paper, "given", 0), paper))
    return found


def _state(point: TimePoint, paper: Questionnaire | None, day: date | None, first: date | None, last: date | None,
           may: bool, agreed: bool) -> str:
    if paper is not None and paper.state == "complete":
        return "complete"
    if not agreed or (point.months_after is not None and day is None):
        return "waiting"
    if not may or (paper is not None and paper.state == "stopped") or (point.months_after is None and day):
        return "closed"
    if first and clock.today() < first:
        return "later"
    if last and clock.today() > last:
        return "overdue"
    return "begun" if paper is not None and getattr(paper, "given", 0) else "due"
