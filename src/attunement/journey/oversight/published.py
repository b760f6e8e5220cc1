"""Progress as those may see it who do not run the trial: counts that have passed the disclosure gate, and nothing else."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

import polars as pl

from attunement.disclosure import Release, from_json, manifest, protect
from attunement.journey.oversight import queries, releasing
from attunement.journey.oversight.models import Published
from attunement.journey.people.models import Site
from attunement.journey.referral.models import Family
from attunement.journey.trail import clock, versions
from attunement.journey.trail.actions import Rule, action
from attunement.journey.trail.models import StudyVersion

TOTAL = "Total"
REACHED = ["Referred, not eligible", "Eligible, no consent", "Consent, no first questionnaire",
           "First questionnaire, not allocated", "Allocated"]


@dataclass(frozen=True)
class Shown:
    """A table to read: `rows` are (name, cells), a cell None where it is hidden."""

    title: str
    head: list[str]
    rows: list[tuple[str, list[int | None]]]


@dataclass(frozen=True)
class Month:
    """What was published this month, and on which day it was counted."""

    counted_on: date
    profile: str
    tables: list[Shown]


def progress() -> Month:
    """How far families have come by site, and in which month they were allocated: published at the first look in a
    calendar month, and the same until the next.
    """
    row = Published.objects.filter(kind="progress", name=_month()).first() or publish_progress(by=Rule("progress"))
    first, second = (from_json(entry) for entry in row.content)
    assert isinstance(first, Release) and isinstance(second, Release)
    return Month(date.fromisoformat(first.cut), first.profile.name, [
        _shown("Families by how far they have come, and site", "Site", first, "site"),
        _shown("Families allocated, by month", "Month", second, "month")])


@action
def publish_progress(*, by: Rule) -> Published:
    """Counts this month's figures for those who do not run the trial, each held against all that left before. The study
    file says by which rule; whoever approved that version of it approved this.
    """
    before, study = releasing.register().releases, versions.current()
    if row := Published.objects.filter(kind="progress", name=_month()).first():  # somebody looked at the same moment
        return row
    today = clock.today().isoformat()
    first = protect(_by_site([site.code for site in Site.objects.all()]), study.disclosure.profile, before, cut=today)
    second = protect(_by_month(), study.disclosure.profile, [*before, first], cut=today)
    approved = StudyVersion.objects.get(number=versions.latest_number()).approved_by or "The study file"
    told = manifest({"site": first, "month": second}, approved_by=approved, approved_on=clock.today())
    return releasing.enter(by, "progress", _month(), [first, second], told)


def _month() -> str:
    return f"{clock.today():%Y-%m}"


def _by_site(sites: list[str]) -> pl.DataFrame:
    """Each family counts once, at the last step that it reached: steps that hold each other would tell differences."""
    furthest: dict[int, int] = dict.fromkeys(Family.objects.values_list("pk", flat=True), 0)
    for step, families in enumerate(queries.reached(versions.current())[1:], 1):
        furthest |= {family: step for family in families if family in furthest}
    at = dict(Family.objects.values_list("pk", "site__code"))
    counts: Counter[tuple[str, str]] = Counter()
    for family, step in furthest.items():
        for site in (at[family], TOTAL):
            counts.update([(site, REACHED[step]), (site, TOTAL)])
    return _frame("site", {(site, reached): counts[site, reached] for site in [*sites, TOTAL]
                           for reached in [*REACHED, TOTAL]})


def _by_month() -> pl.DataFrame:
    months = queries.months()
    counts = {(name, REACHED[-1]): number for name, number in months}
    return _frame("month", counts | {(TOTAL, REACHED[-1]): sum(number for _name, number in months)})


def _frame(dimension: str, counts: dict[tuple[str, str], int]) -> pl.DataFrame:
    return pl.DataFrame({dimension: [key[0] for key in counts], "reached": [key[1] for key in counts],
                         "n": list(counts.values())},
                        schema={dimension: pl.String, "reached": pl.String, "n": pl.Int64})


def _shown(title: str, down_title: str, release: Release, down: str) -> Shown:
    """Rows and columns as they stood in the table."""
    cells = {(row[down], row["reached"]): row["n"] for row in release.table.iter_rows(named=True)}
    names, heads = (list(dict.fromkeys(key[place] for key in cells)) for place in (0, 1))
    alone = "Families" if len(heads) == 1 else ""
    return Shown(title, [down_title, *([alone] if alone else heads)],
                 [(name, [cells[name, head] for head in heads]) for name in names])
