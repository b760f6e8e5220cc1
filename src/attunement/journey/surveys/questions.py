"""The questions of a time point, in order and in the family's words."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from attunement import instruments
from attunement.journey.trail import clock, versions
from attunement.journey.trail.errors import Refused
from attunement.study import Study
from attunement.study.pseudo import pseudo
from attunement.study.schema import Language, TimePoint

SKIP = "skip"


@dataclass(frozen=True)
class Question:
    """One item on screen. `place` counts from 1 over the whole questionnaire."""

    place: int
    instrument: str
    item: int
    instruction: str
    text: str
    options: tuple[tuple[str, str], ...]
    notice: str
    alert: instruments.Alert | None = None
    rule_version: str = ""

    @property
    def code(self) -> str:
        """How pages and saves name it."""
        return f"{self.instrument}:{self.item}"

    def read(self, given: str) -> tuple[str, int | None]:
        """A form's value as (kind, number). Refused when the question offers no such answer."""
        if given == SKIP:
            return "skipped", None
        if given not in {code for code, _label in self.options}:
            raise Refused(_("Choose one of the answers, or say that you would rather not."))
        return ("na", None) if given == "na" else ("value", int(given))

    def alarms(self, value: int | None) -> bool:
        """Does this answer meet the item's rule in the key file?"""
        return self.alert is not None and value is not None and value > self.alert.above


def time_point(code: str, version: int | None = None) -> TimePoint:
    study = versions.current() if version is None else versions.numbered(version)
    for point in study.time_points:
        if point.code == code:
            return point
    raise Refused("The study has no questionnaire of that name.")


def asked(version: int, code: str, language: str) -> tuple[Question, ...]:
    """Every question of a time point. Refused, with the file that is wanting, when an instrument has no words."""
    return _asked(*versions.mark(version), code, language)


@lru_cache(maxsize=64)
def _asked(version: int, sha256: str, code: str, language: str) -> tuple[Question, ...]:
    questions: list[Question] = []
    for slug in time_point(code, version).instruments:
        key, words = key_of(slug), _words(versions.marked(version, sha256), slug, language)
        alerts = {alert.item: alert for alert in key.alerts}
        for item in key.items:
            options = tuple((str(option), label) for option, label in words.options_for(item))
            questions.append(Question(
                place=len(questions) + 1, instrument=slug, item=item.number, instruction=words.instruction,
                text=words.items[item.number], options=options, notice=words.notice,
                alert=alerts.get(item.number), rule_version=key.version))
    return tuple(questions)


def spoken(version: int, code: str) -> list[Language]:
    """The study's languages in which each question of a time point has its words."""
    return [known for known in versions.numbered(version).languages if _has_words(version, code, known.code)]


def _has_words(version: int, code: str, language: str) -> bool:
    try:
        return bool(asked(version, code, language))
    except Refused:
        return False


def module_of(version: int, code: str, language: str) -> tuple[bytes, bytes]:
    """The same as JSON for the page's script, which shows them one by one; and packed."""
    return _module(*versions.mark(version), code, language)


@lru_cache(maxsize=64)
def _module(version: int, sha256: str, code: str, language: str) -> tuple[bytes, bytes]:
    questions = [_for_script(each, versions.marked(version, sha256), language)
                 for each in _asked(version, sha256, code, language)]
    text = json.dumps({"questions": questions}, ensure_ascii=False).encode()
    return text, gzip.compress(text, 9, mtime=0)


def _for_script(each: Question, study: Study, language: str) -> dict[str, object]:
    """A question; one with a rule brings the words that are shown at once, with or without a connection."""
    shown: dict[str, object] = {"item": each.code, "place": each.place, "instruction": each.instruction,
                                "text": each.text, "options": each.options, "notice": each.notice}
    if each.alert is not None:
        shown |= {"above": each.alert.above, "signpost": signpost(study, each.alert.kind, language)}
    return shown


def signpost(study: Study, kind: str, language: str) -> str:
    """What the respondent reads at once, in its own language; for a kind without words, that help is at hand."""
    words = next((post.words for post in study.risk.signposts if post.kind == kind), {}) if study.risk else {}
    return words.get(language) or _("If you need help now, call your worker. In an emergency, call 999.")


def not_watched(version: int, language: str) -> str:
    """What is said before the first question: nobody reads the answers as they are given."""
    risk = versions.numbered(version).risk
    return (risk.not_watched.get(language) if risk else "") or _(
        "Nobody reads your answers as you give them. If you need help now, call your worker. In an emergency, call 999.")


def named(version: int, code: str, language: str, name: str) -> Question:
    """The question that a page or a save names, such as `demo_warmth:3`."""
    for question in asked(version, code, language):
        if question.code == name:
            return question
    raise Refused(_("This questionnaire has no such question."))


def licence_ended(code: str, version: int, language: str) -> str:
    """The slug of an instrument whose licence takes no new questionnaires today; empty when all do."""
    study = versions.numbered(version)
    return next((slug for slug in time_point(code, version).instruments
                 if not _words(study, slug, language).licence.allows_new(clock.today())), "")


def _words(study: Study, slug: str, language: str) -> instruments.Wording:
    made_up = any(known.code == language and known.made_up for known in study.languages)
    try:
        return instruments.wording(slug, language, folders=folders(), derive=pseudo if made_up else None)
    except instruments.InstrumentError as error:
        raise Refused(f"This questionnaire cannot be opened: {error}.") from None


def key_of(slug: str) -> instruments.Key:
    try:
        return instruments.load(slug, folders())
    except instruments.InstrumentError as error:
        raise Refused(f"This questionnaire cannot be opened: {error}.") from None


def raises_alerts(code: str, version: int | None = None) -> bool:
    """Has the questionnaire an item whose answer may need a person?"""
    return any(key_of(slug).alerts for slug in time_point(code, version).instruments)


def not_validated(code: str, version: int | None = None) -> list[str]:
    """Names of the time point's instruments that are our own and that nobody has tested."""
    return [key.name for key in map(key_of, time_point(code, version).instruments) if not key.validated]


def folders() -> tuple[Path, ...]:
    """Wordings that the deployer holds a licence for lie in the data directory."""
    return (settings.PLACE.root / "instruments",)
