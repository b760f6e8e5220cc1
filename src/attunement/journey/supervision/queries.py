"""How far a trainee is towards accreditation, by the study file's dated pathway."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, Sum

from attunement.journey.delivery.models import Session
from attunement.journey.people.models import Person
from attunement.journey.supervision.models import Supervision
from attunement.journey.trail import versions
from attunement.study.schema import Pathway


@dataclass(frozen=True)
class Progress:
    """A trainee's progress: what is done, what the whole pathway asks, and the stage that is running."""

    stage: str
    cycles: int
    cycles_needed: int
    clients: int
    clients_needed: int
    hours: float
    hours_needed: float


def pathway(on: date) -> Pathway | None:
    """The adopted pathway that is in force on a day."""
    held = [path for path in versions.current().accreditation if path.adopted and path.valid_from <= on]
    return max(held, key=lambda path: path.valid_from) if held else None


def complete_cycles(person: Person) -> list[tuple[int, int]]:
    """(family, cycle) for each cycle in which the film has a clip and the shared review was held."""
    reviews = set(Session.objects.filter(practitioner=person, kind="review", state="held")
                  .values_list("family_id", "cycle"))
    films = (Session.objects.filter(practitioner=person, kind="film", state="held")
             .annotate(marked=Count("films__clips", filter=Q(films__clips__taken_out_at=None))).filter(marked__gt=0))
    return [(family, cycle) for family, cycle in films.values_list("family_id", "cycle") if (family, cycle) in reviews]


def progress(person: Person, on: date) -> Progress | None:
    path = pathway(on)
    if path is None:
        return None
    cycles = complete_cycles(person)
    clients = len({family for family, _cycle in cycles})
    minutes = Supervision.objects.filter(trainee=person, state="held").aggregate(total=Sum("minutes_held"))["total"] or 0
    done, name = 0, path.stages[-1].name
    for stage in path.stages:
        done += stage.cycles
        if len(cycles) < done:
            name = stage.name
            break
    return Progress(name, len(cycles), sum(stage.cycles for stage in path.stages), clients,
                    sum(stage.clients for stage in path.stages), round(minutes / 60, 2),
                    sum(stage.supervision_hours for stage in path.stages))
