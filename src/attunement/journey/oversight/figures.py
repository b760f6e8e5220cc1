"""Recruitment, rates and kinds of loss for the page of progress: true counts, never by arm."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Sum

from attunement.journey.arms.models import Allocation
from attunement.journey.consent.models import Statement
from attunement.journey.delivery.models import Session
from attunement.journey.fieldwork import queries as fieldwork
from attunement.journey.oversight import queries
from attunement.journey.oversight.models import RegisterEntry
from attunement.journey.people.models import Person
from attunement.journey.people.permissions import need
from attunement.journey.surveys.models import HELP_REASONS, HELPERS, Questionnaire
from attunement.journey.trail import clock, versions
from attunement.journey.trail.actions import action, record
from attunement.study.calendar import add_months, window
from attunement.study.planned import said


@dataclass(frozen=True)
class Month:
    """Families allocated in a month at each site in the order of the study file; `planned` and `so_far` of all sites."""

    first: date
    sites: tuple[int, ...]
    planned: int
    so_far: int
    target: int

    @property
    def all(self) -> int:
        return sum(self.sites)


@dataclass(frozen=True)
class Rate:
    """`part` of `whole`, at one site; `site` empty for all of them."""

    site: str
    consent: tuple[int, int]
    baseline: tuple[int, int]


@dataclass(frozen=True)
class Dropout:
    """Allocated families lost to the questionnaires alone, to the delivery alone, to both."""

    survey: int
    delivery: int
    both: int


def recruitment() -> list[Month]:
    """Each month of the intake up to now, against the target in equal steps a day."""
    study, today = versions.current(), clock.today()
    intake, days = said(study, "intake"), list(_allocated_at())
    if intake is None or intake.start is None or intake.end is None:
        return []
    codes, target = [site.code for site in study.sites], sum(site.target for site in study.sites)
    counts = Counter((site, day.year, day.month) for site, day in days)
    first = min([intake.start, *(day for _site, day in days)]).replace(day=1)
    whole, lines, so_far, due = (intake.end - intake.start).days + 1, [], 0, 0
    while first <= today and first <= intake.end:
        after = add_months(first, 1)
        gone = max(0, (min(after, intake.end) - intake.start).days + (after > intake.end))
        here = tuple(counts[site, first.year, first.month] for site in codes)
        so_far, before, due = so_far + sum(here), due, round(target * gone / whole)
        lines.append(Month(first, here, due - before, so_far, due))
        first = after
    return lines


def _allocated_at() -> Iterator[tuple[str, date]]:
    for site, at in Allocation.objects.values_list("family__site__code", "at"):
        yield site, clock.day_of(at)


def rates() -> list[Rate]:
    """Consent of those eligible; allocated families whose first questionnaires were complete before the draw."""
    asked = queries.before_allocation(versions.current())
    done: dict[int, list[date]] = {}
    for family, at in Questionnaire.objects.filter(time_point__in=asked, state="complete").values_list(
            "family_id", "completed_at"):
        done.setdefault(family, []).append(at)
    before: Counter[str] = Counter()
    for family, site, at in Allocation.objects.values_list("family_id", "family__site__code", "at"):
        papers = done.get(family, [])
        if len(papers) == len(asked) and all(paper <= at for paper in papers):
            before.update([site, ""])
    return [Rate(line.site, (line.consented, line.eligible), (before[line.site], line.allocated))
            for line in queries.funnels()]


def helped() -> list[tuple[str, str, int, int, int]]:
    """(how it was answered, language, questionnaires handed in, of these with help, minutes of help)."""
    names = {known.code: known.name for known in versions.current().languages}
    words = dict(Questionnaire._meta.get_field("mode").choices or [])
    rows = (Questionnaire.objects.filter(state="complete").values("mode", "language").order_by("mode", "language")
            .annotate(papers=Count("pk"), minutes=Sum("help_minutes")))
    with_help = Counter(Questionnaire.objects.filter(state="complete", help_minutes__gt=0)
                        .values_list("mode", "language"))
    return [(str(words.get(row["mode"], row["mode"])), names.get(row["language"], row["language"]), row["papers"],
             with_help[row["mode"], row["language"]], row["minutes"]) for row in rows]


def reasons_of_help() -> list[tuple[str, str, int, int]]:
    """(why help was given, who gave it, questionnaires handed in with it, minutes), the most minutes first."""
    reasons, helpers = dict(HELP_REASONS), dict(HELPERS)
    rows = (Questionnaire.objects.filter(state="complete", help_minutes__gt=0).values("help_reason", "helper")
            .annotate(papers=Count("pk"), minutes=Sum("help_minutes")).order_by("-minutes", "help_reason", "helper"))
    return [(reasons.get(row["help_reason"], "Not said"), helpers.get(row["helper"], "Not said"), row["papers"],
             row["minutes"]) for row in rows]


def survey_dropout() -> set[int]:
    """Allocated families that can no longer be asked, that were not found, or whose window closed without an answer."""
    study, today, days = versions.current(), clock.today(), queries.allocation_days()
    stopping = {purpose.code for purpose in study.consent.purposes if {"surveys", "contact"} & set(purpose.stops)}
    lost = set(Statement.objects.filter(purpose__in=stopping, withdrawal=True, family__in=days)
               .values_list("family_id", flat=True))
    for point in study.time_points:
        if point.months_after is None:
            continue
        done = set(Questionnaire.objects.filter(time_point=point.code, state="complete")
                   .values_list("family_id", flat=True))
        lost |= {family for family, day in days.items() if family not in done and window(point, day)[1] < today}
        lost |= fieldwork.lost(point.code) & set(days) - done
    return lost


def sees_arms(person: Person) -> bool:
    """At every site, for the counts are of all sites."""
    return person.may("arms.see") and person.sites_with("arms.see") is None


@action
def dropout_kinds(*, by: Person) -> Dropout:
    """Only families of one arm have sessions: these counts are of that arm, for those who may see arms everywhere."""
    need(by if sees_arms(by) else None, "arms.see")
    surveys, delivery = survey_dropout(), _delivery_dropout()
    record(by=by, verb="oversight.dropout_read")
    return Dropout(len(surveys - delivery), len(delivery - surveys), len(surveys & delivery))


def _delivery_dropout() -> set[int]:
    """Families with planned sessions whose last one's day has passed, and whose last one on record was not held."""
    rows: dict[int, list[tuple[date, str]]] = {}
    for family, day, state in Session.objects.order_by("family", "number").values_list(
            "family_id", "planned_for", "state"):
        rows.setdefault(family, []).append((day, state))
    left = set(Statement.objects.filter(purpose__in=queries.required(), withdrawal=True, family__in=rows)
               .values_list("family_id", flat=True))
    for family, sessions in rows.items():
        over = max(day for day, _state in sessions) < clock.today()
        recorded = [state for _day, state in sessions if state != "planned"]
        if over and recorded and recorded[-1] != "held":
            left.add(family)
    return left


def registers() -> list[tuple[str, int, int, int, int]]:
    """(title, entries, waiting, overdue now, met too late) of each register."""
    entries: dict[str, list[RegisterEntry]] = {}
    for entry in RegisterEntry.objects.all():
        entries.setdefault(entry.register, []).append(entry)
    found = []
    for register in versions.current().registers:
        here = entries.get(register.code, [])
        late = [entry for entry in here if entry.overdue]
        found.append((register.title, len(here), sum(1 for entry in here if not entry.closed_at),
                      sum(1 for entry in late if entry.met_on is None), sum(1 for entry in late if entry.met_on)))
    return found
