"""How the trial is getting on: true counts, never by arm."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

from django.db.models import Sum

from attunement.journey.arms.models import Allocation
from attunement.journey.consent.circumstances import KINDS
from attunement.journey.consent.models import Change, Renewal, Statement
from attunement.journey.delivery.models import Session
from attunement.journey.fieldwork import queries as fieldwork
from attunement.journey.oversight.models import RegisterEntry, Review
from attunement.journey.people.models import Person, Site
from attunement.journey.referral.models import Child, Family
from attunement.journey.surveys.models import Questionnaire
from attunement.journey.trail import clock, versions
from attunement.study import Study
from attunement.study.calendar import add_months, window


@dataclass(frozen=True)
class Funnel:
    """How many families reached each step; `site` empty for all of them."""

    site: str
    target: int
    referred: int
    eligible: int
    consented: int
    baseline: int
    allocated: int


@dataclass(frozen=True)
class FollowUp:
    """A questionnaire after allocation: how many are done, open now, still to come, and closed without an answer.

    `overdue`: of those open now, the ones whose own day has passed. `lost`: of those closed, the families that were looked
    for and not found, which are closed before the window is.
    """

    time_point: str
    done: int
    due: int
    later: int
    missed: int
    overdue: int = 0
    lost: int = 0


def funnels() -> list[Funnel]:
    """One line a site, and the whole study last."""
    study = versions.current()
    targets = {site.code: site.target for site in study.sites}
    families, sets = dict(Family.objects.values_list("pk", "site__code")), reached(study)
    lines = []
    for code in [*Site.objects.values_list("code", flat=True), ""]:
        counts = [sum(1 for family in step if code in ("", families[family])) for step in sets]
        lines.append(Funnel(code, targets.get(code, sum(targets.values())), *counts))
    return lines


def reached(study: Study) -> list[set[int]]:
    """The families that reached each step: referred, eligible, consented, first questionnaire, allocated."""
    return [set(Family.objects.values_list("pk", flat=True)),
            set(Child.objects.filter(index=True).values_list("family_id", flat=True)),
            consented_families(study),
            set(Questionnaire.objects.filter(time_point__in=before_allocation(study), state="complete")
                .values_list("family_id", flat=True)),
            set(Allocation.objects.values_list("family_id", flat=True))]


def before_allocation(study: Study) -> list[str]:
    return [point.code for point in study.time_points if point.months_after is None]


def consented_families(study: Study) -> set[int]:
    """The families that once gave all that is required, whatever they took back later."""
    required = {purpose.code for purpose in study.consent.purposes if purpose.required}
    said: dict[int, set[str]] = {}
    for family, purpose in Statement.objects.filter(purpose__in=required, given=True).values_list("family_id", "purpose"):
        said.setdefault(family, set()).add(purpose)
    return {family for family, purposes in said.items() if purposes == required}


def allocation_days() -> dict[int, date]:
    return {family: clock.day_of(at) for family, at in Allocation.objects.values_list("family_id", "at")}


def months() -> list[tuple[str, int]]:
    """Families allocated in each calendar month."""
    counts = Counter((day.year, day.month) for day in allocation_days().values())
    return [(f"{date(year, month, 1):%B %Y}", number) for (year, month), number in sorted(counts.items())]


def follow_ups() -> list[FollowUp]:
    study, today, days = versions.current(), clock.today(), allocation_days()
    lines = []
    for point in study.time_points:
        if point.months_after is None:
            continue
        done = set(Questionnaire.objects.filter(time_point=point.code, state="complete")
                   .values_list("family_id", flat=True))
        counts: Counter[str] = Counter()
        lost = fieldwork.lost(point.code) & set(days) - done
        for family, day in days.items():
            first, last = window(point, day)
            open_now = today <= last and family not in lost
            counts["done" if family in done else "later" if today < first else "due" if open_now else "missed"] += 1
            counts["overdue"] += family not in done and open_now and add_months(day, point.months_after) < today
        lines.append(FollowUp(next(iter(point.title.values())), counts["done"], counts["due"], counts["later"],
                              counts["missed"], counts["overdue"], len(lost)))
    return lines


def dropout() -> list[tuple[str, int]]:
    allocated = set(allocation_days())
    changes = Change.objects.filter(ended_on=None).values_list("family_id", "kind")
    left = Counter(dict(KINDS)[kind] for family, kind in changes if family in allocated)
    withdrawn = Statement.objects.filter(purpose__in=required(), withdrawal=True).values_list("family_id", flat=True)
    left["The family has withdrawn from taking part"] = len(allocated & set(withdrawn))
    return sorted(left.items())


def required() -> list[str]:
    return [purpose.code for purpose in versions.current().consent.purposes if purpose.required]


def languages() -> list[tuple[str, int, int, int]]:
    """(language, families, of these in need of help, minutes of help given so far)."""
    names = {known.code: known.name for known in versions.current().languages}
    minutes = dict(Questionnaire.objects.values_list("language").annotate(total=Sum("help_minutes")))
    lines = []
    for code, name in names.items():
        spoken = Family.objects.filter(language=code)
        lines.append((name, spoken.count(), spoken.filter(help_needed=True).count(), minutes.get(code) or 0))
    return lines


# Its counts are those of one arm: the share is judged and shown, the counts are not.
TELLS_ARM = ("started",)


def criteria() -> list[dict[str, object]]:
    """The review point's figures as they stand today, each judged green, amber or red."""
    figures = _shares()
    judged = []
    for rule in versions.current().review_point.criteria:
        share, part, whole = figures[rule.measure]
        if rule.measure in TELLS_ARM:
            part = whole = None
        judged.append({"code": rule.code, "title": rule.title, "share": share, "part": part, "whole": whole,
                       "percent": None if share is None else round(100 * share),
                       "colour": colour(share, rule.green, rule.amber, rule.higher_is_better)})
    return judged


