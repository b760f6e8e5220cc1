"""What leaves the trial enters a register, is held to all that left before, and can be read up with who approved it."""

from __future__ import annotations

import json
import shutil
from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction

from attunement.disclosure import Register, audit
from attunement.journey.oversight import actions, lock_actions, published, releasing
from attunement.journey.oversight.models import Published
from attunement.journey.trail import clock
from attunement.journey.trail.models import Entry
from tests.journey.lock_cast import taken_to


@pytest.fixture
def snapshot(programme):
    for _family in range(4):
        programme.allocated()
    with clock.at(clock.local(date(2022, 8, 31))):
        taken = taken_to(programme, "results").snapshot
        yield taken
        shutil.rmtree(actions.report_path(taken).parent, ignore_errors=True)


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_released_report_stands_in_the_register_once_however_often_it_is_built(programme, snapshot):
    folder = actions.build_report(by=programme.people["trial_manager"], snapshot=snapshot)
    first = contents(folder)
    again = contents(actions.build_report(by=programme.people["funder"], snapshot=snapshot))
    assert again == first
    row, people = Published.objects.get(), [programme.people[who].name for who in
                                            ("trial_manager", "monitoring_statistician")]
    assert (row.kind, row.name, row.approved_by) == ("report", snapshot.name, " and ".join(people))
    assert row.manifest["approved_on"] == "2022-08-31"
    assert json.loads(first["release.json"]) == row.manifest
    assert Entry.objects.filter(verb="oversight.published").count() == 1


def test_a_report_that_cannot_be_entered_is_not_there(programme, snapshot, monkeypatch):
    def fails(*_given, **_named):
        raise OSError

    lock = snapshot.lock
    shutil.rmtree(lock.path / "run")
    monkeypatch.setattr(releasing, "register", Register)
    monkeypatch.setattr(releasing, "enter", fails)
    with pytest.raises(OSError):
        lock_actions._run(programme.people["trial_statistician"], lock, "run")
    assert not (lock.path / "run").exists()


def test_the_funders_figures_are_of_one_day_a_month_and_each_is_held_to_the_ones_before(programme, browse):
    programme.refer()
    said = []
    for month in (10, 11, 12):
        with clock.at(clock.local(date(2021, month, 3))):
            programme.refer()
            browse("funder").get("/progress/")
            programme.refer()
            said.append(browse("funder").get("/progress/").content.decode())
    assert ["As it stood on 3 October 2021" in said[0], "3 December 2021" in said[2]] == [True, True]
    assert Published.objects.filter(kind="progress").count() == 3
    assert not audit(releasing.register().releases)
    assert published.progress().counted_on != date(2021, 12, 3), "another month, another release"


def test_the_database_refuses_to_change_or_delete_what_has_left(programme):
    published.progress()
    for change in ("UPDATE oversight_published SET approved_by = 'x'", "DELETE FROM oversight_published"):
        refused = pytest.raises(DatabaseError, match="stays in the register")
        with refused, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(change)
    assert Published.objects.exclude(approved_by="x").count() == 1


def test_the_page_of_releases_tells_rule_and_approval_and_no_count(programme, snapshot, browse):
    actions.build_report(by=programme.people["trial_manager"], snapshot=snapshot)
    published.progress()
    page = browse("funder").get("/releases/").content.decode()
    assert f"Report {snapshot.name}" in page and "round-5" in page and programme.people["trial_manager"].name in page
    row = Published.objects.get(kind="report")
    told = browse("funder").get(f"/releases/{row.pk}/").json()
    assert told == row.manifest and len(told["files"]) > 5 and "counts" not in json.dumps(told)
    assert browse("coordinator").get("/releases/").status_code == 403
    assert browse("funder").get(f"/releases/{row.pk + 99}/").status_code == 404
