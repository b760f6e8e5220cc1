"""What this stage shows on the start page."""

from __future__ import annotations

from django.urls import reverse

from attunement.journey.people.models import Person
from attunement.journey.people.registry import Tile, tiles


def lines(person: Person) -> list[Tile]:
    found = []
    if person.may("supervision.see"):
        found.append(Tile("Supervision", reverse("trainees"), "All trainees: stage, cycles, hours, what is booked",
                          nav="Supervision"))
    if person.may("supervision.attend"):
        found.append(Tile("Your supervision", reverse("own_supervision"), "What is booked, and how far you are",
                          nav="Supervision"))
    return found


tiles.append(lines)
