"""May consent be recorded now, and what a withdrawal or a change must set off in later stages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from attunement.journey.consent import queries
from attunement.journey.consent.circumstances import ENDS_CONTACT, NOBODY_TO_ASK
from attunement.journey.consent.models import Link
from attunement.journey.people.models import Person
from attunement.journey.referral.models import Contact, Family
from attunement.journey.referral.queries import has_index_child
from attunement.journey.trail import clock, versions
from attunement.journey.trail.errors import Refused
from attunement.journey.trail.models import Message

_CONTACT = "SELECT c.* FROM referral_contact c JOIN referral_family f ON f.id = c.family_id WHERE f.code = %s"
after_stop: dict[str, list[Callable[[Family], None]]] = {}


def when_stopped(what: str, act: Callable[[Family], None]) -> None:
    """A later stage says what a withdrawal that stops `what` must do; it runs in the same transaction."""
    after_stop.setdefault(what, []).append(act)


def stop(family: Family, *what: str) -> None:
    for name in what:
        for act in after_stop.get(name, []):
            act(family)


def can_consent(family: Family) -> None:
    if family.erased == "refused":
        raise Refused("The family has said no, and nothing is kept of it. If it comes back, refer it anew.")
    if not has_index_child(family):
        raise Refused("No child of this family is eligible, so there is nothing to ask consent for.")
    if not queries.changes_of(family).isdisjoint(NOBODY_TO_ASK):
        raise Refused("This family must not be contacted. Speak to the trial manager.")


def staff_can_record(family: Family) -> None:
    """Staff record a first answer; to change one is the family's own, unless the study file says otherwise."""
    answered = bool(queries.all_of(family)) and not queries.to_ask_again(family)
    if answered and not versions.current().consent.staff_may_edit:
        raise Refused("The family has answered already. To change an answer, give the family its own link.")


def answers_complete(given: Mapping[str, bool]) -> None:
    wanting = {purpose.code for purpose in versions.current().consent.purposes} - set(given)
    if wanting:
        raise Refused(f"Answer each statement with yes or no. Still open: {len(wanting)}.")


def written_where_it_must_be(given: Mapping[str, bool], mode: str) -> None:
    """A voice on the telephone is not enough for a purpose that asks for written agreement."""
    for purpose in versions.current().consent.purposes:
        if mode == "telephone" and purpose.written and given[purpose.code]:
            words = next(iter(purpose.statement.values()))
            raise Refused("This needs the family's written yes, on its own link or on paper. Record no for now: "
                          f"“{words}”")


def must_not_leave(message: Message) -> str:
    """Why a message to a family that waits in the outbox must stay there; empty when it may leave."""
    contact = _written_to(message)
    if message.link is not None and not Link.objects.filter(pk=message.link, revoked_at=None).exists():
        return "the link in it has ended"
    if contact is None:
        ours = not message.family or Person.objects.filter(email__iexact=message.address).exists()
        return "" if ours else "the family is reached otherwise by now"
    if contact.reaches(message.route) != message.address:
        return "this way of reaching the family is not safe"
    if not queries.changes_of(contact.family_id).isdisjoint(ENDS_CONTACT):
        return "the family must not be contacted"
    said = queries.all_of(contact.family_id)
    study = versions.current()
    codes = {code for what in ("contact", message.serves) for code in queries.purpose_that_stops(study, what)}
    return "the family has withdrawn" if any(said.get(code) is False for code in codes) else ""


def must_wait(message: Message) -> datetime | None:
    """A message to a family leaves only at hours at which the family said it is safe."""
    contact = _written_to(message)
    if contact is None or (contact.from_hour, contact.to_hour) == (0, 24):
        return None
    now = clock.now().astimezone(clock.local(clock.today()).tzinfo)
    if contact.from_hour <= now.hour < contact.to_hour:
        return None
    day = now.date() if now.hour < contact.from_hour else now.date() + timedelta(days=1)
    return clock.local(day, contact.from_hour)


def _written_to(message: Message) -> Contact | None:
    """The family's contact, when it is the family that the message goes to and not its worker."""
    for contact in Contact.objects.raw(_CONTACT, [message.family]):
        return contact if message.address in (contact.phone, contact.email, contact.address) else None
    return None


def interpreted(interpreter: str, agency: str, mode: str) -> None:
    if bool(interpreter.strip()) != bool(agency.strip()):
        raise Refused("Enter the interpreter's name and the agency, or neither.")
    if interpreter and mode == "self":
        raise Refused("On its own link a family answers without an interpreter of ours. Record it by telephone or visit.")
