"""Opening a questionnaire, saving each answer as it is given, finishing."""

from __future__ import annotations

from datetime import date
from typing import Literal

from django.conf import settings
from django.db import connection
from django.utils import translation
from django.utils.translation import gettext as _

from attunement import instruments
from attunement.journey.consent import actions as consent
from attunement.journey.consent.models import Link
from attunement.journey.people.models import Person
from attunement.journey.people.permissions import need
from attunement.journey.referral.models import Family
from attunement.journey.referral.queries import lock_family
from attunement.journey.surveys import policies, queries
from attunement.journey.surveys.alert_actions import raise_for
from attunement.journey.surveys.models import Answer, Questionnaire, Score, SwitchedOff
from attunement.journey.surveys.questions import asked, key_of, named, time_point
from attunement.journey.trail import clock, versions
from attunement.journey.trail.actions import Actor, Rule, action, post, record
from attunement.journey.trail.errors import NotAllowed, Refused
from attunement.journey.trail.models import Message

Respondent = Person | Link


@action
def open_questionnaire(*, by: Person | Rule, family: Family, code: str) -> Questionnaire:
    """Opens a family's questionnaire at a time point, or returns the one that is open."""
    if not isinstance(by, Rule):
        need(by, "surveys.send", family.site.code)
    lock_family(family)
    existing = Questionnaire.objects.filter(family=family, time_point=code).first()
    if existing is not None and existing.state == "complete":
        raise Refused("The family has answered this questionnaire already.")
    last_day = policies.can_open(family, code)
    version = versions.latest_number()
    if existing is not None:
        return _reopened(by, existing, last_day)
    asked(version, code, family.language)
    policies.licence_holds(code, version, family.language)
    policies.somebody_is_on_call(family, code, version)
    made = Questionnaire.objects.create(family=family, time_point=code, language=family.language, last_day=last_day,
                                        opened_at=clock.now(), study_version=version)
    record(by=by, verb="surveys.opened", family=family.code, site=family.site.code, time_point=code)
    return made


def _reopened(by: Actor, paper: Questionnaire, last_day: date | None) -> Questionnaire:
    """A questionnaire that a withdrawal had stopped goes on where it was, once the family has agreed anew."""
    if paper.state == "stopped":
        paper.state, paper.last_day = "open", last_day
        paper.save(update_fields=["state", "last_day"])
        record(by=by, verb="surveys.reopened", family=paper.family.code, site=paper.family.site.code,
               time_point=paper.time_point)
    return paper


@action
def send_link(*, by: Person, family: Family, code: str, route: str) -> str:
    """Opens the questionnaire and makes its link; a message that carries it says nothing of what it is about."""
    address = "" if route == "none" else policies.safe_by_hand(family).get(route)
    if address is None:
        raise Refused("The family's record has no such number or address that is safe. Choose another way.")
    return post_link(by=by, family=family, code=code, route=route, address=address)[0]


@action
def post_link(*, by: Person | Rule, family: Family, code: str, route: str, address: str,
              once: bool = False) -> tuple[str, Message | None]:
    """Opens the questionnaire, makes a link and posts it; its token and the message (None: nothing was to be sent)."""
    open_questionnaire(by=by, family=family, code=code)
    token = consent.give_link(by=by, family=family, leads_to=code)
    link = consent.find_link(token)
    with translation.override(family.language):
        page = {"address": f"{settings.PLACE.address.rstrip('/')}/q/{token}/"}
        message = post(route=route, address=address, subject=_("Your page"), family=family.code, serves="surveys",
                       body=_("Here is your page: %(address)s") % page, link=link.pk if link else None, once=once)
    record(by=by, verb="surveys.link_sent", family=family.code, site=family.site.code, time_point=code, route=route)
    return token, message


@action
def hand_over(*, by: Person, family: Family, code: str) -> str:
    """Makes a link for the device in the room. Whoever holds it now is the family: the page signs the staff out."""
    open_questionnaire(by=by, family=family, code=code)
    token = consent.give_link(by=by, family=family, leads_to=code, mode="visit")
    record(by=by, verb="surveys.handed_over", family=family.code, site=family.site.code, time_point=code)
    return token


# One statement, and SQL as it stands, because it runs once for every answer of every family.
_KEEP = ("INSERT INTO surveys_answer (questionnaire_id, instrument, item, kind, value, mode, language, given_at, "
         "helper, client_key, earlier_keys, sequence, took) "
         "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, '', %s, %s) "
         "ON CONFLICT (questionnaire_id, instrument, item) DO UPDATE SET kind = excluded.kind, value = excluded.value, "
         "mode = excluded.mode, language = excluded.language, given_at = excluded.given_at, helper = excluded.helper, "
         "client_key = excluded.client_key, sequence = excluded.sequence, took = excluded.took, earlier_keys = "
         "surveys_answer.client_key || ' ' || surveys_answer.earlier_keys "
         "WHERE excluded.sequence >= surveys_answer.sequence AND (excluded.client_key = '' OR surveys_answer.client_key "
         "|| surveys_answer.earlier_keys NOT LIKE '%%' || excluded.client_key || '%%')")
