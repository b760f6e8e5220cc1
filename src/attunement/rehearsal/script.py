"""The whole programme, from the study's first day to its last report."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import count

from attunement.rehearsal.amending import REASON
from attunement.rehearsal.authorities import authority
from attunement.rehearsal.cases import FAMILY, OVERSIGHT, PRACTITIONER, SITE, Practitioner, Rehearsal, Returned
from attunement.rehearsal.chance import Chance
from attunement.rehearsal.days import Span, add_days, instant, intake
from attunement.rehearsal.diary import Course, Diary
from attunement.rehearsal.errors import RehearsalError
from attunement.rehearsal.families import family
from attunement.rehearsal.lives import Life, live
from attunement.rehearsal.minds import Minds
from attunement.rehearsal.people import team
from attunement.rehearsal.programme import Programme
from attunement.rehearsal.trainees import courses, leaving, practice, supervision, training
from attunement.rehearsal.truth import Truth
from attunement.study import Study
from attunement.study.planned import first_allocation, said

Progress = Callable[[int, int, str], None]
_MOST_FOR_ONE = 60
_PLAN_LOCKED_BEFORE = 30
_SHORTEST_RECORDS = 3
_KINDS = ("removed", "died", "moved", "other_carer", "adopted", "parent_died", "unsafe")


@dataclass(frozen=True)
class Done:
    """What a rehearsal made: `snapshots`: a report's code -> its snapshot, in order of time; `returned`: a site's code ->
    what its authority sent last.
    """

    referred: int
    allocated: int
    snapshots: Mapping[str, str]
    returned: Mapping[str, Returned] = field(default_factory=dict)


def rehearse(
    study: Study,
    programme: Programme,
    *,
    families: int,
    seed: int,
    truth: Truth | None = None,
    progress: Progress | None = None,
    amended: Study | None = None,
) -> Done:
    """Drive `programme` through the whole study with as many allocated `families`, shared out by the sites' targets.

    `amended`: the study as the review point leaves it, where that is to lead to an amendment. `progress` is told the
    days gone by, all days, and a few words. RehearsalError, before anything is done, when the
    study or the truth cannot be rehearsed.
    """
    truth = truth or Truth()
    _hold(study, families)
    chance, span = Chance(seed), intake(study)
    lives = [
        life
        for number, size in enumerate(shares(study, families))
        for life in _until_allocated(study, truth, chance, span, number, size)
    ]
    rehearsal = Rehearsal(
        study=study,
        asked=amended or study,
        truth=truth,
        chance=chance,
        programme=programme,
        minds=Minds(amended or study, truth, chance),
        diary=Diary(),
        staff=team(study, chance, families),
        happenings=happenings(lives, truth, len(study.sites)),
    )
    first = said(study, "programme")
    start = first.start if first is not None and first.start is not None else add_days(span.first, -60)
    rehearsal.begin(_oversight(rehearsal, lives, start, span), OVERSIGHT)
    rehearsal.diary.run(_clock(rehearsal, start, progress))
    allocated = sum(case.allocated_on is not None for case in rehearsal.cases.values())
    return Done(len(rehearsal.cases), allocated, rehearsal.snapshots, rehearsal.returned)


def shares(study: Study, families: int) -> list[int]:
    """The sites' parts of `families` by their targets: the largest remainders get one more, the first of equals."""
    whole = sum(site.target for site in study.sites)
    exact = [families * site.target / whole for site in study.sites]
    found = [int(part) for part in exact]
    for number in sorted(range(len(exact)), key=lambda n: (found[n] - exact[n], n))[: families - sum(found)]:
        found[number] += 1
    return found


