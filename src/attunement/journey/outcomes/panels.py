"""What this stage shows on the start page."""

from __future__ import annotations

from django.urls import reverse

from attunement.journey.people.models import Person
from attunement.journey.people.registry import Tile, tiles


def lines(person: Person) -> list[Tile]:
    if not person.may("outcomes.supply"):
        return []
    return [Tile("Records six months after allocation", reverse("returns"), "Download the workbook, fill it, send it back")]


tiles.append(lines)