_SPANS = (300, 120, 60, 30, 10, 5, 0)


@action
def save_answer(*, by: Respondent, questionnaire_id: int, instrument: str, item: int, given: str, mode: str = "self",
                helper: str = "", key: str = "", sequence: int | None = None, took: int | None = None,
                seen: int | None = None, language: str = "") -> Questionnaire:
    """Saves one answer in its own transaction; of two to one item, the one given later holds, in whatever order they
    arrive. `key`: the sender's mark of this answer, which is saved once however often it is sent. An answer that meets
    a rule raises its alert here, even when a later one holds already. `seen`: when staff were shown the question; what
    the family itself has answered since is not overwritten. `language`: in which it was asked, when that is not the
    questionnaire's of today."""
    paper = _held(by, questionnaire_id, "surveys.telephone")
    given_at = policies.when_given(sequence)
    policies.can_answer(paper, clock.day_of(given_at))
    if language not in ("", paper.language):
        policies.can_be_read_in(paper, language)
    question = named(paper.study_version, paper.time_point, paper.language, f"{instrument}:{item}")
    kind, value = question.read(given)
    mode = by.mode if isinstance(by, Link) else policies.known_mode(mode)
    if seen is not None:
        policies.not_just_answered(paper, instrument, item, seen)
    span = None if took is None or not paper.timing else next(low for low in _SPANS if low <= max(took, 0))
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, [paper.pk, instrument, item, kind, value, mode, language or paper.language,
                               connection.ops.adapt_datetimefield_value(given_at), helper, key,
                               int(given_at.timestamp() * 1000), span])
        held = cursor.rowcount == 1
    if not held and not _is_new(paper, instrument, item, key):
        return paper
    record(by=by, verb="surveys.answered", family=paper.family_code, site=paper.site_code, time_point=paper.time_point,
           instrument=instrument, item=item, mode=mode, **({} if held else {"superseded": True}))
    if question.alert is not None and question.alarms(value):
        raise_for(by, paper, instrument, question.alert, question.rule_version, key, given_at)
    if paper.started_at is None:
        Questionnaire.objects.filter(pk=paper.pk).update(started_at=given_at)
    return paper


def _is_new(paper: Questionnaire, instrument: str, item: int, key: str) -> bool:
    """An answer that a later one has overtaken: did it come for the first time? Its mark is kept too."""
    row = Answer.objects.get(questionnaire=paper, instrument=instrument, item=item)
    if key and key in row.client_key + row.earlier_keys:
        return False
    Answer.objects.filter(pk=row.pk).update(earlier_keys=f"{key} {row.earlier_keys}")
    return True


@action
def choose(*, by: Link, questionnaire_id: int, timing: bool, keeps: bool) -> Questionnaire:
    """What the respondent allows on the own phone: a coarse note of time, and unsent answers sealed for three days."""
    paper = _held(by, questionnaire_id, "surveys.telephone")
    policies.can_answer(paper)
    if (paper.timing, paper.keeps) != (timing, keeps):
        paper.timing, paper.keeps = timing, keeps
        paper.save(update_fields=["timing", "keeps"])
        record(by=by, verb="surveys.chose", family=paper.family_code, site=paper.site_code, timing=timing, keeps=keeps)
    return paper


@action
def speak(*, by: Respondent, questionnaire_id: int, language: str) -> Questionnaire:
    """Goes on in another language. What was answered stays, each answer with the language in which it was asked."""
    paper = _held(by, questionnaire_id, "surveys.telephone")
    policies.can_answer(paper)
    policies.can_be_read_in(paper, language)
    before, paper.language = paper.language, language
    if before != language:
        policies.licence_holds(paper.time_point, paper.study_version, language)
        paper.save(update_fields=["language"])
        record(by=by, verb="surveys.language_changed", family=paper.family_code, site=paper.site_code,
               time_point=paper.time_point, before=before, language=language)
    return paper


@action
def complete(*, by: Respondent, questionnaire_id: int, mode: str = "self", help_minutes: int = 0,
             help_reason: str = "", helper: str = "") -> Questionnaire:
    """Ends a questionnaire in which every question was answered or passed over, and scores it."""
    paper = _held(by, questionnaire_id, "surveys.telephone")
    if paper.state == "complete":
        return paper
    policies.can_answer(paper)
    if not 0 <= help_minutes <= 600:
        raise Refused("Minutes of help lie between 0 and 600.")
    left = queries.next_open(paper)
    if left is not None:
        raise Refused(_("Question %(place)s is still open.") % {"place": left.place})
    paper.mode = by.mode if isinstance(by, Link) else policies.known_mode(mode)
    paper.state, paper.completed_at = "complete", clock.now()
    paper.help_minutes, paper.help_reason, paper.helper = help_minutes, help_reason, helper
    paper.save(update_fields=["state", "completed_at", "mode", "help_minutes", "help_reason", "helper"])
    _score(paper)
    record(by=by, verb="surveys.completed", family=paper.family_code, site=paper.site_code,
           time_point=paper.time_point, mode=paper.mode, help_minutes=help_minutes, help_reason=help_reason)
    return paper


