"""How far trainees are towards accreditation, by the study file's dated pathway, and the clips that are shared."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, QuerySet, Sum

from attunement.journey.delivery.models import Session
from attunement.journey.films.models import Clip, Film
from attunement.journey.people.models import Holding, Person
from attunement.journey.supervision.models import PracticeCycle, Supervision
from attunement.journey.trail import versions
from attunement.study.schema import Pathway


@dataclass(frozen=True)
class Progress:
    """A trainee's progress: what is done, what the whole pathway asks, and the stage that is running."""

    stage: str
    ends_with: str
    complete: bool
    cycles: int
    cycles_needed: int
    clients: int
    clients_needed: int
    hours: float
    hours_needed: float


@dataclass(frozen=True)
class Trainee:
    """A line of the supervisors' page. `waiting` has passed and was never recorded; `next` is to come."""

    person: Person
    site: str
    progress: Progress | None
    next: Supervision | None
    waiting: Supervision | None


def pathway(on: date) -> Pathway | None:
    """The adopted pathway that is in force on a day."""
    held = [path for path in versions.current().accreditation if path.adopted and path.valid_from <= on]
    return max(held, key=lambda path: path.valid_from) if held else None


def complete_cycles(people: Collection[int]) -> dict[int, set[tuple[int, int]]]:
    """Person id -> (family, cycle) of each cycle in which a film has a clip and the shared review was held."""
    held = Session.objects.filter(practitioner__in=people, state="held")
    reviews = set(held.filter(kind="review").values_list("practitioner", "family", "cycle"))
    marked = held.filter(kind="film", films__clips__isnull=False, films__clips__taken_out_at=None)
    found: dict[int, set[tuple[int, int]]] = {person: set() for person in people}
    for person, family, cycle in marked.values_list("practitioner", "family", "cycle"):
        if (person, family, cycle) in reviews:
            found[person].add((family, cycle))
    return found


def progress_of(people: Collection[int], on: date) -> dict[int, Progress]:
    """Person id -> progress under the pathway in force; empty when the study has none."""
    path = pathway(on)
    if path is None:
        return {}
    cycles = _all_cycles(people)
    minutes = dict(Supervision.objects.filter(trainee__in=people, state="held").values_list("trainee")
                   .annotate(total=Sum("minutes_held")).values_list("trainee", "total"))
    return {person: _progress(path, cycles[person], minutes.get(person, 0)) for person in people}


def progress(person: Person, on: date) -> Progress | None:
    return progress_of([person.pk], on).get(person.pk)


def _all_cycles(people: Collection[int]) -> dict[int, set[tuple[int, int]]]:
    """Those with families of the trial, and with practice families, which are told apart by a minus."""
    found = complete_cycles(people)
    practice = PracticeCycle.objects.filter(family__trainee__in=people)
    for person, family, number in practice.values_list("family__trainee", "family", "number"):
        found[person].add((-family, number))
    return found


def stage_is_done(trainee: Person, path: Pathway, stage: str) -> bool:
    """Whether cycles, clients and hours are there for everything up to the end of that stage."""
    names = [each.name for each in path.stages]
    until = path.model_copy(update={"stages": path.stages[:names.index(stage) + 1]})
    return _progress(until, _all_cycles([trainee.pk])[trainee.pk], minutes_held(trainee)).complete


def minutes_held(trainee: Person) -> int:
    held = Supervision.objects.filter(trainee=trainee, state="held").aggregate(total=Sum("minutes_held"))
    return int(held["total"] or 0)


def missed(people: Collection[int]) -> dict[int, int]:
    """Person id -> supervisions booked and missed."""
    rows = Supervision.objects.filter(trainee__in=people, state="missed").values_list("trainee")
    return dict(rows.annotate(times=Count("id")).values_list("trainee", "times"))


def films_waiting(supervisor: Person) -> dict[int, int]:
    """Person id -> films shared with this supervisor that no supervision has looked at."""
    seen = Film.objects.filter(clips__supervisions__state="held").values("pk")
    waiting = Film.visible_to(supervisor).filter(closed_at=None).exclude(pk__in=seen)
    return dict(waiting.order_by().values_list("added_by").annotate(many=Count("id", distinct=True))
                .values_list("added_by", "many"))


def due(supervisor: Person, on: date) -> list[Supervision]:
    """Booked for today, or passed and never recorded, of this supervisor."""
    return list(Supervision.objects.filter(supervisor=supervisor, state="booked", booked_for__lte=on)
                .select_related("trainee").order_by("-booked_for", "id")[:6])


def _progress(path: Pathway, cycles: set[tuple[int, int]], minutes: int) -> Progress:
    done = (len(cycles), len({family for family, _cycle in cycles}), minutes / 60)
    asked = (0, 0, 0.0)
    running, complete = path.stages[-1], True
    for stage in path.stages:
        asked = (asked[0] + stage.cycles, asked[1] + stage.clients, asked[2] + stage.supervision_hours)
        if complete and any(have < want for have, want in zip(done, asked, strict=True)):
            running, complete = stage, False
    return Progress(running.name, running.ends_with, complete, done[0], asked[0], done[1], asked[1], round(done[2], 2),
                    asked[2])


def trainees(on: date) -> list[Trainee]:
    """Everybody who works as a practitioner now, by site and name."""
    held = (Holding.objects.filter(role="practitioner", until=None, person__is_active=True)
            .select_related("person", "site").order_by("site__code", "person__name", "person"))
    sites: dict[Person, list[str]] = {}
    for holding in held:
        sites.setdefault(holding.person, []).append(holding.site.code if holding.site else "")
    known = progress_of([person.pk for person in sites], on)
    following: dict[int, Supervision] = {}
    waiting: dict[int, Supervision] = {}
    for each in Supervision.objects.filter(trainee__in=sites, state="booked").select_related("supervisor"):
        (following if each.booked_for >= on else waiting).setdefault(each.trainee_id, each)
    return [Trainee(person, ", ".join(codes), known.get(person.pk), following.get(person.pk), waiting.get(person.pk))
            for person, codes in sites.items()]


def films_shared(supervisor: Person, trainee: Person) -> QuerySet[Film]:
    """The trainee's films that this supervisor may watch: the family agrees to filming and to supervision use."""
    return Film.visible_to(supervisor).filter(added_by=trainee, closed_at=None).order_by("-added_at")


def clips_shared(supervisor: Person, trainee: Person) -> QuerySet[Clip]:
    return (Clip.objects.filter(film__in=films_shared(supervisor, trainee), taken_out_at=None)
            .select_related("film__family", "film__session").order_by("-film__added_at", "first"))
