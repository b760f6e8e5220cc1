"""What this stage shows on the start page and on a family's record."""

from __future__ import annotations

from django.urls import reverse

from attunement.journey.people.models import Person
from attunement.journey.people.registry import Panel, Tile, panels, tiles
from attunement.journey.referral.models import Family


def lines(person: Person) -> list[Tile]:
    if not person.may("outcomes.supply"):
        return []
    return [Tile("Records six months after allocation", reverse("returns"), "Download the workbook, fill it, send it back")]


def panel(person: Person, family: Family) -> Panel | None:
    """From the first referral on: the authority's own sheet, without which nobody finds the child in six months."""
    if family.erased or not person.may("outcomes.sheet", family.site.code):
        return None
    numbers = ", ".join(child.trial_number for child in family.children.filter(index=True))
    if not numbers:
        return None
    return Panel("Records", [("Write down with your own child id, and keep it inside the authority", numbers)],
                 [("The authority's own sheet", reverse("records_sheet", args=[family.site.code]))])


tiles.append(lines)
panels.append(panel)
