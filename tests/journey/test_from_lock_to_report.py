"""The review point, the plan lock, the snapshot, the release by two people, the report."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta

import pytest

from attunement.journey.oversight import actions
from attunement.journey.oversight.models import Review
from attunement.journey.trail import clock
from attunement.journey.trail.errors import NotAllowed, Refused
from attunement.report import ReportError, Snapshot
from tests.journey.lock_cast import step, taken_to


@pytest.fixture
def taken(programme):
    for _family in range(4):
        programme.allocated()
    with clock.at(clock.local(date(2022, 8, 31))):
        yield actions.take_snapshot(by=programme.people["trial_manager"])


def test_the_arm_key_needs_a_frozen_snapshot_and_two_people(programme, taken):
    manager, statistician = programme.people["trial_manager"], programme.people["monitoring_statistician"]
    with pytest.raises(Refused, match="Lock the analysis plan"):
        actions.release(by=manager, snapshot=taken)
    frozen = taken_to(programme, "frozen").snapshot
    assert actions.release(by=manager, snapshot=frozen) is False
    assert not (frozen.path / "arm_key").exists()
    with pytest.raises(Refused, match="second person"):
        actions.release(by=manager, snapshot=frozen)
    assert actions.release(by=statistician, snapshot=frozen) is True
    assert Snapshot.open(frozen.path).key is not None
    with pytest.raises(Refused, match="has been released"):
        actions.release(by=statistician, snapshot=frozen)


@pytest.mark.parametrize("role", ["funder", "coordinator", "survey_team", "trial_statistician", "practitioner"])
def test_nobody_else_releases_the_key(programme, taken, role):
    with pytest.raises(NotAllowed):
        actions.release(by=programme.people[role], snapshot=taken)


def test_before_the_release_the_report_stands_on_a_dummy_key_and_says_so(programme, taken):
    folder = actions.build_report(by=programme.people["trial_statistician"], snapshot=taken)
    results = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    assert results["arm_key"] == "dummy"
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "DUMMY" in page.upper() and "withheld" in page


def test_the_funder_reads_the_report_only_once_it_is_released(programme, taken, browse):
    manager = programme.people["trial_manager"]
    actions.build_report(by=manager, snapshot=taken)
    assert browse("funder").get(f"/snapshots/{taken.name}/report/").status_code == 403
    lock = taken_to(programme, "frozen")
    address = f"/snapshots/{lock.snapshot.name}/report/"
    actions.build_report(by=manager, snapshot=lock.snapshot)
    step(programme, lock, "key")
    assert browse("funder").get(address).status_code == 404, "a report on the dummy key is never shown as the released one"
    with pytest.raises(Refused, match="results are stored first"):
        actions.build_report(by=manager, snapshot=lock.snapshot)
    for code in ("run", "results", "report"):
        step(programme, lock, code)
    answer = browse("funder").get(address)
    assert answer.status_code == 200 and b"<table" in answer.content
    assert "script" not in answer.headers["Content-Security-Policy"]


def test_a_changed_byte_in_a_snapshot_is_refused(programme, taken):
    path = taken.path / "blind" / "scores.parquet"
    content = bytearray(path.read_bytes())
    content[-9] ^= 1
    path.write_bytes(content)
    with pytest.raises(ReportError):
        actions.build_report(by=programme.people["trial_manager"], snapshot=taken)


def test_no_name_or_contact_is_in_any_file_of_a_snapshot(programme, taken):
    everything = b"".join(path.read_bytes() for path in taken.path.rglob("*") if path.is_file())
    for word in (b"Zebedee", b"Quill", b"07700", b"quill@"):
        assert word not in everything


def test_the_review_point_is_held_once_in_its_month_with_reasons(programme, browse):
    programme.refer()
    manager = programme.people["trial_manager"]
    with pytest.raises(Refused, match="before that month"):
        actions.hold_review(by=manager, decision="go_on", reasons="fine")
    with clock.at(clock.local(date(2021, 9, 15))):
        assert browse("trial_manager").post("/review/", {"decision": "go_on", "reasons": ""}).status_code == 422
        assert browse("trial_manager").post("/review/", {"decision": "go_on", "reasons": "On course"}).status_code == 302
        held = Review.objects.get()
        assert {line["code"] for line in held.figures} >= {"recruitment", "consent", "help"}
        with pytest.raises(Refused, match="has been held"):
            actions.hold_review(by=manager, decision="stop", reasons="again")


def test_progress_counts_every_step_and_names_no_arm(programme, browse):
    programme.refer()
    programme.consented()
    programme.allocated()
    with clock.at(clock.now() + timedelta(days=20)):
        page = browse("trial_manager").get("/progress/").content.decode()
    for word in ("vig", "usual_care", "Usual care"):
        assert word not in page
    row = page[page.index("All sites"):]
    assert re.findall(r">(\d+)</td>", row)[:6] == ["252", "3", "3", "2", "1", "1"]
