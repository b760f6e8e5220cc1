"""The review point, the plan lock, the snapshot, the release of the arm key by two people, the report."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from attunement import __version__, report
from attunement.journey.oversight import freezing, lock_policies, pack, policies, queries, stepping
from attunement.journey.oversight.models import Edition, PlanLock, Release, Review, Signature, Snapshot
from attunement.journey.oversight.stepping import take
from attunement.journey.people.models import Person
from attunement.journey.people.permissions import need
from attunement.journey.people.roles import ROLES
from attunement.journey.trail import clock, keys, versions
from attunement.journey.trail.actions import action, adopt_study, record
from attunement.journey.trail.errors import Refused
from attunement.journey.trail.models import StudyVersion
from attunement.report.manifest import KEY_FILE, Meta, seal_manifest, sha256
from attunement.report.snapshot import write_part

SEALING_KEY = "arm_key"


@action
def hold_review(*, by: Person, decision: str, reasons: str) -> Review:
    """Holds the review point: figures and pack are frozen with the decision and its reasons, and `by` signs first."""
    need(by, "oversight.review")
    policies.review_due()
    if not reasons.strip():
        raise Refused("Write down the reasons for the decision.")
    if decision not in dict(Review._meta.get_field("decision").choices or []):
        raise Refused("Choose the decision.")
    content, sha = pack.made()
    made = Review.objects.create(held_on=clock.today(), figures=queries.criteria(), decision=decision,
                                 reasons=reasons.strip(), by=by, pack=content, pack_sha256=sha)
    record(by=by, verb="oversight.review_held", review=made.pk, decision=decision, pack=sha)
    sign_review(by=by, review=made)
    return made


@action
def sign_review(*, by: Person, review: Review) -> Signature:
    """A named person signs the decision and the pack that it rests on. It holds once two have signed; more may."""
    need(by, "oversight.sign")
    review = Review.objects.select_for_update().get(pk=review.pk)
    policies.can_sign(by, review)
    pack.stored(review)
    role = next(ROLES[held.role].title for held in by.held if "oversight.sign" in ROLES[held.role].rights)
    made = Signature.objects.create(review=review, by=by, name=by.name, role=role, at=clock.now())
    record(by=by, verb="oversight.review_signed", review=review.pk, pack=review.pack_sha256,
           persons=review.signatures.count())
    return made


@action
def amend(*, by: Person, text: str, reason: str, approved_by: str, holds_from: date,
          carries_out_review: bool = False) -> StudyVersion:
    """Amends the study; the amendment that a signed review point decided on is tied to it."""
    need(by, "study.amend")
    review = policies.waits_for_amendment()
    if carries_out_review and review is None:
        raise Refused("No signed decision of the review point waits for an amendment.")
    version = adopt_study(by=by, text=text, reason=reason, approved_by=approved_by, holds_from=holds_from)
    if carries_out_review and review is not None:
        Review.objects.filter(pk=review.pk).update(led_to=version.number)
        record(by=by, verb="oversight.review_carried_out", review=review.pk, number=version.number)
    return version


@action
def lock_plan(*, by: Person) -> PlanLock:
    """Registers the plans of impact, process and cost as the study version that holds now has them."""
    need(by, "oversight.lock")
    version, study = versions.latest_number(), versions.current()
    if PlanLock.objects.filter(study_version=version).exists():
        raise Refused("The analysis plan of this study version is locked already.")
    lock_policies.plan_may_be_registered()
    made = PlanLock.objects.create(study_version=version, sha256=policies.plan_hash(study),
                                   parts=policies.other_plans(study), by=by, at=clock.now())
    record(by=by, verb="oversight.plan_locked", sha256=made.sha256, **made.parts)
    return made


@action
def take_snapshot(*, by: Person) -> Snapshot:
    """Freezes what is known today, to try the report on: its arm key stays sealed, for it is in no lock."""
    need(by, "oversight.lock")
    return frozen(by=by, day=clock.today())


def frozen(*, by: Person, day: date, hold: Callable[[Path], None] | None = None) -> Snapshot:
    """What was known by the end of `day` as Parquet files under a manifest; the arm key is sealed apart. `hold` may refuse
    the files before they count. Called within an action's transaction."""
    version = versions.latest_number()
    name = f"{day.isoformat()}-{Snapshot.objects.filter(known_on=day).count() + 1}"
    folder = settings.PLACE.folder("snapshots") / name
    partial = folder.with_name(f"{name}.part")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(mode=0o700)
    try:
        manifest = _write(partial, day, version)
        if hold is not None:
            hold(partial)
        snapshot = Snapshot.objects.create(name=name, known_on=day, manifest_sha256=manifest, taken_by=by,
                                           taken_at=clock.now(), study_version=version)
        record(by=by, verb="oversight.snapshot_taken", snapshot=name, manifest=manifest)
        shutil.rmtree(folder, ignore_errors=True)
        partial.replace(folder)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    return snapshot


