"""A lock taken as far as a test needs, each step by whoever takes it in life."""

from __future__ import annotations

import shutil

from django.conf import settings

from attunement.journey.oversight import actions, lock_actions
from attunement.journey.oversight.models import Lock, PlanLock
from attunement.journey.oversight.steps import KINDS
from attunement.journey.trail import clock

ORDER = ["plan", "cut", "queries", "review", "frozen", "key", "run", "results", "report", "rerun", "draft", "reviewed",
         "final"]
MINUTES = dict.fromkeys(("exclusions", "coding", "missingness"), "As planned.")


def begun(programme) -> Lock:
    manager = programme.people["trial_manager"]
    if not Lock.objects.exists():  # what an earlier test's database forgot still lies in the folders
        for folder in ("snapshots", "reports", "locks"):
            shutil.rmtree(settings.PLACE.root / folder, ignore_errors=True)
    if not PlanLock.objects.exists():
        actions.lock_plan(by=manager)
    return lock_actions.begin(by=manager)


def step(programme, lock: Lock, code: str) -> object:
    """One step, by the right person; the key by both."""
    people = programme.people
    manager, blind, monitor = (people[key] for key in ("trial_manager", "trial_statistician", "monitoring_statistician"))
    if code in ("key", "report"):
        lock.refresh_from_db()
    return {
        "cut": lambda: lock_actions.cut(by=manager, lock=lock, on=clock.today()),
        "queries": lambda: lock_actions.close_queries(by=manager, lock=lock),
        "review": lambda: lock_actions.hold_blind_review(by=blind, lock=lock, **MINUTES),
        "frozen": lambda: lock_actions.freeze(by=manager, lock=lock),
        "key": lambda: [actions.release(by=one, snapshot=lock.snapshot) for one in (manager, monitor)],
        "run": lambda: lock_actions.run(by=blind, lock=lock),
        "results": lambda: lock_actions.store_results(by=manager, lock=lock),
        "report": lambda: actions.build_report(by=manager, snapshot=lock.snapshot),
        "rerun": lambda: lock_actions.rerun(by=monitor, lock=lock),
        "draft": lambda: lock_actions.draft(by=manager, lock=lock),
        "reviewed": lambda: lock_actions.review_draft(by=blind, lock=lock, outcome="Read from end to end."),
        "final": lambda: lock_actions.finish(by=manager, lock=lock),
    }[code]()


def taken_to(programme, last: str) -> Lock:
    """A lock whose last step is `last`."""
    assert set(ORDER) == set(KINDS)
    lock = begun(programme)
    for code in ORDER[1: ORDER.index(last) + 1]:
        step(programme, lock, code)
    lock.refresh_from_db()
    return lock
