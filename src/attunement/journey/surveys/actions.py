"""Opening a questionnaire, saving each answer as it is given, finishing."""

from __future__ import annotations

from attunement import instruments
from attunement.journey.consent.models import Link
from attunement.journey.people.models import Person
from attunement.journey.people.permissions import need
from attunement.journey.referral.models import Family
from attunement.journey.surveys import policies
from attunement.journey.surveys.models import Answer, Questionnaire, Score, SwitchedOff
from attunement.journey.surveys.questions import asked, folders, read, time_point
from attunement.journey.trail import clock, versions
from attunement.journey.trail.actions import action, record
from attunement.journey.trail.errors import NotAllowed, Refused

Respondent = Person | Link


@action
def open_questionnaire(*, by: Person, family: Family, code: str) -> Questionnaire:
    """Opens a family's questionnaire at a time point, or returns the one that is open."""
    need(by, "surveys.send", family.site.code)
    Family.objects.select_for_update().get(pk=family.pk)
    existing = Questionnaire.objects.filter(family=family, time_point=code).first()
    if existing is not None and existing.state == "complete":
        raise Refused("The family has answered this questionnaire already.")
    last_day = policies.can_open(family, code)
    version = versions.latest_number()
    asked(version, code, family.language)
    if existing is not None:
        return existing
    made = Questionnaire.objects.create(family=family, time_point=code, language=family.language, last_day=last_day,
                                        opened_at=clock.now(), study_version=version)
    record(by=by, verb="surveys.opened", family=family.code, site=family.site.code, time_point=code)
    return made


@action
def save_answer(*, by: Respondent, questionnaire_id: int, instrument: str, item: int, given: str,
                mode: str = "self") -> Questionnaire:
    """Saves one answer in its own transaction. Asked again before the end, the newer answer holds."""
    paper = _held(by, questionnaire_id, "surveys.telephone")
    policies.can_answer(paper)
    kind, value = read(given)
    question = _question(paper, instrument, item)
    if kind != "skipped" and given not in {code for code, _label in question.options}:
        raise Refused("Choose one of the answers.")
    _answer, new = Answer.objects.update_or_create(
        questionnaire=paper, instrument=instrument, item=item,
        defaults={"kind": kind, "value": value, "mode": mode, "language": paper.language, "given_at": clock.now()})
    family = paper.family
    record(by=by, verb="surveys.answered", family=family.code, site=family.site.code, time_point=paper.time_point,
           instrument=instrument, item=item, again=not new, mode=mode)
    for alert in instruments.load(instrument, folders()).alerts:
        if alert.item == item and value is not None and value > alert.above:
            record(by=by, verb="surveys.alert_raised", family=family.code, site=family.site.code,
                   instrument=instrument, item=item)
    return paper


@action
def complete(*, by: Respondent, questionnaire_id: int, mode: str = "self", help_minutes: int = 0) -> Questionnaire:
    """Ends a questionnaire in which every question was answered or passed over, and scores it."""
    paper = _held(by, questionnaire_id, "surveys.telephone")
    if paper.state == "complete":
        return paper
    policies.can_answer(paper)
    if not 0 <= help_minutes <= 600:
        raise Refused("Minutes of help lie between 0 and 600.")
    answers = {(answer.instrument, answer.item): answer for answer in paper.answers.all()}
    left = [question.place for question in asked(paper.study_version, paper.time_point, paper.language)
            if (question.instrument, question.item) not in answers]
    if left:
        raise Refused(f"Question {left[0]} is still open.")
    paper.state, paper.completed_at, paper.mode, paper.help_minutes = "complete", clock.now(), mode, help_minutes
    paper.save(update_fields=["state", "completed_at", "mode", "help_minutes"])
    _score(paper, answers)
    record(by=by, verb="surveys.completed", family=paper.family.code, site=paper.family.site.code,
           time_point=paper.time_point, mode=mode, help_minutes=help_minutes)
    return paper


@action
def correct_answer(*, by: Person, questionnaire: Questionnaire, instrument: str, item: int, given: str, why: str) -> None:
    """Changes an answer that was handed in; the old value stays in the trail, and the scores follow."""
    need(by, "surveys.correct", questionnaire.family.site.code)
    if not why.strip():
        raise Refused("Say why the answer is changed.")
    kind, value = read(given)
    question = _question(questionnaire, instrument, item)
    if kind != "skipped" and given not in {code for code, _label in question.options}:
        raise Refused("Choose one of the answers.")
    answer = questionnaire.answers.select_for_update().get(instrument=instrument, item=item)
    was = answer.value if answer.kind == "value" else answer.kind
    answer.kind, answer.value = kind, value
    answer.save(update_fields=["kind", "value"])
    if questionnaire.state == "complete":
        _score(questionnaire, {(row.instrument, row.item): row for row in questionnaire.answers.all()})
    record(by=by, verb="surveys.answer_corrected", family=questionnaire.family.code, why=why,
           site=questionnaire.family.site.code, time_point=questionnaire.time_point, instrument=instrument, item=item,
           was=was, now=value if kind == "value" else kind)


@action
def switch_off(*, by: Person, code: str) -> int:
    """Ends a questionnaire for the whole study: its links go, its data stay."""
    need(by, "study.amend")
    time_point(code)
    SwitchedOff.objects.get_or_create(time_point=code, defaults={"since": clock.now()})
    ended = Link.objects.filter(leads_to=code, revoked_at=None).update(revoked_at=clock.now())
    record(by=by, verb="surveys.switched_off", time_point=code, links=ended)
    return ended


def _held(by: Respondent, questionnaire_id: int, right: str) -> Questionnaire:
    paper = Questionnaire.objects.select_for_update(of=("self",)).select_related("family__site").get(pk=questionnaire_id)
    if isinstance(by, Link):
        if by.family_id != paper.family_id or by.revoked_at is not None or by.leads_to != paper.time_point:
            raise NotAllowed("This link is not in use.")
    else:
        need(by, right, paper.family.site.code)
    return paper


def _question(paper: Questionnaire, instrument: str, item: int):  # type: ignore[no-untyped-def]
    for question in asked(paper.study_version, paper.time_point, paper.language):
        if question.instrument == instrument and question.item == item:
            return question
    raise Refused("This questionnaire has no such question.")


def _score(paper: Questionnaire, answers: dict[tuple[str, int], Answer]) -> None:
    for slug in time_point(paper.time_point, paper.study_version).instruments:
        given = {item: answer.value if answer.kind == "value" else ("na" if answer.kind == "na" else None)
                 for (instrument, item), answer in answers.items() if instrument == slug}
        for scale, value in instruments.score(instruments.load(slug, folders()), given).scales.items():
            Score.objects.update_or_create(questionnaire=paper, instrument=slug, scale=scale, defaults={"value": value})
