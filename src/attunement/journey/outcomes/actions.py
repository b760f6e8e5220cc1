"""The authority's workbook: pre-filled on its way out; on its way in read, mended, and taken in whole or not at all."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl

from attunement.journey.outcomes import policies, queries
from attunement.journey.outcomes.models import ChildOutcome, Drop, Extract, Pending, Spelling
from attunement.journey.outcomes.wordings import marker
from attunement.journey.people.models import Person, Site
from attunement.journey.people.permissions import need
from attunement.journey.referral.models import Child
from attunement.journey.trail import clock, versions
from attunement.journey.trail.actions import action, record
from attunement.journey.trail.errors import Refused
from attunement.records import RecordsError, derive, histories, workbook
from attunement.records.arriving import Grids, open_files
from attunement.records.differing import rows_of
from attunement.records.further import cp_plan_at_end
from attunement.records.kept import is_correction, keep, merged, strange_columns
from attunement.study import Study

STATUS = {"complete": "found"}


@action
def download(*, by: Person, site: Site) -> bytes:
    """The site's workbook with a line for each child whose window has ended."""
    rows = _drop(by, site)
    target = io.BytesIO()
    workbook.template(target, site=site.name, study=versions.current().slug, children=rows)
    return target.getvalue()


@action
def download_set(*, by: Person, site: Site) -> bytes:
    """The same as a set of CSV files, in one zip."""
    return queries.zipped_set(site, _drop(by, site))


def _drop(by: Person, site: Site) -> list[workbook.Row]:
    need(by, "outcomes.supply", site.code)
    rows = queries.due(site)
    if not rows:
        raise Refused("No family's window has ended yet, so there is nothing to fill in.")
    Drop.objects.create(site=site, made_at=clock.now(),
                        children={row.trial_number: row.allocated_on.isoformat() for row in rows})
    record(by=by, verb="outcomes.downloaded", site=site.code, children=len(rows))
    return rows


@action
def supply(*, by: Person, site: Site, content: bytes | Sequence[tuple[str, bytes]], drop_columns: bool = False) -> Pending:
    """Reads a filled workbook, the files (name, content) of its CSV set, or corrected rows. Nothing counts yet: `approve`.

    Refused, before anything is stored, for any other file, and for columns that are not ours unless `drop_columns`.
    """
    need(by, "outcomes.supply", site.code)
    files = [("workbook.xlsx", content)] if isinstance(content, bytes) else list(content)
    sha256 = hashlib.sha256(b"".join(part for _name, part in files)).hexdigest()
    known = queries.asked(site)
    policies.may_be_sent(site, sha256, known)
    try:
        grids = open_files(files)
    except RecordsError as error:
        raise Refused(str(error)) from None
    strange = strange_columns(grids)
    if strange and not drop_columns:
        raise Refused(f"There are columns that are not ours: {'; '.join(strange[:5])}. They are never kept. Take them out "
                      "of the file, or choose “Leave such columns out”.")
    kept = _kept(site, grids, known)
    waiting = Pending.objects.filter(site=site).first()
    pending, _new = Pending.objects.update_or_create(site=site, defaults={
        "kept": kept, "sha256": sha256, "sent_by": by, "sent_at": clock.now(),
        "dates": waiting.dates if waiting and is_correction(grids) else "", "left_out": strange,
        "study_version": versions.latest_number()})
    record(by=by, verb="outcomes.sent", site=site.code, sha256=sha256, corrected=is_correction(grids),
           columns_left_out=len(strange))
    return pending


def _kept(site: Site, grids: Grids, known: Mapping[str, date]) -> dict[str, Any]:
    mark = marker(site)
    if not is_correction(grids):
        return keep(grids, known, mark)
    waiting = Pending.objects.select_for_update().filter(site=site).first()
    if waiting is None:
        raise Refused("These are corrected rows, and no workbook waits for them. Send the whole workbook first.")
    return merged(waiting.kept, grids, known, mark)


@action
def say_dates(*, by: Person, pending: Pending, dates: str) -> None:
    """How the file writes dates that could be two days: dmy or iso."""
    need(by, "outcomes.supply", pending.site.code)
    if dates not in ("dmy", "iso"):
        raise Refused("Choose how the file writes its dates.")
    pending.dates = dates
    pending.save(update_fields=["dates"])
    record(by=by, verb="outcomes.dates_said", site=pending.site.code, dates=dates)


@action
def map_spelling(*, by: Person, site: Site, sheet: str, column: str, mark: str, code: str) -> None:
    """A local wording stands for a code from now on, at this authority; with no code it stands for none again."""
    need(by, "outcomes.supply", site.code)
    policies.code_exists(sheet, column, code)
    Spelling.objects.filter(site=site, mark=mark).delete()
    if code:
        if not policies.is_a_mark(mark):
            raise Refused("This is no wording of a workbook that was sent.")
        Spelling.objects.create(site=site, sheet=sheet, column=column, mark=mark, code=code, set_by=by, set_at=clock.now())
    record(by=by, verb="outcomes.spelling_mapped", site=site.code, sheet=sheet, column=column, code=code)


@action
def discard(*, by: Person, pending: Pending) -> None:
    """Throws a return away that nobody has approved."""
    need(by, "outcomes.supply", pending.site.code)
    record(by=by, verb="outcomes.discarded", site=pending.site.code, sha256=pending.sha256)
    pending.delete()


@action
def approve(*, by: Person, pending: Pending, sha256: str, explained: Mapping[str, str] | None = None) -> Extract:
    """A named person takes the return with this hash in: from now on its outcomes count. Whole, or not at all."""
    need(by, "outcomes.supply", pending.site.code)
    site = pending.site
    pending = Pending.objects.select_for_update().filter(pk=pending.pk, sha256=sha256).first() or _gone()
    known, returned = queries.asked(site), queries.read_again(pending)
    explained = dict(explained or {})
    policies.may_be_taken_in(site, returned, explained)
    assert returned.extract_on is not None
    outcomes = _derived(histories(returned), known, returned.extract_on, versions.current())
    extract = Extract.objects.create(site=site, taken_on=returned.extract_on, sha256=pending.sha256, children=len(outcomes),
                                     supplied_by=pending.sent_by, supplied_at=pending.sent_at, approved_by=by,
                                     rows=rows_of(returned), explained=explained)
    children = {child.trial_number: child for child in
                Child.objects.filter(family__site=site, index=True).select_related("family__site")}
    ChildOutcome.objects.bulk_create([
        ChildOutcome(child=children[row["trial_id"]], extract=extract, status=STATUS.get(row["state"], row["state"]),
                     values=_values(row), evidence=row["evidence"]) for row in outcomes])
    record(by=by, verb="outcomes.supplied", site=site.code, extract=extract.pk, children=len(outcomes),
           sha256=pending.sha256, taken_on=extract.taken_on)
    pending.delete()
    return extract


def _gone() -> Pending:
    raise Refused("The return has changed since you looked at it. Look at the difference again.")


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
