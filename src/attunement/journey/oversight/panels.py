"""What this stage shows on the start page and on a family's record."""

from __future__ import annotations

from django.urls import reverse

from attunement.journey.oversight import policies
from attunement.journey.oversight.models import RegisterEntry
from attunement.journey.people.models import Person
from attunement.journey.people.registry import Panel, Tile, caseload_panels, menu, panels, tiles
from attunement.journey.referral.models import Family

LINES = [
    ("oversight.progress", "Progress", "progress", "Recruitment, follow-up and dropout, never by arm"),
    ("oversight.sign", "The review point", "review_point", "Figures against the progression criteria, and the decision"),
    ("oversight.report", "Locks", "locks", "From the registered plan to the final report, step by step"),
    ("oversight.report", "Snapshots and reports", "snapshots", "What is frozen, and the reports of it"),
    ("oversight.report", "Releases", "releases", "What has left the trial, and who approved it"),
    ("interviews.work", "Interviews", "interviews", "Drawn by quotas, kept without names, coded, quoted once cleared"),
    ("oversight.progress", "The study", "study", "What the study file says, and its amendments"),
]


def lines(person: Person) -> list[Tile]:
    rights = person.rights()
    return [Tile(title, reverse(name), note)
            for right, title, name, note in LINES if right in rights] + register_lines(person)


def register_lines(person: Person) -> list[Tile]:
    """What is overdue stands on the start page of whoever keeps the registers; the own list on everybody's."""
    if not person.may("registers.open") or not policies.registers_for(person):
        return []
    waiting = [entry for entry in RegisterEntry.visible_to(person).filter(closed_at=None)]
    late = sum(1 for entry in waiting if entry.met_on is None and entry.overdue)
    if person.may("registers.keep"):
        note = f"{late} overdue" if late else "Concerns, events, deviations, complaints, requests"
        return [Tile("Registers", reverse("registers"), note, len(waiting))]
    return [Tile("A concern, an event, a complaint", reverse("registers"), "Put something on record; your own list",
                 len(waiting) or None)]


def register_panel(person: Person, family: Family) -> Panel | None:
    """How many entries of this family the person may see, and the way to a new one."""
    if not person.may("registers.open") or not policies.registers_for(person):
        return None
    waiting = RegisterEntry.visible_to(person).filter(family=family, closed_at=None).count()
    return Panel("Registers", [("Entries not closed", waiting or "none")],
                 [("Put something on record", f"{reverse('open_entry')}?family={family.code}")])


tiles.append(lines)
menu.extend([("oversight.progress", "Progress", "progress"), ("registers.keep", "Registers", "registers")])
panels.append(register_panel)
caseload_panels.append(register_panel)
