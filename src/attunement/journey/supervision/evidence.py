"""The evidence of one trainee for whoever accredits, on paper or as a table: families by a running number only."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from attunement.journey.delivery.models import Session
from attunement.journey.people.models import Person
from attunement.journey.supervision import queries
from attunement.journey.supervision.models import Attendance, Meeting, PracticeCycle, Supervision

COLUMNS = ("what", "on", "client", "cycle", "minutes", "said")


@dataclass(frozen=True)
class Line:
    """One thing done. `client`: a running number within this pack, which leads to no family."""

    what: str
    on: date | None
    client: str = ""
    cycle: int | None = None
    minutes: int | None = None
    said: str = ""


def lines(trainee: Person) -> list[Line]:
    """Course days, cycles, supervision and meetings, each kind by its day."""
    return [*_course(trainee), *_cycles(trainee), *_hours(trainee), *_meetings(trainee)]


def _course(trainee: Person) -> Iterator[Line]:
    for each in Attendance.objects.filter(person=trainee).select_related("course").order_by("course", "day"):
        yield Line("course", each.course.starts_on, said=f"{each.course.title}, day {each.day}: "
                   + ("attended" if each.there else "not attended"))


def _cycles(trainee: Person) -> list[Line]:
    done = queries.complete_cycles([trainee.pk])[trainee.pk]
    reviews = {(each.family_id, each.cycle): each.held_on for each in
               Session.objects.filter(practitioner=trainee, state="held", kind="review").order_by("-held_on")}
    found = [(reviews[key], f"f{key[0]}", key[1]) for key in done]
    found += [(each.reviewed_on, f"p{each.family_id}", each.number)
              for each in PracticeCycle.objects.filter(family__trainee=trainee)]
    clients: dict[str, int] = {}
    made = []
    for on, family, number in sorted(found, key=lambda each: (each[0], each[1], each[2])):
        client = clients.setdefault(family, len(clients) + 1)
        made.append(Line("cycle", on, f"client {client}{' (practice)' * family.startswith('p')}", number))
    return made


def _hours(trainee: Person) -> Iterator[Line]:
    for each in Supervision.objects.filter(trainee=trainee).exclude(state="booked").select_related("supervisor"):
        yield Line("supervision", each.booked_for, minutes=each.minutes_held,
                   said=f"with {each.supervisor.name}: {each.get_state_display().lower()}")


def _meetings(trainee: Person) -> Iterator[Line]:
    for each in Meeting.objects.filter(trainee=trainee):
        yield Line("meeting", each.held_on, said=f"{each.stage}, {each.kind}: {'passed' if each.passed else 'not yet'}")


def as_csv(found: list[Line]) -> str:
    """The same as a table; a text that a spreadsheet would take for a formula stands behind an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for line in found:
        said = f"'{line.said}" if line.said[:1] in "=+-@" and line.said else line.said
        writer.writerow([line.what, line.on or "", line.client, line.cycle or "", line.minutes or "", said])
    return out.getvalue()