def colour(share: float | None, green: float, amber: float, higher: bool) -> str:
    if share is None:
        return "not known"
    reached = (lambda bound: share >= bound) if higher else (lambda bound: share <= bound)
    return "green" if reached(green) else "amber" if reached(amber) else "red"


def _shares() -> dict[str, tuple[float | None, int | None, int | None]]:
    study, whole = versions.current(), funnels()[-1]
    follow_up = follow_ups()
    done, missed = sum(line.done for line in follow_up), sum(line.missed for line in follow_up)
    days = allocation_days()
    month_ago = [family for family, day in days.items() if (clock.today() - day).days >= 28]
    started = set(Session.objects.filter(state="held").values_list("family_id", flat=True))
    # Only families with a practitioner have sessions, so this share counts the planned ones and names no arm.
    planned = set(Session.objects.values_list("family_id", flat=True))
    counted = {
        "recruited_share": (whole.allocated, round(whole.target * _elapsed(study))),
        "consent_rate": (whole.consented, whole.eligible),
        "baseline_complete": (whole.baseline, whole.consented),
        "follow_up_complete": (done, done + missed),
        "help_needed": (Family.objects.filter(help_needed=True).count(), whole.referred),
        "started": (len(started & planned & set(month_ago)), len(planned & set(month_ago))),
    }
    return {name: (part / of if of else None, part, of) for name, (part, of) in counted.items()}


def _elapsed(study: Study) -> float:
    """The share of the intake's days that has passed."""
    intake = next((line for line in study.calendar if line.what == "intake" and line.adopted), None)
    if intake is None or intake.start is None or intake.end is None:
        return 1.0
    days = (min(clock.today(), intake.end) - intake.start).days + 1
    return max(0.0, days / ((intake.end - intake.start).days + 1))


def asked_again_since(review: Review) -> int:
    """Families that an amendment since the review point has to be put to again."""
    return (Renewal.objects.filter(because="amendment", study_version__gt=review.study_version)
            .values("family").distinct().count())


def opener(person: Person, entry: RegisterEntry) -> str:
    """Who made an entry. Practitioners meet families of one arm only, so their name tells it."""
    if entry.opened_by is None:
        return "the data themselves"
    told = entry.family is None or entry.opened_by_id == person.pk or (
        person.may("arms.see", entry.family.site.code))
    return entry.opened_by.name if told else "somebody who works with the family; ask the site's coordinator"
