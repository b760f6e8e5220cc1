"""What this stage shows on the start page, in the list of families and on a family's record."""

from __future__ import annotations

from django.urls import reverse
from django.utils.formats import date_format

from attunement.allocation.chain import DRAWN
from attunement.journey.arms import policies, queries
from attunement.journey.arms.actions import read_arm, read_arms
from attunement.journey.people.models import Person
from attunement.journey.people.registry import Column, Panel, Tile, columns, panels, tiles, trail_values
from attunement.journey.referral.models import Family
from attunement.journey.trail.models import Entry


def lines(person: Person) -> list[Tile]:
    found = []
    if person.may("arms.lock"):
        found.append(Tile("Allocation scheme", reverse("scheme"), "What it is, and who locked it"))
    if person.may("arms.list"):
        found.append(Tile("Allocations", reverse("allocations"), "All, with their arms; each reading is recorded"))
    if person.may("arms.propose"):
        found.append(Tile("What takes two people", reverse("waiting"), "What became of an allocation, and who agreed"))
    return found


def arm_on_page(person: Person, family: Family) -> str | None:
    """The arm, if this person may see it: read once a page, however many stages show something that hangs on it."""
    if not person.may("arms.see", family.site.code) and not policies.unblinded(person, family):
        return None
    read = person.__dict__.setdefault("arms_on_page", {})
    if family.pk not in read:
        read[family.pk] = read_arm(by=person, family=family, why="record")
    return read[family.pk]  # type: ignore[no-any-return]


def panel(person: Person, family: Family) -> Panel | None:
    day = queries.allocated_on(family)
    if day is None:
        links = []
        if person.may("arms.allocate", family.site.code):
            links.append(("Allocate this family", reverse("allocate", args=[family.code])))
        return Panel("Allocation", [("State", "Not allocated yet")], links)
    rows: list[tuple[str, object]] = [("Allocated on", day)]
    arm = arm_on_page(person, family)
    if arm is not None:
        rows.append(("Arm", arm))
    links = []
    if person.may("arms.propose", family.site.code):
        links.append(("What became of this allocation", reverse("note_allocation", args=[family.code])))
    if person.may("arms.lock", family.site.code):
        links.append(("Show the arm to one masked person", reverse("show_arm", args=[family.code])))
    rows += [(said, at.date()) for said, at in queries.noted(family)]
    return Panel("Allocation", rows, links)


def words(families: list[int]) -> dict[int, str]:
    return {family: date_format(day, "j M Y") for family, day in queries.days(families).items()}


def drawn_arms(person: Person, entries: list[Entry]) -> dict[int, str]:
    """The value that each draw set, for those who may see every arm; a page of the trail that shows any is a reading."""
    drawn = {entry.family: entry.number for entry in entries if entry.verb == DRAWN}
    if not drawn or person.sites_with("arms.see") is not None:
        return {}
    families = {family.pk: family for family in Family.objects.filter(code__in=drawn).select_related("site")}
    read = read_arms(by=person, families=list(families.values()), why="trail")
    return {drawn[families[family].code]: arm for family, arm in read.items()}


tiles.append(lines)
trail_values.append(drawn_arms)
panels.append(panel)
columns.append(Column("Allocated", "referral.see", words))
