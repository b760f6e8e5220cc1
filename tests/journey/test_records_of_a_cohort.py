"""What an authority cuts out of its statutory returns gives each family the outcomes that are true of it."""

from __future__ import annotations

import io
from datetime import date

import numpy as np
import polars as pl

from attunement.journey.outcomes import actions, queries
from attunement.journey.outcomes.actions import _derived, _values
from attunement.journey.trail import clock, versions
from attunement.records import histories, workbook
from attunement.records.made_up import fill, make_history
from attunement.rehearsal.statutory import by_cohort
from tests.journey.test_records_return import due, take_in  # noqa: F401 - the fixture


def test_outcomes_through_census_and_looked_after_files_equal_the_truth_family_by_family(programme, due):  # noqa: F811
    site, random, today = programme.sites["A"], np.random.default_rng(5), clock.today()
    template = actions.download(by=programme.people["la_analyst"], site=site)
    rows = queries.due(site)
    past = [make_history(row.trial_number, allocated_on=row.allocated_on, window_end=row.window_end, worse=0.7,
                         random=random) for row in rows]
    whole = io.BytesIO()
    fill(io.BytesIO(template), whole, past, extract_on=today)
    known = {row.trial_number: row.allocated_on for row in rows}
    truth = _derived(histories(workbook.read(whole, known=known, today=today)), known, today, versions.current())
    born = min(row.allocated_on for row in rows)
    extract = take_in(programme, by_cohort([(one, born, known[one.trial_number]) for one in past], today))
    found = {row.child.trial_number: row.values for row in extract.outcomes.all()}
    assert found == {row["trial_id"]: _values(row) for row in truth} and len(found) == 2
    assert all(row.evidence for row in extract.outcomes.all())


def test_two_hundred_made_up_children_have_the_same_outcomes_either_way(tmp_path):

    from attunement.records import derive, read, to_histories
    from attunement.records.made_up_returns import made_up_people
    from attunement.records.template import Row

    start, end, taken = date(2021, 9, 6), date(2022, 3, 6), date(2022, 5, 30)
    people = made_up_people(200, allocated_on=start, window_end=end, worse=0.6, seed=3)
    blank = io.BytesIO()
    asked = [Row(one.history.trial_number, start, end) for one in people]
    workbook.template(blank, site="x", study="y", children=asked)
    direct, cut = tmp_path / "direct.xlsx", tmp_path / "cut.xlsx"
    with direct.open("wb") as file:
        fill(io.BytesIO(blank.getvalue()), file, [one.history for one in people], extract_on=taken)
    cut.write_bytes(by_cohort([(one.history, one.birth_date, start) for one in people], taken))
    frames = []
    for path in (direct, cut):
        found = to_histories(read(path))
        ids = found.children["trial_id"]
        randomised = pl.DataFrame({"trial_id": ids, "t0": [start] * len(ids), "extract_date": [taken] * len(ids)})
        frames.append(derive(found.children, found.episodes, found.events, randomised).drop("evidence").sort("trial_id"))
    assert frames[0].equals(frames[1])
