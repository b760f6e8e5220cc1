"""The steps of a lock, each by whoever takes it: what it acts on is hashed, and the step is signed into the trail."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings

from attunement import report
from attunement.impact import plan_of
from attunement.journey.oversight import actions, copies, interview_queries, lock_policies, releasing
from attunement.journey.oversight.interview_actions import refusing
from attunement.journey.oversight.models import Edition, Lock, Snapshot, Step
from attunement.journey.oversight.stepping import due, sha256_of, take
from attunement.journey.people.models import Person
from attunement.journey.people.permissions import need
from attunement.journey.trail import clock, versions
from attunement.journey.trail.actions import action
from attunement.journey.trail.errors import Refused
from attunement.process.interviews import Told
from attunement.report.manifest import sha256

MINUTES = ("exclusions", "coding", "missingness")


@action
def begin(*, by: Person) -> Lock:
    """Begins a lock on the plan that is registered."""
    need(by, "oversight.lock")
    plan = lock_policies.registered()
    lock_policies.only_one_open()
    made = Lock.objects.create(plan=plan)
    take(by=by, lock=made, code="plan", acted_on=plan.sha256, version=plan.study_version,
         registered=plan.at.date().isoformat(), **plan.parts)
    return made


@action
def cut(*, by: Person, lock: Lock, on: date) -> Step:
    """Sets the day of the data cut: what became known later enters no analysis."""
    lock = due(by=by, lock=lock, code="cut")
    lock_policies.cut_day(lock, on)
    lock.cut_on = on
    lock.save(update_fields=["cut_on"])
    return take(by=by, lock=lock, code="cut", acted_on=sha256_of([lock.plan.sha256, on.isoformat()]), on=on.isoformat())


@action
def close_queries(*, by: Person, lock: Lock) -> Step:
    """Once no value is in question: a blind copy of the data as of the cut, and the report of it on scrambled groups."""
    lock = due(by=by, lock=lock, code="queries")
    assert lock.cut_on is not None
    lock_policies.queries_are_closed(lock.cut_on)
    return take(by=by, lock=lock, code="queries", acted_on=copies.blind(lock))


@action
def hold_blind_review(*, by: Person, lock: Lock, exclusions: str, coding: str, missingness: str) -> Step:
    """Decides exclusions, coding and missing values on the scrambled groups, and minutes them."""
    lock = due(by=by, lock=lock, code="review")
    lock_policies.does_not_know_arms(by)
    minutes = {name: text.strip() for name, text in zip(MINUTES, (exclusions, coding, missingness), strict=True)}
    if not all(minutes.values()):
        raise Refused("Write down what was decided on each: exclusions, coding, and missing values. “None” is a decision.")
    return take(by=by, lock=lock, code="review", acted_on=copies.blind_hash(lock), kept=minutes)


@action
def freeze(*, by: Person, lock: Lock) -> Snapshot:
    """Freezes the snapshot as of the cut; refused when the blind data are not those that were reviewed."""
    lock = due(by=by, lock=lock, code="frozen")
    assert lock.cut_on is not None
    made = actions.frozen(by=by, day=lock.cut_on, hold=lambda folder: copies.hold_to_review(lock, folder))
    lock.snapshot = made
    lock.save(update_fields=["snapshot"])
    take(by=by, lock=lock, code="frozen", acted_on=made.manifest_sha256, snapshot=made.name)
    return made


@action
def run(*, by: Person, lock: Lock) -> Step:
    """Runs the registered plan; code, locked packages and seeds are written down with the hash of the results."""
    lock = due(by=by, lock=lock, code="run")
    made = _run(by, lock, "run")
    return take(by=by, lock=lock, code="run", acted_on=sha256(made / "results.json"), **report.provenance())


@action
def store_results(*, by: Person, lock: Lock) -> Step:
    """Keeps the results under their own hash, where nothing is ever written over."""
    lock = due(by=by, lock=lock, code="results")
    made = lock.path / "run" / "results.json"
    digest = _as_taken(lock, "run", made)
    stored = settings.PLACE.folder("results") / f"{digest}.json"
    if not stored.exists():
        partial = stored.with_suffix(".part")
        shutil.copyfile(made, partial)
        partial.replace(stored)
    return take(by=by, lock=lock, code="results", acted_on=digest)


@action
def rerun(*, by: Person, lock: Lock) -> Step:
    """Another person runs the same snapshot; refused unless every id and value is the same."""
    lock = due(by=by, lock=lock, code="rerun")
    lock_policies.another_than(by, lock, "run", "ran the analysis")
    again = _run(by, lock, "rerun")
    stored = settings.PLACE.folder("results") / f"{_taken(lock, 'results').acted_on}.json"
    if not stored.is_file() or sha256(stored) != stored.stem:
        raise Refused("The stored results are not what they were. Tell the system owner.")
    lock_policies.same(report.differing_numbers(stored, again / "results.json"), "The second run differs from the first")
    return take(by=by, lock=lock, code="rerun", acted_on=sha256(again / "results.json"), **report.provenance())


@action
def draft(*, by: Person, lock: Lock, authors: str = "") -> Edition:
    """Issues a draft with the authors' texts, under its watermark, and says what changed since the edition before."""
    lock = due(by=by, lock=lock, code="draft")
    made = _edition(by, lock, "draft", authors)
    take(by=by, lock=lock, code="draft", acted_on=made.report_sha256, edition=made.number, changed=len(made.differences))
    return made


