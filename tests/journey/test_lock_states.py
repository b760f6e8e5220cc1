"""Whatever anybody tries, in whatever order: a lock that has got somewhere has taken every step before it."""

from __future__ import annotations

import itertools
import json
from datetime import date

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from attunement import report
from attunement.journey.oversight import actions, lock_actions, stepping
from attunement.journey.oversight.models import Lock, Snapshot
from attunement.journey.trail import clock
from attunement.journey.trail.errors import NotAllowed, Refused
from attunement.journey.trail.models import Entry
from tests.journey.lock_cast import MINUTES, ORDER

ROLES = ["trial_manager", "trial_statistician", "monitoring_statistician", "funder"]
TRIES = {
    "cut": lambda by, lock: lock_actions.cut(by=by, lock=lock, on=clock.today()),
    "queries": lambda by, lock: lock_actions.close_queries(by=by, lock=lock),
    "review": lambda by, lock: lock_actions.hold_blind_review(by=by, lock=lock, **MINUTES),
    "frozen": lambda by, lock: lock_actions.freeze(by=by, lock=lock),
    "key": lambda by, lock: actions.release(by=by, snapshot=snapshot_of(lock)),
    "run": lambda by, lock: lock_actions.run(by=by, lock=lock),
    "results": lambda by, lock: lock_actions.store_results(by=by, lock=lock),
    "report": lambda by, lock: actions.build_report(by=by, snapshot=snapshot_of(lock)),
    "rerun": lambda by, lock: lock_actions.rerun(by=by, lock=lock),
    "draft": lambda by, lock: lock_actions.draft(by=by, lock=lock),
    "reviewed": lambda by, lock: lock_actions.review_draft(by=by, lock=lock, outcome="Read."),
    "final": lambda by, lock: lock_actions.finish(by=by, lock=lock),
}
BACK = {("review", "queries"), ("draft", "draft"), ("reviewed", "draft")}


def snapshot_of(lock):
    return Lock.objects.get(pk=lock.pk).snapshot or Snapshot.objects.get(pk=0)


def quick(snapshot, to, **_how):
    to.mkdir(parents=True, exist_ok=True)
    (to / "results.json").write_text(json.dumps({"numbers": {"n": {"value": 4, "text": "4"}}}))
    (to / "report.html").write_text("<h1>A report</h1>")


class Trying(RuleBasedStateMachine):
    """Anybody tries anything; `likely` is the step that is due, so that the far end is reached too."""

    people: dict = {}

    def __init__(self) -> None:
        super().__init__()
        self.clean()  # files outlive the transactions of other tests
        self.mark = transaction.savepoint()
        actions.lock_plan(by=self.people["trial_manager"])
        self.lock = lock_actions.begin(by=self.people["trial_manager"])
        self.reports = actions.settings.PLACE.root / "reports"

    def attempt(self, code, role):
        before = [one.code for one in self.lock.steps.all()]
        try:
            with transaction.atomic():
                TRIES[code](self.people[role], self.lock)
        except (Refused, NotAllowed, Snapshot.DoesNotExist):
            assert [one.code for one in self.lock.steps.all()] == before, "a refused step leaves nothing behind"

    @rule(code=st.sampled_from(sorted(TRIES)), role=st.sampled_from(ROLES))
    def anything(self, code, role):
        self.attempt(code, role)

    @rule(role=st.sampled_from(ROLES))
    def what_is_due(self, role):
        last = self.lock.last.code
        self.attempt(ORDER[min(ORDER.index(last) + 1, len(ORDER) - 1)], role)

    @invariant()
    def no_step_was_skipped(self):
        codes = [one.code for one in self.lock.steps.all()]
        for one, other in itertools.pairwise(codes):
            assert ORDER.index(other) == ORDER.index(one) + 1 or (one, other) in BACK
        assert codes[0] == "plan" and set(codes) == set(ORDER[: max(map(ORDER.index, codes)) + 1])
        told = Entry.objects.filter(verb__startswith="oversight.lock_", what__contains=f'"lock":{self.lock.pk},')
        assert [verb.removeprefix("oversight.lock_") for verb in told.values_list("verb", flat=True)] == codes
        assert stepping.broken(self.lock) == ""

    @invariant()
    def no_key_and_no_report_before_its_time(self):
        codes, frozen = {one.code for one in self.lock.steps.all()}, Lock.objects.get(pk=self.lock.pk).snapshot
        assert (frozen is not None) == ("frozen" in codes)
        if frozen is not None:
            assert (frozen.path / "arm_key").exists() == ("key" in codes)
            assert frozen.releases.count() in ((2,) if "key" in codes else (0, 1))
            assert "report" in codes or not (self.reports / f"{frozen.name}-released").exists()

    def teardown(self) -> None:
        transaction.savepoint_rollback(self.mark)
        self.clean()

    def clean(self) -> None:
        for folder in ("snapshots", "reports", "locks"):
            actions.shutil.rmtree(actions.settings.PLACE.root / folder, ignore_errors=True)


@pytest.mark.django_db
def test_no_path_skips_a_step(programme, monkeypatch):
    for _family in range(2):
        programme.allocated()
    monkeypatch.setattr(report, "build", quick)
    Trying.people = programme.people
    with clock.at(clock.local(date(2022, 8, 31))):
        run_state_machine_as_test(Trying, settings=settings(
            max_examples=8, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)))
