"""What this stage shows on the start page."""

from __future__ import annotations

from django.urls import reverse

from attunement.journey.people.models import Person
from attunement.journey.people.registry import Panel, Tile, caseload_panels, menu, tiles
from attunement.journey.referral.models import Family
from attunement.journey.supervision import queries
from attunement.journey.supervision.models import Supervision
from attunement.journey.trail import clock, versions


def lines(person: Person) -> list[Tile]:
    found = []
    if person.may("supervision.hold"):
        found += [Tile(f"Supervision with {each.trainee.name}", reverse("hour", args=[each.pk]), _when(each))
                  for each in queries.due(person, clock.today())]
    if person.may("supervision.see"):
        found.append(Tile("Supervision", reverse("trainees"), "All trainees: stage, cycles, hours, what is booked"))
    if person.may("supervision.attend"):
        found.append(Tile("Your supervision", reverse("own_supervision"), "What is booked, and how far you are"))
    return found


def _when(supervision: Supervision) -> str:
    return ("Today: what to watch before" if supervision.booked_for == clock.today()
            else f"Not recorded yet: booked for {supervision.booked_for:%-d %B %Y}")


def cycles(person: Person, family: Family) -> Panel | None:
    """Dose is counted in cycles: a film with clips, and its shared review."""
    mine = queries.complete_cycles([person.pk])[person.pk]
    planned = {plan.cycle for plan in versions.current().delivery.sessions if plan.cycle}
    done = sum(each == family.pk for each, _cycle in mine)
    return Panel("Cycles", [("Whole cycles (film, clips, shared review)", f"{done} of {len(planned)} planned")])


caseload_panels.append(cycles)
tiles.append(lines)
menu.extend([("supervision.see", "Supervision", "trainees"), ("supervision.attend", "Supervision", "own_supervision")])