@action
def review_draft(*, by: Person, lock: Lock, outcome: str) -> Step:
    """Somebody else than the one who issued the draft says what came of reading it."""
    lock = due(by=by, lock=lock, code="reviewed")
    lock_policies.another_than(by, lock, "draft", "issued this draft")
    if not outcome.strip():
        raise Refused("Write down what came of the review.")
    newest = lock.editions.last()
    assert newest is not None
    return take(by=by, lock=lock, code="reviewed", acted_on=_as_taken(lock, "draft", newest.path / "report.html"),
                kept={"outcome": outcome.strip()}, edition=newest.number)


@action
def finish(*, by: Person, lock: Lock) -> Edition:
    """Makes the reviewed draft final: without the watermark, and with nothing else changed."""
    lock = due(by=by, lock=lock, code="final")
    reviewed = lock.editions.last()
    assert reviewed is not None
    made = _edition(by, lock, "final", reviewed.authors)
    lock_policies.same(tuple(made.differences), "The final report would differ from the draft that was reviewed")
    take(by=by, lock=lock, code="final", acted_on=made.report_sha256, edition=made.number)
    return made


def _run(by: Person, lock: Lock, name: str) -> Path:
    """The registered plan on the frozen snapshot, in a folder of the lock's own."""
    assert lock.snapshot is not None
    target = lock.path / name
    shutil.rmtree(target, ignore_errors=True)
    copies.hold_manifest(lock.snapshot)
    plan = plan_of(versions.numbered(lock.plan.study_version))
    try:
        report.build(lock.snapshot.path, target, plan=plan, **_released(by, lock.snapshot))
    except report.ReportError as fault:
        raise Refused(str(fault)) from None
    return target


def _released(by: Person, snapshot: Snapshot, edition: str = "") -> dict[str, Any]:
    """What leaves is held to all that has left before, and enters the register of releases; the same again is not new.
    An edition has its authors' texts and watermark too, so it is a release of its own."""
    register = releasing.register()
    return {"register": register, "approval": releasing.approval(snapshot),
            "enter": releasing.entering(by, f"{snapshot.name}{edition}", register)}


def _edition(by: Person, lock: Lock, state: str, authors: str) -> Edition:
    assert lock.snapshot is not None
    before, number = lock.editions.last(), lock.editions.count() + 1
    made = Edition(lock=lock, number=number, state=state, authors=authors, by=by, at=clock.now())
    shutil.rmtree(made.path, ignore_errors=True)
    copies.hold_manifest(lock.snapshot)
    plan = plan_of(versions.numbered(lock.plan.study_version))
    try:
        report.build(lock.snapshot.path, made.path, plan=plan, final=state == "final", authors=_written(made),
                     quotes=interview_queries.bank(), interviews=interviewed(lock.snapshot),
                     watermark=f"DRAFT {number}" if state == "draft" else "",
                     **_released(by, lock.snapshot, f", {state} {number}"))
    except report.ReportError as fault:
        raise Refused(str(fault)) from None
    stored = settings.PLACE.folder("results") / f"{_taken(lock, 'results').acted_on}.json"
    lock_policies.same(report.differing_numbers(stored, made.path / "results.json", further=True),
                       "The report differs from the stored results")
    made.report_sha256 = sha256(made.path / "report.html")
    made.differences = list(report.compare(before.path, made.path)) if before else []
    made.save()
    return made


def interviewed(snapshot: Snapshot) -> Told | None:
    """What the interviews brought, with the arms of the released key."""
    with refusing():
        key = report.Snapshot.open(snapshot.path).frame("arm_key/arms").select("family", "arm").collect()
        return interview_queries.told(dict(key.iter_rows()))


def _written(edition: Edition) -> Path | None:
    """The authors' texts as the file that the report takes."""
    if not edition.authors.strip():
        return None
    path = edition.lock.path / f"authors-{edition.number}.toml"
    path.write_text(edition.authors, encoding="utf-8")
    return path


def _taken(lock: Lock, code: str) -> Step:
    return lock.steps.filter(code=code).latest("number")


def _as_taken(lock: Lock, code: str, path: Path) -> str:
    """The file's hash, which must be the one that the step was signed for."""
    found = sha256(path) if path.is_file() else ""
    if found != _taken(lock, code).acted_on:
        raise Refused("A file of this lock is not what it was when its step was signed. Tell the system owner.")
    return found
