"""Progress as those may see it who do not run the trial: counts that have passed the disclosure gate, and nothing else."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import polars as pl

from attunement.disclosure import Release, protect
from attunement.journey.oversight import queries
from attunement.journey.people.models import Site
from attunement.journey.referral.models import Family
from attunement.journey.trail import versions

TOTAL = "Total"
REACHED = ["Referred, not eligible", "Eligible, no consent", "Consent, no first questionnaire",
           "First questionnaire, not allocated", "Allocated"]


@dataclass(frozen=True)
class Shown:
    """A table to read: `rows` are (name, cells), a cell None where it is hidden."""

    title: str
    head: list[str]
    rows: list[tuple[str, list[int | None]]]


def progress() -> list[Shown]:
    """How far families have come by site, and in which month they were allocated; each table knows the one before."""
    profile = versions.current().disclosure.profile
    sites = [site.code for site in Site.objects.all()]
    first = protect(_by_site(sites), profile)
    names = [name for name, _number in queries.months()]
    second = protect(_by_month(), profile, first)
    return [Shown("Families by how far they have come, and site", ["Site", *REACHED, TOTAL],
                  _rows(first, "site", [*sites, TOTAL], "reached", [*REACHED, TOTAL])),
            Shown("Families allocated, by month", ["Month", "Families"],
                  _rows(second, "month", [*names, TOTAL], "reached", [REACHED[-1]]))]


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


def _rows(release: Release, down: str, names: list[str], across: str,
          heads: list[str]) -> list[tuple[str, list[int | None]]]:
    shown = {(row[down], row[across]): row["n"] for row in release.table.iter_rows(named=True)}
    return [(name, [shown[name, head] for head in heads]) for name in names]
