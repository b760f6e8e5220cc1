"""May the review be held, the arm key be released, or the report be read, now?"""

from __future__ import annotations

import hashlib
import json

from attunement.journey.oversight.models import PlanLock, Review, Snapshot
from attunement.journey.people.models import Person
from attunement.journey.trail import clock, versions
from attunement.journey.trail.errors import NotAllowed, Refused
from attunement.study import Study


def plan_hash(study: Study) -> str:
    """The analysis plan's hash: the estimands, in the study file's order."""
    plan = [estimand.model_dump(mode="json") for estimand in study.estimands]
    return hashlib.sha256(json.dumps(plan, sort_keys=True).encode()).hexdigest()


def review_due() -> None:
    due = versions.current().review_point.on
    if clock.today() < due.replace(day=1):
        raise Refused(f"The review point is on {due:%-d %B %Y}. It cannot be held before that month.")
    if Review.objects.exists():
        raise Refused("The review point has been held.")


def plan_is_locked(snapshot: Snapshot) -> None:
    study = versions.numbered(snapshot.study_version)
    if not PlanLock.objects.filter(sha256=plan_hash(study)).exists():
        raise Refused("Lock the analysis plan first. The arm key is released after that.")


def is_released(snapshot: Snapshot) -> bool:
    return snapshot.releases.count() >= 2


def can_read_report(person: Person, snapshot: Snapshot) -> None:
    """Before the release only those who run the trial read a report, which stands on a dummy key."""
    if not is_released(snapshot) and not person.may("oversight.lock") and not person.holds("trial_statistician"):
        raise NotAllowed("The report can be read once the arm key has been released.")
