"""The authority's workbook: pre-filled on its way out, read whole or not at all on its way in."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl

from attunement.journey.outcomes import queries
from attunement.journey.outcomes.models import ChildOutcome, Drop, Extract
from attunement.journey.people.models import Person, Site
from attunement.journey.people.permissions import need
from attunement.journey.referral.models import Child
from attunement.journey.trail import clock, versions
from attunement.journey.trail.actions import action, record
from attunement.journey.trail.errors import Refused
from attunement.records import Finding, RecordsError, derive, histories, workbook
from attunement.records.further import cp_plan_at_end
from attunement.study import Study

STATUS = {"complete": "found"}


class Faulty(Refused):
    """A workbook with faults: nothing of it was taken in. `findings` say what to mend, each with its place."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__("The workbook has faults, so nothing of it was taken in. Mend them and send it again.")
        self.findings = findings


@action
def download(*, by: Person, site: Site) -> bytes:
    """The site's workbook with a line for each child whose window has ended."""
    need(by, "outcomes.supply", site.code)
    rows = queries.due(site)
    if not rows:
        raise Refused("No family's window has ended yet, so there is nothing to fill in.")
    Drop.objects.create(site=site, made_at=clock.now(),
                        children={row.trial_number: row.allocated_on.isoformat() for row in rows})
    target = io.BytesIO()
    workbook.template(target, site=site.name, study=versions.current().slug, children=rows)
    record(by=by, verb="outcomes.downloaded", site=site.code, children=len(rows))
    return target.getvalue()


@action
def supply(*, by: Person, site: Site, content: bytes) -> Extract:
    """Takes in a filled workbook: all of it, or nothing and every fault said."""
    need(by, "outcomes.supply", site.code)
    sha256 = hashlib.sha256(content).hexdigest()
    if Extract.objects.filter(site=site, sha256=sha256).exists():
        raise Refused("This very workbook has been taken in already.")
    known = queries.asked(site)
    if not known:
        raise Refused("Download the workbook first: it says which children are asked for.")
    try:
        returned = workbook.read(io.BytesIO(content), known=known, today=clock.today())
    except RecordsError as error:
        raise Refused(str(error)) from None
    if not returned.ok or returned.extract_on is None:
        raise Faulty(returned.findings)
    agreed = queries.still_agreed(site)
    outcomes = [row for row in _derived(histories(returned), known, returned.extract_on, versions.current())
                if row["trial_id"] in agreed]
    extract = Extract.objects.create(site=site, taken_on=returned.extract_on, sha256=sha256, children=len(outcomes),
                                     supplied_by=by, supplied_at=clock.now())
    children = {child.trial_number: child for child in
                Child.objects.filter(family__site=site, index=True).select_related("family")}
    ChildOutcome.objects.bulk_create([
        ChildOutcome(child=children[row["trial_id"]], extract=extract, status=STATUS.get(row["state"], row["state"]),
                     values=_values(row)) for row in outcomes])
    record(by=by, verb="outcomes.supplied", site=site.code, extract=extract.pk, children=len(outcomes), sha256=sha256,
           taken_on=extract.taken_on)
    return extract


def _derived(found: Any, known: Mapping[str, date], extract_on: date, study: Study) -> list[dict[str, Any]]:
    asked = found.children["trial_id"].to_list()
    randomised = pl.DataFrame({"trial_id": asked, "t0": [known[number] for number in asked],
                               "extract_date": [extract_on] * len(asked)},
                              schema={"trial_id": pl.String, "t0": pl.Date, "extract_date": pl.Date})
    frame = derive(found.children, found.episodes, found.events, randomised, months=study.records.months_after,
                   lag_days=study.records.lag_days)
    return cp_plan_at_end(found.episodes, frame).to_dicts()


def _values(row: dict[str, Any]) -> dict[str, int | None]:
    """The outcomes that the study asks for, as whole numbers; blank stays missing."""
    return {outcome.code: None if row[outcome.code] is None else int(row[outcome.code])
            for outcome in versions.current().records.outcomes}
