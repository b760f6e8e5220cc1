"""Whose records are due, what a return that waits says, and which outcome holds."""

from __future__ import annotations

import csv
import io
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from attunement.journey.arms.models import Allocation
from attunement.journey.consent import queries as consent
from attunement.journey.outcomes.models import ChildOutcome, Drop, Extract, Pending
from attunement.journey.outcomes.wordings import mapped
from attunement.journey.people.models import Site
from attunement.journey.referral.models import Child
from attunement.journey.trail import clock, versions
from attunement.records import safe_cell
from attunement.records.csv_set import template_set
from attunement.records.differing import Change, difference, rows_of
from attunement.records.findings import Finding, expected_of
from attunement.records.kept import only, restored
from attunement.records.reading import Return, read_sheets
from attunement.records.template import Row
from attunement.study.calendar import add_months


def due(site: Site) -> list[Row]:
    """The index children of both arms whose window has ended, in one order; withdrawn families are gone."""
    months = versions.current().records.months_after
    allocated = dict(Allocation.objects.filter(family__site=site).values_list("family_id", "at"))
    rows = []
    for child in Child.objects.filter(family__in=allocated, index=True).select_related("family__site"):
        start = clock.day_of(allocated[child.family_id])
        end = add_months(start, months)
        if end <= clock.today() and consent.allows(child.family, "records"):
            rows.append(Row(child.trial_number, start, end))
    return sorted(rows, key=lambda row: row.trial_number)


def asked(site: Site) -> dict[str, date]:
    """Trial number -> first day, of the children in the workbook that the site downloaded last."""
    drop = Drop.objects.filter(site=site).last()
    return {} if drop is None else {number: date.fromisoformat(day) for number, day in drop.children.items()}


def zipped_set(site: Site, rows: Sequence[Row]) -> bytes:
    """Our workbook as a set of CSV files."""
    content = io.BytesIO()
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        template_set(Path(folder), site=site.name, study=versions.current().slug, children=rows)
        for path in sorted(Path(folder).iterdir()):
            archive.writestr(zipfile.ZipInfo(path.name), path.read_bytes(), zipfile.ZIP_DEFLATED)  # no hour in it
    return content.getvalue()


def own_sheet(site: Site) -> str:
    """The empty sheet trial number, child id, first day that an authority keeps for itself, as CSV; never sent back."""
    days = dict(Allocation.objects.filter(family__site=site).values_list("family_id", "at"))
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(("trial_number", "child_id", "t0"))
    for child in sorted(_children(site), key=lambda child: child.trial_number):
        if consent.allows(child.family, "records") or not child.family.statements.exists():
            at = days.get(child.family_id)
            rows.writerow((safe_cell(child.trial_number), "", clock.day_of(at).isoformat() if at else ""))
    return text.getvalue()


def _children(site: Site) -> list[Child]:
    found = Child.objects.filter(family__site=site, index=True, family__erased="")
    return list(found.select_related("family__site"))


def read_again(pending: Pending) -> Return:
    """The waiting return as it reads today: with its answer about dates, the site's spellings, and without the children
    whose families have withdrawn since they were asked for."""
    agreed = still_agreed(pending.site)
    known = {number: day for number, day in asked(pending.site).items() if number in agreed}
    found = read_sheets(restored(only(pending.kept, agreed)), known=known, today=clock.today(),
                        dates=pending.dates or None, spellings=mapped(pending.site))  # type: ignore[arg-type]
    return replace(found, findings=(*found.findings, *_too_early(known, found.extract_on)))


def _too_early(known: dict[str, date], extract_on: date | None) -> Iterator[Finding]:
    records = versions.current().records
    for number, day in known.items() if extract_on else ():
        ready = add_months(day, records.months_after) + timedelta(days=records.lag_days)
        if extract_on is not None and extract_on < ready:
            there = f"an extract of {extract_on:%d/%m/%Y}; this child needs one from {ready:%d/%m/%Y}"
            yield Finding("problem", "Children", None, None, number, there, expected_of("too_early"), "too_early")


def last_accepted(site: Site) -> Extract | None:
    return Extract.objects.filter(site=site).order_by("taken_on", "id").last()


def differs(pending: Pending, returned: Return) -> list[Change]:
    """The waiting return against the one accepted last."""
    before = last_accepted(pending.site)
    return difference(before.rows if before else {}, rows_of(returned))


def still_agreed(site: Site) -> set[str]:
    """The trial numbers whose families agree to records today: whoever withdrew since the download is left out."""
    children = Child.objects.filter(family__site=site, index=True).select_related("family__site")
    return {child.trial_number for child in children if consent.allows(child.family, "records")}


def newest(until: date | None = None) -> dict[int, ChildOutcome]:
    """Child id -> the outcome of the newest extract, of those taken by the end of `until`."""
    rows = ChildOutcome.objects.select_related("extract").order_by("extract__taken_on", "id")
    rows = rows if until is None else rows.filter(extract__taken_on__lte=until)
    return {row.child_id: row for row in rows}
