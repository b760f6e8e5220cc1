"""Who has answered, and where a family is in its questionnaire."""

from __future__ import annotations

from attunement.journey.consent.models import Link
from attunement.journey.referral.models import Family
from attunement.journey.surveys.models import Questionnaire
from attunement.journey.surveys.questions import Question, asked


def of_link(link: Link) -> Questionnaire | None:
    return (Questionnaire.objects.select_related("family__site")
            .filter(family_id=link.family_id, time_point=link.leads_to).first())


def next_open(paper: Questionnaire) -> Question | None:
    """The first question that has no answer yet; None when all have one."""
    done = set(paper.answers.values_list("instrument", "item"))
    for question in asked(paper.study_version, paper.time_point, paper.language):
        if (question.instrument, question.item) not in done:
            return question
    return None


def is_complete(family: Family, time_point: str) -> bool:
    return Questionnaire.objects.filter(family=family, time_point=time_point, state="complete").exists()