def _write(folder: Path, day: date, version: int) -> str:
    study, text = versions.current(), versions.StudyVersion.objects.get(number=version).text
    (folder / "study.toml").write_text(text, encoding="utf-8")
    for name, frame in freezing.frames(study, cut_on=day).items():
        write_part(folder, name, frame)
    key = folder / KEY_FILE
    meta = Meta(study_version=str(version), known_on=day, software=f"Attunement {__version__}",
                sites=tuple(site.code for site in study.sites), demonstration=settings.DEMONSTRATION,
                key_sha256=sha256(key))
    nonce = os.urandom(12)
    seal_manifest(folder, meta)
    sealed = nonce + AESGCM(_sealing_key()).encrypt(nonce, key.read_bytes(), b"arm key")
    target = settings.PLACE.folder("keys") / f"arms-{sha256(key)}.sealed"
    target.write_bytes(sealed)
    target.chmod(0o600)
    shutil.rmtree(key.parent)
    return sha256(folder / "manifest.json")


def _sealing_key() -> bytes:
    return keys.at_first_use(SEALING_KEY, first=not Snapshot.objects.exists())


@action
def release(*, by: Person, snapshot: Snapshot) -> bool:
    """One of two people releases the arm key of a snapshot that a lock has frozen; at the second it joins the snapshot."""
    need(by, "oversight.release")
    snapshot = Snapshot.objects.select_for_update().get(pk=snapshot.pk)
    lock = lock_policies.waits_for_its_key(snapshot)
    if policies.is_released(snapshot):
        raise Refused("The arm key of this snapshot has been released.")
    if snapshot.releases.filter(by=by).exists():
        raise Refused("You have released it. A second person must do so too.")
    Release.objects.create(snapshot=snapshot, by=by, at=clock.now())
    record(by=by, verb="oversight.key_released", snapshot=snapshot.name, persons=snapshot.releases.count())
    if not policies.is_released(snapshot):
        return False
    _unseal(snapshot)
    take(by=by, lock=stepping.due(by=by, lock=lock, code="key"), code="key", acted_on=sha256(snapshot.path / KEY_FILE),
         snapshot=snapshot.name)
    return True


def _unseal(snapshot: Snapshot) -> None:
    wanted = report.Snapshot.open(snapshot.path).manifest.meta.key_sha256
    sealed = (settings.PLACE.folder("keys") / f"arms-{wanted}.sealed").read_bytes()
    key = snapshot.path / KEY_FILE
    key.parent.mkdir(mode=0o700, exist_ok=True)
    partial = key.with_suffix(".part")
    partial.write_bytes(AESGCM(keys.named(SEALING_KEY)).decrypt(sealed[:12], sealed[12:], b"arm key"))
    partial.replace(key)


@action
def build_report(*, by: Person, snapshot: Snapshot) -> Path:
    """Builds the report of a snapshot. Without the arm key it stands on a dummy key, leaves out what would tell, and has
    true counts: only those who run the trial read it. Once released it is that of the lock's run, whose results are
    stored: it has passed the disclosure gate and stands in the register of releases. What the plan lacks that was locked
    before any key was opened is marked post hoc.
    """
    need(by, "oversight.report")
    policies.can_read_report(by, snapshot)
    target = _reports(snapshot)
    plan = policies.registered_plan(snapshot)
    if policies.is_released(snapshot):
        _lay_out_the_run(by, snapshot, target)
    else:
        blind = settings.PLACE.folder("reports") / f"{snapshot.name}.blind"
        try:
            _copy_blind(snapshot, blind)
            report.build(blind, target, plan=plan, not_for_publication=True)
        finally:
            shutil.rmtree(blind, ignore_errors=True)
    record(by=by, verb="oversight.report_built", snapshot=snapshot.name, released=policies.is_released(snapshot))
    return target


def _lay_out_the_run(by: Person, snapshot: Snapshot, target: Path) -> None:
    """The report of the stored results; the first time this is the lock's next step."""
    lock = lock_policies.has_results(snapshot)
    first = lock.last is not None and lock.last.code == "results"
    lock = stepping.due(by=by, lock=lock, code="report") if first else lock
    stored = lock.steps.filter(code="results").latest("number").acted_on
    if sha256(lock.path / "run" / "results.json") != stored:
        raise Refused("The run's results are not those that were stored. Tell the system owner.")
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(lock.path / "run", target)
    if first:
        take(by=by, lock=lock, code="report", acted_on=sha256(target / "report.html"), snapshot=snapshot.name)


def _copy_blind(snapshot: Snapshot, folder: Path) -> None:
    """The blind part under a manifest of its own, so that not even a hash in the report hangs on the arms."""
    shutil.rmtree(folder, ignore_errors=True)
    meta = report.Snapshot.open(snapshot.path).manifest.meta
    shutil.copytree(snapshot.path, folder, ignore=shutil.ignore_patterns("delivery", "arm_key", "manifest.*"))
    seal_manifest(folder, replace(meta, key_sha256=None))


def report_path(snapshot: Snapshot) -> Path:
    """The report's page: the newest edition, or before there is one what was built last; on a dummy key it is elsewhere."""
    edition = Edition.objects.filter(lock__snapshot=snapshot).last() if policies.is_released(snapshot) else None
    return (edition.path if edition else _reports(snapshot)) / "report.html"


def _reports(snapshot: Snapshot) -> Path:
    """A report on a dummy key never stands where the released one will."""
    kind = "released" if policies.is_released(snapshot) else "dummy"
    return settings.PLACE.folder("reports") / f"{snapshot.name}-{kind}"
