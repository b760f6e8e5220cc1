"""What is noted of a visit beside its minutes: who was there, where, what was changed and why, and the parent's tap."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import asdict, dataclass
from typing import Any

from attunement.journey.delivery.models import Session
from attunement.journey.people.models import Person
from attunement.journey.trail import clock, versions
from attunement.journey.trail.errors import Refused
from attunement.study.schema import Choice

# A person's stage of training today, from the stage that counts it.
training_stages: list[Callable[[Person], str]] = []
OFTEN = ("present", "place", "interpreter")


@dataclass(frozen=True)
class Noted:
    """Codes of the study file; empty or None: not said. `rating` is the parent's, from 1."""

    reason: str = ""
    present: tuple[str, ...] = ()
    place: str = ""
    interpreter: bool | None = None
    filmed: bool | None = None
    adaptation: str = ""
    adaptation_why: str = ""
    training_stage: str = ""
    rating: int | None = None

    def facts(self) -> dict[str, Any]:
        return asdict(self) | {"present": list(self.present)}

    def for_trail(self) -> dict[str, Any]:
        """Without the parent's own tap, which no log holds."""
        return {name: value for name, value in self.facts().items() if value not in ("", None, []) and name != "rating"}


def stage_today(person: Person) -> str:
    return next((stage for ask in training_stages if (stage := ask(person))), "")


def stages() -> list[str]:
    """The names of the stages of the pathway that is in force."""
    held = [path for path in versions.current().accreditation if path.adopted and path.valid_from <= clock.today()]
    return [stage.name for stage in max(held, key=lambda path: path.valid_from).stages] if held else []


def can_be_noted(state: str, noted: Noted) -> None:
    """Every code is one of the study file's, and what belongs to a session held is said of one that was."""
    visit = versions.current().delivery.visit
    _known(visit.reasons, [noted.reason], "why it was not held")
    _known(visit.present, noted.present, "who was there")
    _known(visit.places, [noted.place], "where it was")
    _known(visit.adaptations, [noted.adaptation], "what was changed")
    _known(visit.adaptation_reasons, [noted.adaptation_why], "why it was changed")
    if noted.training_stage and noted.training_stage not in stages():
        raise Refused("Choose your training stage from the list.")
    if noted.rating is not None and not 1 <= noted.rating <= len(visit.rating):
        raise Refused("The parent's tap is not one of those offered.")
    if state == "held" and noted.reason:
        raise Refused("A session that was held has no reason why not.")
    if noted.adaptation_why and not noted.adaptation:
        raise Refused("Say what was changed, or take the reason for it out.")
    if state != "held" and any((noted.rating, noted.filmed, noted.present, noted.adaptation)):
        raise Refused("Only of a session that was held can it be said who was there, what was filmed or changed.")


def _known(offered: Iterable[Choice], given: Collection[str], what: str) -> None:
    if set(given) - {choice.code for choice in offered} - {""}:
        raise Refused(f"Choose {what} from the list.")


def usual(session: Session) -> dict[str, Any]:
    """What is chosen beforehand: as it was the last time, else as the study file has it first."""
    visit, family = versions.current().delivery.visit, session.family
    found: dict[str, Any] = {"present": [choice.code for choice in visit.present[:2]], "interpreter": None,
                             "place": visit.places[0].code if visit.places else ""}
    if family.language == versions.current().languages[0].code and not family.help_needed:
        found["interpreter"] = False
    last = family.sessions.filter(state="held").exclude(recorded_at=None).order_by("-held_on", "-number").first()
    if last is not None:
        found |= {name: value for name in OFTEN if (value := getattr(last, name)) not in ("", None, [])}
    return found | {"filmed": None if session.kind in ("film", "review") else False}


def in_words(session: Session) -> list[tuple[str, str]]:
    """What was noted, for a page; only what was said."""
    visit = versions.current().delivery.visit
    yes = {True: "yes", False: "no", None: ""}
    rows = [
        ("Why not", _words(visit.reasons, [session.reason])), ("Who was there", _words(visit.present, session.present)),
        ("Where", _words(visit.places, [session.place])), ("Interpreter", yes[session.interpreter]),
        ("Film made", yes[session.filmed]), ("Changed", _words(visit.adaptations, [session.adaptation])),
        ("Why changed", _words(visit.adaptation_reasons, [session.adaptation_why])),
        ("Training stage", session.training_stage)]
    return [(label, words) for label, words in rows if words]


def _words(offered: Iterable[Choice], codes: Collection[str]) -> str:
    return ", ".join(choice.words for choice in offered if choice.code in codes)
