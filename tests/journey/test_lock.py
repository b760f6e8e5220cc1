"""The lock: from the registered plan to the final report, each step signed, none skipped."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, transaction

from attunement import report
from attunement.journey.oversight import actions, codebook_actions, interview_actions, lock_actions, stepping
from attunement.journey.oversight.models import Edition, Lock, Snapshot, Step
from attunement.journey.surveys import query_actions
from attunement.journey.trail import clock
from attunement.journey.trail.errors import NotAllowed, Refused
from attunement.journey.trail.models import Entry
from attunement.report import Snapshot as Opened
from tests.journey.lock_cast import MINUTES, ORDER, begun, step, taken_to

DAY = date(2022, 8, 31)


@pytest.fixture
def families(programme):
    for _family in range(4):
        programme.allocated()
    with clock.at(clock.local(DAY)):
        yield programme


@pytest.fixture
def quick(monkeypatch):
    """Reports that cost nothing: what is tried here is the way, not the report."""
    def build(snapshot, to, *, watermark="", **_how):
        to.mkdir(parents=True)
        (to / "results.json").write_text(json.dumps({"numbers": {"n": {"value": 4, "text": "4"}}}))
        (to / "report.html").write_text(f"<h1>A report</h1><p class='watermark'>{watermark}</p><p>4 families</p>")
    monkeypatch.setattr(report, "build", build)


def interviewed(programme):
    """Two families drawn, by the arm too, and one of them interviewed and coded."""
    by = programme.people["process_evaluator"]
    drawn = interview_actions.draw(by=by, size=2, seed=7, quotas=[("site", "A", 1), ("arm", "vig", 1)])
    agreed = interview_actions.agree(by=by, interview=drawn[0], mode="written")
    source = interview_actions.keep(by=by, interview=agreed, text="The film helped us.", names={})
    theme = codebook_actions.add_code(by=by, name="What helped", dimension="quality", why="Made up for the test")
    interview_actions.code(by=by, source=source, code=theme, words="The film helped")


def test_the_whole_way_with_real_reports(families, browse):
    lock = taken_to(families, "rerun")
    interviewed(families)
    step(families, lock, "draft")
    told = json.loads((lock.editions.get().path / "results.json").read_text())
    assert told["interviews_sha256"] and "interviews.held" in told["numbers"], "further numbers, beside the run's own"
    step(families, lock, "reviewed")
    lock.refresh_from_db()
    assert [one.code for one in lock.steps.all()] == ORDER[:-1]
    assert stepping.broken(lock) == ""
    events = Entry.objects.filter(verb__startswith="oversight.lock_").values_list("verb", flat=True)
    assert [verb.removeprefix("oversight.lock_") for verb in events] == ORDER[:-1]
    run = lock.steps.get(code="run")
    assert {"source", "lock_file", "seed", "replicates", "version"} <= run.said.keys() and len(run.said["lock_file"]) == 64
    assert lock.steps.get(code="rerun").acted_on == run.acted_on == lock.steps.get(code="results").acted_on
    edition = browse("funder").get(f"/locks/{lock.pk}/editions/1/").content.decode()
    assert "DRAFT 1" in edition and "DUMMY" not in edition
    assert "DRAFT 1" in browse("funder").get(f"/snapshots/{lock.snapshot.name}/report/").content.decode()
    page = browse("trial_manager").get(f"/locks/{lock.pk}/").content.decode()
    assert "Holds" in page and "Make it final" in page
    with pytest.raises(Refused, match="empty"):
        lock_actions.finish(by=families.people["trial_manager"], lock=lock)
    assert lock.editions.count() == 1


def test_every_step_is_refused_out_of_turn(families, quick):
    lock = begun(families)
    for at, code in enumerate(ORDER[1:], 1):
        for other in ORDER[1:]:
            back = {("review", "queries"), ("draft", "draft"), ("reviewed", "draft")}
            may = other == code or (ORDER[at - 1], other) in back
            if not may and other not in ("key", "report"):
                with pytest.raises(Refused, match="comes after"):
                    step(families, lock, other)
        step(families, lock, code)
    assert [one.code for one in lock.steps.all()] == ORDER and stepping.broken(lock) == ""
    with pytest.raises(Refused, match="comes after"):
        step(families, lock, "draft")


def test_no_plan_no_lock_and_no_plan_once_the_key_was_asked_for(families, quick):
    manager = families.people["trial_manager"]
    with pytest.raises(Refused, match="Lock the analysis plan first"):
        lock_actions.begin(by=manager)
    lock = taken_to(families, "frozen")
    with pytest.raises(Refused, match="is on its way"):
        lock_actions.begin(by=manager)
    actions.release(by=manager, snapshot=lock.snapshot)
    lock.plan.__class__.objects.update(study_version=0)
    with pytest.raises(Refused, match="no further plan is registered"):
        actions.lock_plan(by=manager)


def test_a_snapshot_outside_a_lock_keeps_its_key_sealed(families):
    manager = families.people["trial_manager"]
    taken = actions.take_snapshot(by=manager)
    with pytest.raises(Refused, match="is in no lock"):
        actions.release(by=manager, snapshot=taken)
    assert not (taken.path / "arm_key").exists()


def test_an_open_query_holds_the_lock_up(families, quick):
    from attunement.journey.surveys.models import Questionnaire

    manager = families.people["trial_manager"]
    query = query_actions.ask(by=manager, questionnaire=Questionnaire.objects.filter(state="complete").first(),
                              instrument="demo_warmth", item=1, text="Can this be right?")
    lock = begun(families)
    step(families, lock, "cut")
    with pytest.raises(Refused, match="1 data query is still open"):
        step(families, lock, "queries")
    query_actions.go_on(by=manager, query=query, state="closed", text="It is right.")
    step(families, lock, "queries")


def test_the_blind_review_is_minuted_by_somebody_who_knows_no_arm(families, quick, browse):
    lock = taken_to(families, "queries")
    with pytest.raises(Refused, match="You may see arms"):
        lock_actions.hold_blind_review(by=families.people["monitoring_statistician"], lock=lock, **MINUTES)
    blind = browse("trial_statistician")
    address = f"/locks/{lock.pk}/steps/review/"
    assert blind.post(address, MINUTES | {"coding": " "}).status_code == 422
    assert blind.get(f"/locks/{lock.pk}/scrambled/").status_code == 200
    assert blind.post(address, MINUTES | {"exclusions": "Trial number A999"}).status_code == 302
    kept = lock.steps.get(code="review")
    assert kept.said["exclusions"] == "Trial number A999"
    assert "A999" not in Entry.objects.get(verb="oversight.lock_review").what, "the trail has the hash of the minutes"
    assert browse("coordinator").get(address).status_code == 403


def test_scrambled_groups_rest_on_blind_files_alone(families):
    lock = taken_to(families, "queries")
    assert not (lock.path / "blind" / "delivery").exists() and not (lock.path / "blind" / "arm_key").exists()
    results = json.loads((lock.path / "scrambled" / "results.json").read_text(encoding="utf-8"))
    assert results["arm_key"] == "dummy" and results["withheld"] == ["delivery"]


def test_data_that_changed_after_the_blind_review_are_not_frozen(families, quick):
    lock = taken_to(families, "review")
    with clock.at(clock.local(DAY, 8)):
        families.refer()
    with pytest.raises(Refused, match="changed since the blind review"):
        step(families, lock, "frozen")
    assert not Snapshot.objects.exists() and not list(lock.path.parent.parent.glob("snapshots/*.part"))
    for code in ("queries", "review", "frozen"):
        step(families, lock, code)


def test_what_became_known_after_the_cut_is_not_in_the_snapshot(families, quick):
    lock = begun(families)
    day = clock.today()
    with clock.at(clock.local(day + timedelta(days=9))):
        late = families.allocated()
        lock_actions.cut(by=families.people["trial_manager"], lock=lock, on=day)
        for code in ("queries", "review", "frozen"):
            step(families, lock, code)
    lock.refresh_from_db()
    opened = Opened.open(lock.snapshot.path)
    assert opened.manifest.meta.known_on == day
    for name in ("blind/families", "blind/scores", "blind/answers"):
        assert not [row for row in opened.frame(name).collect()["trial_number"] if row.startswith(late.code)]
    assert opened.frame("blind/families").collect().height == 4


def test_a_data_cut_is_a_day_that_has_come(families):
    lock, manager = begun(families), families.people["trial_manager"]
    for day in (clock.today() + timedelta(days=1), date(2020, 1, 1)):
        with pytest.raises(Refused):
            lock_actions.cut(by=manager, lock=lock, on=day)


def test_whoever_ran_the_analysis_does_not_run_it_again(families, quick):
    lock = taken_to(families, "report")
    with pytest.raises(Refused, match="Another person"):
        lock_actions.rerun(by=families.people["trial_statistician"], lock=lock)
    step(families, lock, "rerun")
    step(families, lock, "draft")
    with pytest.raises(Refused, match="Another person"):
        lock_actions.review_draft(by=families.people["trial_manager"], lock=lock, outcome="Fine")


def test_a_second_run_that_differs_is_refused_with_the_number(families, quick, monkeypatch):
    lock = taken_to(families, "report")

    def other(snapshot, to, **_how):
        to.mkdir(parents=True)
        (to / "results.json").write_text(json.dumps({"numbers": {"n": {"value": 5, "text": "5"}}}))
    monkeypatch.setattr(report, "build", other)
    with pytest.raises(Refused, match=re.escape("n: it was 4, it is 5")):
        step(families, lock, "rerun")
    assert lock.last.code == "report"


@pytest.mark.parametrize("name", ["manifest.json", "blind/scores.parquet", "arm_key/arms.parquet"])
def test_a_snapshot_changed_after_the_release_is_not_run(families, quick, name):
    lock = taken_to(families, "key")
    path = lock.snapshot.path / name
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    with pytest.raises(Refused):
        step(families, lock, "run")
    assert lock.last.code == "key"


def test_a_step_is_never_changed_and_a_forged_one_is_told(families, quick):
    lock = taken_to(families, "cut")
    with pytest.raises(DatabaseError), transaction.atomic():
        Step.objects.filter(lock=lock).update(acted_on="0" * 64)
    Step.objects.create(lock=lock, number=3, code="review", by=families.people["trial_manager"], at=clock.now(),
                        acted_on="0" * 64, before=lock.last.digest, digest="1" * 64, signature="0" * 128)
    assert "Blind review, does not follow" in stepping.broken(lock)


def test_editions_differ_by_their_watermark_alone_or_say_how(families, quick, monkeypatch):
    lock = taken_to(families, "reviewed")
    step(families, lock, "draft")
    assert [one.differences for one in lock.editions.all()] == [[], []]
    step(families, lock, "reviewed")
    final = step(families, lock, "final")
    assert isinstance(final, Edition) and final.state == "final"
    assert "DRAFT" not in (final.path / "report.html").read_text()


@pytest.mark.parametrize("role", ["funder", "process_evaluator", "coordinator", "practitioner", "survey_team"])
def test_nobody_else_takes_a_step(families, quick, role):
    lock, other = begun(families), families.people[role]
    for take in (lambda: lock_actions.begin(by=other), lambda: lock_actions.cut(by=other, lock=lock, on=DAY),
                 lambda: lock_actions.run(by=other, lock=lock)):
        with pytest.raises(NotAllowed):
            take()
    assert Lock.objects.count() == 1


def test_odd_requests_are_answered_in_words(families, quick, browse):
    lock, manager = begun(families), browse("trial_manager")
    for address, status in (("/locks/999/", 404), (f"/locks/{lock.pk}/steps/nothing/", 404),
                            (f"/locks/{lock.pk}/steps/key/", 404), (f"/locks/{lock.pk}/steps/queries/", 405),
                            (f"/locks/{lock.pk}/editions/7/", 404), (f"/locks/{lock.pk}/scrambled/", 404)):
        assert manager.get(address).status_code == status, address
    for day in ("", "yesterday", "2022-13-40", "9999-12-31", "2022-08-31\0"):
        assert manager.post(f"/locks/{lock.pk}/steps/cut/", {"on": day}).status_code == 422, day
    answer = manager.post(f"/locks/{lock.pk}/steps/run/", follow=True).content.decode()
    assert "comes after" in answer and lock.last.code == "plan"
