"""May the review be held or signed, an entry be made, the arm key be released, or the report be read, now?"""

from __future__ import annotations

import hashlib
import json

from attunement.impact import Plan, plan_of
from attunement.journey.oversight.models import PlanLock, Review, Snapshot
from attunement.journey.people.models import Person
from attunement.journey.trail import clock, versions
from attunement.journey.trail.errors import NotAllowed, Refused
from attunement.study import Study
from attunement.study.schema import Register

SIGNATORIES = 2


def plan_hash(study: Study) -> str:
    """The analysis plan's hash: the estimands, in the study file's order."""
    plan = [estimand.model_dump(mode="json") for estimand in study.estimands]
    return hashlib.sha256(json.dumps(plan, sort_keys=True).encode()).hexdigest()


def other_plans(study: Study) -> dict[str, str]:
    """The hashes of what the study file plans for process (delivery, training, help) and for cost."""
    told = study.model_dump(mode="json")
    planned = {"process": {name: told[name] for name in ("delivery", "review_point") if name in told},
               "cost": {name: told[name] for name in ("costs",) if name in told}}
    return {name: hashlib.sha256(json.dumps(plan, sort_keys=True).encode()).hexdigest() for name, plan in planned.items()}


def review_due() -> None:
    due = versions.current().review_point.on
    if clock.today() < due.replace(day=1):
        raise Refused(f"The review point is on {due:%-d %B %Y}. It cannot be held before that month.")
    if Review.objects.exists():
        raise Refused("The review point has been held.")


def can_sign(person: Person, review: Review) -> None:
    if review.signatures.filter(by=person).exists():
        raise Refused("You have signed this decision.")


def is_signed(review: Review) -> bool:
    """By as many named people as a decision needs."""
    return review.signatures.count() >= SIGNATORIES


def waits_for_amendment() -> Review | None:
    """The review whose decision is signed, asks for an amendment, and has not led to one yet."""
    review = Review.objects.filter(decision="amend", led_to=None).first()
    return review if review is not None and is_signed(review) else None


def registers_for(person: Person) -> list[Register]:
    """The registers of the study in which this person may make an entry."""
    return [register for register in versions.current().registers
            if any(person.holds(role) for role in register.opened_by)]


def register_of(person: Person, code: str) -> Register:
    found = next((register for register in registers_for(person) if register.code == code), None)
    if found is None:
        raise NotAllowed("Your role makes no entries in this register. Ask your trial manager to make it.")
    return found


def registered_plan(snapshot: Snapshot) -> Plan | None:
    """The plan locked last, of the snapshot's study version or an earlier one, before any arm key was opened; None while
    there is none. What it lacks is post hoc."""
    second = [one.releases.order_by("id")[1].at for one in Snapshot.objects.all() if is_released(one)]
    locks = PlanLock.objects.filter(study_version__lte=snapshot.study_version)
    if second:
        locks = locks.filter(at__lte=min(second))
    last = locks.order_by("study_version").last()
    return None if last is None else plan_of(versions.numbered(last.study_version))


def is_released(snapshot: Snapshot) -> bool:
    return snapshot.releases.count() >= 2


def can_read_report(person: Person, snapshot: Snapshot) -> None:
    """Before the release only those who run the trial read a report, which stands on a dummy key."""
    if not is_released(snapshot) and not person.may("oversight.lock") and not person.holds("trial_statistician"):
        raise NotAllowed("The report can be read once the arm key has been released.")
