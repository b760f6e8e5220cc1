"""What this stage shows on the start page."""

from __future__ import annotations

from django.urls import reverse

from attunement.journey.people.models import Person
from attunement.journey.people.registry import Tile, tiles

LINES = [
    ("oversight.progress", "Progress", "progress", "Recruitment, follow-up and dropout, never by arm"),
    ("oversight.review", "The review point", "review_point", "Figures against the progression criteria, and the decision"),
    ("oversight.report", "Snapshots and reports", "snapshots", "From the lock to the report"),
    ("oversight.progress", "The study", "study", "What the study file says, and its amendments"),
]


def lines(person: Person) -> list[Tile]:
    rights = person.rights()
    return [Tile(title, reverse(name), note, nav="Progress" if name == "progress" else "")
            for right, title, name, note in LINES if right in rights]


tiles.append(lines)