def happenings(lives: Sequence[Life], truth: Truth, sites: int) -> Mapping[tuple[int, int], tuple[str, int]]:
    """What befalls whom, days after allocation: the second family of a site, then the fourth, and so on, in turn.

    Where a site has not so many, it befalls another early family, as long as most families are left in peace.
    """
    allocated: dict[int, list[Life]] = {}
    for life in lives:
        if life.is_allocated:
            allocated.setdefault(life.place[0], []).append(life)
    times = (truth.removals, truth.deaths, truth.moves, truth.other_carers, truth.adoptions, truth.parent_deaths,
             truth.unsafe)
    wanted = [kind for kind, count in zip(_KINDS, times, strict=True) for _time in range(count)]
    found: dict[tuple[int, int], tuple[str, int]] = {}
    for number, kind in enumerate(wanted):
        own, place = allocated.get(number % sites, []), 1 + 2 * (number // sites)
        others = [life for lives_there in allocated.values() for life in lives_there[1:] if life.place not in found]
        spare = others if sum(map(len, allocated.values())) >= 2 * len(wanted) else []
        for life in (own[place:place + 1] or spare)[:1]:
            found[life.place] = kind, 50 + 11 * number % 60
    return found


def _hold(study: Study, families: int) -> None:
    if isinstance(families, bool) or not isinstance(families, int) or families < 1:
        raise RehearsalError("A rehearsal needs one family or more.")
    if not study.reports:
        raise RehearsalError("The study names no report, so a rehearsal would have no end.")
    if study.records.months_after < _SHORTEST_RECORDS:
        raise RehearsalError("A rehearsal makes up records of three months or more after allocation.")


def _until_allocated(
    study: Study, truth: Truth, chance: Chance, span: Span, site: int, size: int
) -> list[Life]:
    """Lives at one site until `size` of them lead to an allocation."""
    lives: list[Life] = []
    allocated = 0
    for number in count():
        if allocated == size:
            return lives
        if number > _MOST_FOR_ONE * (size + 1):
            break
        lives.append(live(study, truth, chance, span, (site, number)))
        allocated += lives[-1].is_allocated
    raise RehearsalError("So few families would be allocated that the programme would never fill.")


def _oversight(rehearsal: Rehearsal, lives: Sequence[Life], start: date, span: Span) -> Course:
    """What the evaluators do for the whole study; it begins every other course."""
    study, programme = rehearsal.study, rehearsal.programme
    yield instant(study, start, 9)
    programme.open_study(staff=rehearsal.staff)
    _begin_practitioners(rehearsal, start)
    for number in range(len(study.sites)):
        rehearsal.begin(authority(rehearsal, number), SITE, number)
    for life in lives:
        rehearsal.begin(family(rehearsal, life), FAMILY, *life.place)
    yield instant(study, add_days(first_allocation(study) or span.first, -7), 11)
    programme.lock_scheme()
    yield instant(study, study.review_point.on, 15)
    if rehearsal.asked == study:
        programme.hold_review(decision="go_on", reasons="The criteria were looked at one by one; nothing needs a change.")
    else:
        programme.hold_review(decision="amend", reasons=REASON)
        programme.amend()
    reports = sorted(study.reports, key=lambda report: report.due)
    yield instant(study, max(study.review_point.on, add_days(reports[0].due, -_PLAN_LOCKED_BEFORE)), 15)
    programme.lock_plan()
    for report in reports:
        yield instant(study, report.due, 17)
        name = programme.take_snapshot()
        programme.release(snapshot=name)
        programme.build_report(snapshot=name)
        rehearsal.snapshots[report.code] = name


def _begin_practitioners(rehearsal: Rehearsal, start: date) -> None:
    """Their own effects sum to nothing, so that the truth is what the practitioners' families get on average."""
    staff = [person for person in rehearsal.staff if person.role == "practitioner"]
    effects = [float(rehearsal.chance.stream("staff", 4, n).standard_normal()) for n in range(len(staff))]
    middle = sum(effects) / len(effects) if effects else 0.0
    delivery = said(rehearsal.study, "delivery")
    span = intake(rehearsal.study)
    last = delivery.end if delivery is not None and delivery.end is not None else add_days(span.last, 90)
    for number, person in enumerate(staff):
        one = Practitioner(person, number, effects[number] - middle)
        rehearsal.practitioners[person.key] = one
        rehearsal.begin(training(rehearsal, one, start), PRACTITIONER, number, 0)
        rehearsal.begin(practice(rehearsal, one, start), PRACTITIONER, number, 3)
        rehearsal.begin(supervision(rehearsal, one, Span(span.first, last)), PRACTITIONER, number, 1)
        if number < rehearsal.truth.practitioners_leaving:
            day = add_days(span.first, round(span.days * 0.6))
            rehearsal.begin(leaving(rehearsal, one, day), PRACTITIONER, number, 2)
    rehearsal.begin(courses(rehearsal, list(rehearsal.practitioners.values()), start), PRACTITIONER, len(staff), 4)


def _clock(rehearsal: Rehearsal, start: date, progress: Progress | None) -> Callable[[datetime], None]:
    """Sets the programme's clock, and tells of each new day."""
    last = max(report.due for report in rehearsal.study.reports)
    whole, told = (last - start).days, [-1]

    def at(now: datetime) -> None:
        rehearsal.programme.at(now)
        gone = min((now.date() - start).days, whole)
        if progress is not None and gone > told[0]:
            told[0] = gone
            allocated = sum(case.allocated_on is not None for case in rehearsal.cases.values())
            progress(gone, whole, f"{now:%-d %B %Y}: {len(rehearsal.cases)} families referred, {allocated} allocated")

    return at

