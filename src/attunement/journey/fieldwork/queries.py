"""What was sent and what became of it, whom to call, whom to look for, who is owed a voucher."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone

from attunement.journey.consent.models import Link
from attunement.journey.fieldwork import schedule
from attunement.journey.fieldwork.models import Call, Sending, Trace, Voucher
from attunement.journey.people.models import Person
from attunement.journey.referral.models import Contact, Family
from attunement.journey.surveys.models import Questionnaire
from attunement.journey.surveys.queries import standings
from attunement.journey.trail import clock, versions
from attunement.journey.trail.models import Message
from attunement.journey.trail.outbox import MOST_TRIES, NOT_KNOWN

ANEW = "it was sent anew"
# State → words and colour, in the order of a list: those that somebody must do something about come first.
STATES = {
    "failed": ("Did not arrive", "red"), "given_up": ("Could not be sent", "red"), "unknown": ("Not known", "yellow"),
    "nowhere": ("No safe way", "yellow"), "letter": ("Letter to print", "yellow"), "waiting": ("Waits", "blue"),
    "call": ("On the call list", "blue"), "sent": ("Sent", "green"), "printed": ("Letter printed", "green"),
    "delivered": ("Delivered", "green"), "stopped": ("Stopped", "grey"), "passed": ("Passed over", "grey"),
}


@dataclass(frozen=True)
class Row:
    """One message or step as the survey team sees it."""

    family: Family
    time_point: str
    day: int | None
    route: str
    state: str
    why: str
    at: object
    message: Message | None
    sending: Sending | None

    @property
    def words(self) -> str:
        return STATES[self.state][0]

    @property
    def colour(self) -> str:
        return STATES[self.state][1]

    @property
    def again(self) -> bool:
        return self.message is not None and may_be_sent_again(self.message)


def state_of(message: Message) -> tuple[str, str]:
    """(state, why) of a message to a family."""
    if message.stopped == NOT_KNOWN:
        return "unknown", "The server stopped while it was sent"
    if message.stopped:
        return "stopped", message.stopped[:1].upper() + message.stopped[1:]
    if message.failed_at:
        return "failed", "The carrier could not deliver it"
    if message.delivered_at:
        return "delivered", ""
    if message.sent_at:
        return "sent", ""
    if message.tries >= MOST_TRIES:
        return "given_up", f"{message.tries} tries over a day"
    return "waiting", f"After {message.tries} tries" if message.tries else ""


def may_be_sent_again(message: Message) -> bool:
    return state_of(message)[0] in ("failed", "given_up", "unknown")


def rows(families: Iterable[Family], *, state: str = "") -> list[Row]:
    """Every message with a link, and every step without one, of these families: what needs somebody first, then newest."""
    known = {family.code: family for family in families}
    ids = [family.pk for family in known.values()]
    steps = list(Sending.objects.filter(family__in=ids).select_related("message", "family__site"))
    of_message = {step.message_id: step for step in steps if step.message_id}
    found = [Row(known[step.family.code], step.time_point, step.day, step.get_route_display(), step.state, "",
                 step.made_at, None, step) for step in steps if step.message_id is None]
    points = {point.code for point in versions.current().time_points}
    links = _leads_to(ids)
    for message in Message.objects.filter(link__isnull=False, family__in=known):
        step, (now, why) = of_message.get(message.pk), state_of(message)
        leads_to = links.get(message.link or 0, "")
        if leads_to in points:
            found.append(Row(known[message.family], leads_to, step.day if step else None, message.get_route_display(), now,
                             why, message.sent_at or message.made_at, message, step))
    order = list(STATES)
    wanted = [row for row in found if state in ("", row.state)]
    wanted.sort(key=lambda row: row.at, reverse=True)  # type: ignore[arg-type,return-value]
    return sorted(wanted, key=lambda row: min(order.index(row.state), order.index("waiting")))


def held_up(person: Person) -> list[tuple[Family, str, str]]:
    """(family, time point, why) of steps that are due and cannot be taken."""
    seen = set(Family.visible_to(person, "fieldwork.see").values_list("pk", flat=True))
    return [(family, point.code, why) for point in versions.current().time_points
            for family, _steps in schedule.due(point)
            if family.pk in seen and (why := schedule.why_held_up(family, point.code))]


def _leads_to(families: list[int]) -> dict[int, str]:
    return dict(Link.objects.filter(family__in=families).values_list("pk", "leads_to"))


@dataclass(frozen=True)
class ToCall:
    """One line of the call list. `phone` is empty where a call is not safe; `safe_now`: it is an hour that is."""

    call: Call
    language: str
    carer: str
    phone: str
    hours: str
    safe_now: bool
    attempts: int
    last: str
    state: str

    @property
    def words(self) -> str:
        return CLOCK[self.state][0]

    @property
    def colour(self) -> str:
        return CLOCK[self.state][1]


CLOCK = {"overdue": ("Appointment missed", "red"), "now": ("Appointment now", "yellow"), "due": ("To be called", "blue"),
         "appointment": ("Appointment", "grey"), "later": ("Later", "grey")}


def to_call(person: Person, *, language: str = "") -> list[ToCall]:
    """Whom to ring up, appointments that are due first; those that may not be asked any more are left out."""
    calls = list(Call.visible_to(person, "fieldwork.work").filter(state="open"))
    may: set[tuple[int, str]] = set()
    for point in versions.current().time_points if calls else ():
        families = [call.family for call in calls if call.time_point == point.code]
        may |= {(one.family.pk, point.code) for one in standings(families, point) if one.state in ("due", "begun")}
    names = {known.code: known.name for known in versions.current().languages}
    contacts = {contact.family_id: contact for contact in Contact.objects.filter(
        family__in=[call.family_id for call in calls])}
    found = [_line(call, contacts.get(call.family_id), names) for call in calls
             if (call.family_id, call.time_point) in may and language in ("", call.family.language)]
    order = list(CLOCK)
    return sorted(found, key=lambda line: (order.index(line.state), line.call.next_at))


def _line(call: Call, contact: Contact | None, names: dict[str, str]) -> ToCall:
    hour = timezone.localtime(clock.now()).hour
    tried = list(call.attempts.all())
    first, last = (contact.from_hour, contact.to_hour) if contact else (0, 24)
    return ToCall(call, names.get(call.family.language, call.family.language), contact.carer if contact else "",
                  contact.reaches("call") if contact else "", "" if (first, last) == (0, 24) else f"{first} to {last}",
                  first <= hour < last, len(tried), tried[-1].get_outcome_display() if tried else "", _clock(call))


def _clock(call: Call) -> str:
    minutes = (call.next_at - clock.now()).total_seconds() / 60
    if call.appointment:
        return "overdue" if minutes < -15 else "now" if minutes <= 15 else "appointment"
    return "later" if minutes > 0 else "due"


def owed(person: Person) -> list[Questionnaire]:
    """Questionnaires handed in whose voucher has not been given."""
    points = [voucher.time_point for voucher in versions.current().fieldwork.vouchers]
    had = {(voucher.family_id, voucher.time_point) for voucher in Voucher.objects.all()}
    papers = Questionnaire.visible_to(person, "fieldwork.see").filter(state="complete", time_point__in=points)
    return [paper for paper in papers.order_by("completed_at") if (paper.family_id, paper.time_point) not in had]


def lost(time_point: str) -> set[int]:
    """Families whose search for this questionnaire ended without finding them, and that did not answer after all."""
    newest: dict[int, str] = {}
    for family, state in Trace.objects.filter(time_point=time_point).order_by("id").values_list("family_id", "state"):
        newest[family] = state
    return {family for family, state in newest.items() if state == "lost"}


def voucher_totals(ledger: list[Voucher]) -> list[tuple[str, int, float]]:
    """(time point, vouchers, pounds) as given so far. A voucher that was replaced counts once."""
    found: dict[str, list[int]] = {}
    for voucher in ledger:
        found.setdefault(voucher.time_point, []).append(voucher.pence)
    return [(point, len(pence), sum(pence) / 100) for point, pence in sorted(found.items())]
