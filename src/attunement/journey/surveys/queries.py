"""Who has answered, and where a family is in its questionnaire."""

from __future__ import annotations

from django.db import connection

from attunement.journey.consent.models import Link
from attunement.journey.referral.models import Family
from attunement.journey.surveys.models import Questionnaire
from attunement.journey.surveys.questions import Question, asked

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


def is_complete(family: Family, time_point: str) -> bool:
    return Questionnaire.objects.filter(family=family, time_point=time_point, state="complete").exists()
