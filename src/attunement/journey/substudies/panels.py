"""What this stage shows on the start page and on a family's record, where the study has sub-studies."""

from __future__ import annotations

from django.urls import reverse

from attunement.journey.people.models import Person
from attunement.journey.people.registry import Panel, Tile, panels, tiles
from attunement.journey.referral.models import Family
from attunement.journey.substudies import queries
from attunement.journey.substudies.actions import read_arm


def lines(person: Person) -> list[Tile]:
    if not person.may("arms.lock") or not queries.running():
        return []
    return [Tile("Sub-studies", reverse("substudies"), "Further allocations, and who locked their schemes")]


def arm_on_page(person: Person, family: Family, substudy: str) -> str | None:
    """The arm, if this person may see it: read once a page."""
    if not person.may("arms.see", family.site.code):
        return None
    read = person.__dict__.setdefault("further_arms_on_page", {})
    if (family.pk, substudy) not in read:
        read[family.pk, substudy] = read_arm(by=person, family=family, substudy=substudy, why="record")
    return read[family.pk, substudy]  # type: ignore[no-any-return]


def panel(person: Person, family: Family) -> Panel | None:
    found = queries.running()
    if not found:
        return None
    days, shown = queries.allocated_on(family), Panel("Sub-studies")
    for substudy in found:
        day = days.get(substudy.code)
        shown.rows.append((substudy.title, day or "Not allocated"))
        if day is None and person.may("arms.allocate", family.site.code):
            address = reverse("allocate_substudy", args=[family.code, substudy.code])
            shown.links.append((f"Allocate in: {substudy.title}", address))
        arm = arm_on_page(person, family, substudy.code) if day else None
        if arm is not None:
            shown.rows.append(("Arm", arm))
    return shown


tiles.append(lines)
panels.append(panel)