@action
def correct_answer(*, by: Person, questionnaire: Questionnaire, instrument: str, item: int, given: str,
                   why: str) -> None:
    """Changes an answer that was handed in; the old value stays in the trail, and the scores follow."""
    need(by, "surveys.correct", questionnaire.family.site.code)
    paper = _held(by, questionnaire.pk, "surveys.correct")
    policies.not_locked(paper)
    if paper.state != "complete":
        raise Refused("These questions have not been handed in. The family can still answer them anew.")
    if not why.strip():
        raise Refused("Say why the answer is changed.")
    question = named(paper.study_version, paper.time_point, paper.language, f"{instrument}:{item}")
    kind, value = question.read(given)
    answer = Answer.objects.get(questionnaire=paper, instrument=instrument, item=item)
    was = answer.value if answer.kind == "value" else answer.kind
    alarmed = question.alarms(answer.value)
    answer.kind, answer.value = kind, value
    answer.save(update_fields=["kind", "value"])
    if question.alert is not None and question.alarms(value) and not alarmed:
        raise_for(by, paper, instrument, question.alert, question.rule_version, "", clock.now())
    _score(paper)
    record(by=by, verb="surveys.answer_corrected", family=paper.family_code, site=paper.site_code, why=why,
           time_point=paper.time_point, instrument=instrument, item=item, was=was, now=kind if value is None else value)


@action
def lock_form(*, by: Person, questionnaire: Questionnaire, why: str) -> None:
    """Locks a form that was handed in: no answer of it is corrected until it is unlocked."""
    need(by, "surveys.correct", questionnaire.family.site.code)
    paper = _held(by, questionnaire.pk, "surveys.correct")
    policies.not_locked(paper)
    if paper.state != "complete" or not why.strip():
        raise Refused("Only a form that was handed in is locked, and with a reason.")
    paper.locked_at, paper.locked_by, paper.lock_reason = clock.now(), by, why.strip()
    paper.save(update_fields=["locked_at", "locked_by", "lock_reason"])
    record(by=by, verb="surveys.form_locked", family=paper.family_code, site=paper.site_code, why=why.strip(),
           time_point=paper.time_point)


@action
def unlock_form(*, by: Person, questionnaire: Questionnaire, why: str) -> None:
    """Opens a locked form to corrections again; who locked it and why stays in the trail."""
    need(by, "surveys.correct", questionnaire.family.site.code)
    paper = _held(by, questionnaire.pk, "surveys.correct")
    if paper.locked_at is None or not why.strip():
        raise Refused("Only a locked form is unlocked, and with a reason.")
    paper.locked_at, paper.locked_by, paper.lock_reason = None, None, ""
    paper.save(update_fields=["locked_at", "locked_by", "lock_reason"])
    record(by=by, verb="surveys.form_unlocked", family=paper.family_code, site=paper.site_code, why=why.strip(),
           time_point=paper.time_point)


@action
def switch_off(*, by: Person, code: str) -> int:
    """Ends a questionnaire for the whole study: its links go, its data stay."""
    need(by, "study.amend")
    time_point(code)
    _off, new = SwitchedOff.objects.get_or_create(time_point=code, defaults={"since": clock.now()})
    if not new:
        raise Refused("This questionnaire has been switched off already.")
    Questionnaire.objects.filter(time_point=code, state="open").update(state="stopped")
    ended = Link.objects.filter(leads_to=code, revoked_at=None).update(revoked_at=clock.now())
    record(by=by, verb="surveys.switched_off", time_point=code, links=ended)
    return ended


def _held(by: Respondent, questionnaire_id: int, right: str) -> Questionnaire:
    """The questionnaire, locked, when this person or this link may answer it."""
    paper = queries.held(questionnaire_id, by.pk if isinstance(by, Link) else None)
    if paper is None:
        raise NotAllowed(_("This link is not in use."))
    if not isinstance(by, Link):
        need(by, right, paper.site_code)
    return paper


def _score(paper: Questionnaire) -> None:
    given: dict[str, dict[int, int | Literal["na"] | None]] = {}
    for instrument, item, kind, value in paper.answers.values_list("instrument", "item", "kind", "value"):
        given.setdefault(instrument, {})[item] = "na" if kind == "na" else value
    Score.objects.bulk_create(
        [Score(questionnaire=paper, instrument=slug, scale=scale, value=value)
         for slug in time_point(paper.time_point, paper.study_version).instruments
         for scale, value in instruments.score(key_of(slug), given.get(slug, {})).scales.items()],
        update_conflicts=True, unique_fields=["questionnaire", "instrument", "scale"], update_fields=["value"])
